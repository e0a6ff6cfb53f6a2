"""Random geometry moves film, label and values together; grey values change as MONAI changes them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from monai.bundle import ConfigParser
from monai.transforms import AdjustContrast, GaussianSmooth
from numpy.random import RandomState
from sagittal.anatomy.definitions import default_definitions
from sagittal.training.augmentation import EachFilm, RandomFilmAffined, RandomShadingd, augmentation, batch_transform
from torch import Tensor

SIZE = 128
NAMES = default_definitions().value_branch
SEEDS = range(5)
FILMS = 100
INTENSITY: list[dict[str, Any]] = [
    {"_target_": "monai.transforms.RandAdjustContrastd", "keys": "image", "prob": 1.0, "gamma": [0.6, 1.7]},
    {"_target_": "monai.transforms.RandHistogramShiftd", "keys": "image", "prob": 1.0, "num_control_points": [4, 8]},
    {"_target_": "monai.transforms.RandGaussianSmoothd", "keys": "image", "prob": 1.0, "sigma_x": [0.4, 1.5]},
    {"_target_": "monai.transforms.RandGaussianNoised", "keys": "image", "prob": 1.0, "mean": 0.0, "std": 0.05},
    {
        "_target_": "monai.transforms.RandCoarseDropoutd",
        **{"keys": "image", "prob": 1.0, "holes": 1, "max_holes": 4, "spatial_size": 12, "max_spatial_size": 40},
        "fill_value": [0.0, 1.0],
    },
]


def film() -> dict[str, Tensor]:
    """A bright bar, 24 degrees off the horizontal, label 1 where it is."""
    rows, columns = torch.meshgrid(torch.arange(SIZE) - 64.0, torch.arange(SIZE) - 64.0, indexing="ij")
    angle = math.radians(24)
    along = columns * math.cos(angle) - rows * math.sin(angle)
    across = columns * math.sin(angle) + rows * math.cos(angle)
    bar = ((along.abs() < 36) & (across.abs() < 7))[None]
    return {"image": bar.float(), "label": bar.to(torch.uint8), "values": torch.arange(len(NAMES)) + 1.0}


def batch(films: int = len(SEEDS)) -> dict[str, Tensor]:
    return {key: torch.stack([tensor] * films) for key, tensor in film().items()}


def noisy_batch() -> dict[str, Tensor]:
    """Films whose grey values all differ."""
    random = torch.Generator().manual_seed(3)
    return {**batch(), "image": torch.rand(len(SEEDS), 1, SIZE, SIZE, generator=random)}


def states() -> list[RandomState]:
    return [RandomState(seed) for seed in SEEDS]


def direction(mask: Tensor) -> float:
    """Angle of a bar to the horizontal in degrees, anticlockwise."""
    rows, columns = np.nonzero(mask[0].numpy() > 0)
    _, vectors = np.linalg.eigh(np.cov(columns, -rows))
    return math.degrees(math.atan2(vectors[1, 1], vectors[0, 1])) % 180


def test_films_and_labels_stay_on_each_other() -> None:
    out = RandomFilmAffined(rotate=20.0, scale=(0.8, 1.3), shear=0.1, translate=0.1)(batch(), states())
    image, label = out["image"] > 0.5, out["label"] == 1
    assert (label.sum(dim=(1, 2, 3)) > 500).all()
    common, both = (image & label).sum(dim=(1, 2, 3)), image.sum(dim=(1, 2, 3)) + label.sum(dim=(1, 2, 3))
    assert (2 * common / both > 0.98).all()
    assert out["label"].dtype == torch.uint8


@pytest.mark.parametrize(("flip", "expected"), [(0.0, 24.0), (1.0, 156.0)])
def test_scale_and_shift_keep_angles_and_values_and_a_flip_mirrors_them(flip: float, expected: float) -> None:
    out = RandomFilmAffined(scale=(0.8, 1.3), translate=0.05, flip=flip)(batch(), states())
    assert [direction(label) for label in out["label"]] == pytest.approx([expected] * len(SEEDS), abs=0.7)
    assert torch.equal(out["values"], batch()["values"])


def test_rotation_turns_each_film_by_its_own_angle_and_hides_ss_and_pt_alone() -> None:
    transform = RandomFilmAffined(rotate=20.0, flip=0.0)
    out = transform(batch(), states())
    angles = [24 + transform.draw(random).angle for random in states()]
    assert np.ptp(angles) > 5
    assert [direction(label) for label in out["label"]] == pytest.approx(angles, abs=0.7)
    for values in out["values"].tolist():
        assert {name for name, value in zip(NAMES, values, strict=True) if math.isnan(value)} == {"SS", "PT"}


def test_shear_hides_every_value() -> None:
    assert RandomFilmAffined(shear=0.1)(batch(), states())["values"].isnan().all()


def test_without_settings_nothing_moves() -> None:
    out = RandomFilmAffined(flip=0.0)(batch(), states())
    for name, tensor in batch().items():
        assert torch.allclose(out[name].float(), tensor.float(), atol=1e-5)


def test_a_scale_that_falls_is_refused() -> None:
    with pytest.raises(ValueError, match=r"scale must be \(smallest, largest\)"):
        RandomFilmAffined(scale=(1.2, 0.8))


def test_shading_is_smooth_and_within_its_strength() -> None:
    even = {**batch(), "image": torch.full((len(SEEDS), 1, SIZE, SIZE), 0.5)}
    out = RandomShadingd(prob=1.0, strength=0.3)(even, states())["image"]
    assert (out.std(dim=(1, 2, 3)) > 0.02).all()
    assert (out / 0.5 - 1).abs().max() < 0.45  # bicubic overshoots a little
    assert out.diff(dim=2).abs().max() < 0.02


@pytest.mark.parametrize("entry", INTENSITY, ids=lambda entry: entry["_target_"].rpartition(".")[2])
def test_a_film_is_changed_alike_whatever_lies_beside_it(entry: dict[str, Any]) -> None:
    transform, films = batch_transform(entry), noisy_batch()
    assert not isinstance(transform, EachFilm)
    together = transform(films, states())["image"]
    for place, random in enumerate(states()):
        alone = transform({key: tensor[place : place + 1] for key, tensor in films.items()}, [random])["image"][0]
        torch.testing.assert_close(alone, together[place])
        assert not torch.equal(alone, films["image"][place])
    assert torch.equal(films["image"], noisy_batch()["image"]), "the cache must stay as it was"


@pytest.mark.parametrize("entry", INTENSITY, ids=lambda entry: entry["_target_"].rpartition(".")[2])
def test_batches_change_as_much_as_monais_own_transform(entry: dict[str, Any]) -> None:
    """The draws differ, their distribution does not: mean change and its spread over many films."""
    image = noisy_batch()["image"][0, :, ::2, ::2]
    own = batch_transform(entry)({"image": image.repeat(FILMS, 1, 1, 1)}, [RandomState(seed) for seed in range(FILMS)])
    theirs = ConfigParser({"transform": {**entry}}).get_parsed_content("transform")
    changes = []
    for seed in range(FILMS):
        theirs.set_random_state(seed)
        changes.append(float((theirs({"image": image.clone()})["image"] - image).abs().mean()))
    ours = (own["image"] - image).abs().mean(dim=(1, 2, 3)).numpy()
    error = math.hypot(np.std(changes), ours.std()) / math.sqrt(FILMS)
    assert ours.mean() == pytest.approx(np.mean(changes), abs=4 * error)
    assert ours.std() == pytest.approx(np.std(changes), rel=0.35)


def test_contrast_and_blur_are_monais_to_the_digit() -> None:
    films = noisy_batch()
    contrast = batch_transform({**INTENSITY[0], "gamma": [1.3, 1.3]})(films, states())["image"]
    blur = batch_transform({**INTENSITY[2], "sigma_x": [1.2, 1.2], "sigma_y": [0.7, 0.7]})(films, states())["image"]
    for place, image in enumerate(films["image"]):
        torch.testing.assert_close(contrast[place], AdjustContrast(1.3)(image).as_tensor())  # type: ignore[attr-defined]
        torch.testing.assert_close(blur[place], GaussianSmooth((1.2, 0.7))(image).as_tensor(), atol=1e-5, rtol=1e-4)


def test_what_has_no_form_for_batches_is_applied_film_by_film() -> None:
    entry = {"_target_": "monai.transforms.RandGaussianSharpend", "keys": "image", "prob": 1.0}
    transform, films = batch_transform(entry), noisy_batch()
    assert isinstance(transform, EachFilm)
    first, second = (transform(films, states())["image"] for _ in range(2))
    assert torch.equal(first, second)
    assert not torch.equal(first[0], films["image"][0])
    inverted = batch_transform({**INTENSITY[0], "invert_image": True})
    assert isinstance(inverted, EachFilm), "a setting that only MONAI's own knows"


def test_grey_values_end_between_0_and_1() -> None:
    out = augmentation([{**INTENSITY[3], "std": 3.0}])(noisy_batch(), states())["image"]
    assert (out.min(), out.max()) == (0, 1)
