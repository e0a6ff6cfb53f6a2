"""On published masks the parameters are near the doctors' own."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from sagittal.anatomy import measure_mask

# Mean absolute error of the published shape fitting on the same two films, degrees.
TARGETS = {"PI": 3.5, "PT": 1.7, "SS": 5.1, "LL": 4.1, "L4S1": 4.2}


def test_errors_on_two_films_are_at_most_those_of_the_published_fitting(shared_data: Path) -> None:
    reference = json.loads((shared_data / "films_dev" / "reference.json").read_text(encoding="utf-8"))
    errors: dict[str, list[float]] = {name: [] for name in TARGETS}
    for film in ("a1", "a2"):
        mask = np.asarray(Image.open(shared_data / "films_dev" / f"{film}_authors_mask.png"))
        measured = measure_mask(mask)
        assert measured.landmarks.anterior == "left"
        for name in TARGETS:
            value = measured.parameters[name].value
            assert value is not None, f"{name} of {film} is absent: {measured.parameters[name].reason}"
            errors[name].append(abs(value - reference[f"{film}.png"]["parameters"][name]))
    for name, target in TARGETS.items():
        assert np.mean(errors[name]) <= target, f"{name}: {errors[name]}"


@pytest.mark.parametrize(
    ("name", "bodies"),
    [("0112_o", 6), ("0271_o", 6), ("0271_s", 7), ("0275_o", 7), ("0275_s", 7), ("0281_o", 8), ("0281_s", 7)],
)
def test_every_published_mask_is_measured_whole(shared_data: Path, name: str, bodies: int) -> None:
    mask = class_mask(shared_data / "masks_authors" / f"{name}_seg.png")
    start = time.process_time()
    measured = measure_mask(mask)
    assert time.process_time() - start < 1
    assert len(measured.landmarks.bodies) == bodies
    assert measured.landmarks.anterior == "left"
    assert len(measured.landmarks.femoral_heads) == 2
    assert all(p.value is not None for p in measured.parameters.values())
    assert measured.quality.verdict == "measurable"


def class_mask(path: Path) -> npt.NDArray[np.uint8]:
    """Published colours: red vertebra, green sacrum, blue and cyan heads, blurred at their rims."""
    red, green, blue = np.moveaxis(np.asarray(Image.open(path).convert("RGB")) > 127, 2, 0)
    choices = [red & ~green & ~blue, green & ~red & ~blue, blue & ~red & ~green, blue & green & ~red]
    return np.select(choices, [1, 2, 3, 4], 0).astype(np.uint8)
