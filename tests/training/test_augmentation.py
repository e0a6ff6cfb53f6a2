"""Random geometry moves film, label and values together."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sagittal.anatomy.definitions import default_definitions
from sagittal.training.augmentation import RandomFilmAffined, RandomShadingd
from torch import Tensor

SIZE = 128
NAMES = default_definitions().value_branch


def film() -> dict[str, Tensor]:
    """A bright bar, 24 degrees off the horizontal, label 1 where it is."""
    rows, columns = torch.meshgrid(torch.arange(SIZE) - 64.0, torch.arange(SIZE) - 64.0, indexing="ij")
    angle = math.radians(24)
    along = columns * math.cos(angle) - rows * math.sin(angle)
    across = columns * math.sin(angle) + rows * math.cos(angle)
    bar = ((along.abs() < 36) & (across.abs() < 7))[None]
    return {"image": bar.float(), "label": bar.to(torch.uint8), "values": torch.arange(len(NAMES)) + 1.0}


def direction(mask: Tensor) -> float:
    """Angle of a bar to the horizontal in degrees, anticlockwise."""
    rows, columns = np.nonzero(mask[0].numpy() > 0)
    _, vectors = np.linalg.eigh(np.cov(columns, -rows))
    return math.degrees(math.atan2(vectors[1, 1], vectors[0, 1])) % 180


def moved(seed: int, **settings: object) -> tuple[dict[str, Tensor], RandomFilmAffined]:
    transform = RandomFilmAffined(**settings)  # type: ignore[arg-type]
    transform.set_random_state(seed)
    return transform(film()), transform  # type: ignore[return-value]


@pytest.mark.parametrize("seed", range(5))
def test_film_and_label_stay_on_each_other(seed: int) -> None:
    out, _ = moved(seed, rotate=20.0, scale=(0.8, 1.3), shear=0.1, translate=0.1)
    image, label = out["image"] > 0.5, out["label"] == 1
    assert label.sum() > 500
    assert 2 * (image & label).sum() / (image.sum() + label.sum()) > 0.98
    assert out["label"].dtype == torch.uint8


@pytest.mark.parametrize("seed", range(5))
def test_scale_and_shift_keep_angles_and_values_and_a_flip_mirrors_them(seed: int) -> None:
    for flip, expected in ((0.0, 24.0), (1.0, 156.0)):
        out, _ = moved(seed, scale=(0.8, 1.3), translate=0.05, flip=flip)
        assert direction(out["label"]) == pytest.approx(expected, abs=0.7)
        assert torch.equal(out["values"], film()["values"])


@pytest.mark.parametrize("seed", range(5))
def test_rotation_turns_by_its_angle_and_hides_ss_and_pt_alone(seed: int) -> None:
    out, transform = moved(seed, rotate=20.0, flip=0.0)
    assert direction(out["label"]) == pytest.approx(24 + transform.angle, abs=0.7)
    hidden = {name for name, value in zip(NAMES, out["values"].tolist(), strict=True) if math.isnan(value)}
    assert hidden == {"SS", "PT"}


def test_shear_hides_every_value() -> None:
    assert moved(0, shear=0.1)[0]["values"].isnan().all()


def test_without_settings_nothing_moves() -> None:
    out, _ = moved(0, flip=0.0)
    for name, tensor in film().items():
        assert torch.allclose(out[name].float(), tensor.float(), atol=1e-5)


def test_a_scale_that_falls_is_refused() -> None:
    with pytest.raises(ValueError, match=r"scale must be \(smallest, largest\)"):
        RandomFilmAffined(scale=(1.2, 0.8))


def test_shading_is_smooth_and_within_its_strength() -> None:
    shade = RandomShadingd(prob=1.0, strength=0.3)
    shade.set_random_state(1)
    even = torch.full((1, SIZE, SIZE), 0.5)
    out = shade({"image": even})["image"]
    assert out.std() > 0.02
    assert (out / even - 1).abs().max() < 0.45  # bicubic overshoots a little
    assert out.diff(dim=1).abs().max() < 0.02
