"""What the slice view shows: the film as it lies in its file, each segment in its colour at its place, and lines."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image
from SpinoPelvicLib.film_logic import SceneFilmLogic
from SpinoPelvicLib.Testing.SyntheticFilm import COLUMNS, LABELS, ROWS, drawFilm

ZOOM = 2


def _beside(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


view = _beside("slice_view")


@pytest.mark.parametrize("anterior", ["left", "right"])
def test_the_slice_view_shows_every_structure_at_its_place_and_no_mirror_image(
    slicer: Any, tmp_path: Path, anterior: str
) -> None:
    view.needs_gl()
    drawn = drawFilm(anterior)
    film = slicer.util.addVolumeFromArray(drawn.pixels[np.newaxis], np.diag([-0.15, -0.15, 1.0, 1.0]), "film")
    SceneFilmLogic().showResult(film, drawn.inference())
    picture = view.slice_picture(slicer, film, ZOOM * COLUMNS, ZOOM * ROWS)
    Image.fromarray(picture).save(tmp_path / f"slice-{anterior}.png")
    colours = {label.value: np.array(label.color, float) for label in LABELS.values() if label.value < 40}
    for value, colour in colours.items():
        y, x = (round(float(axis.mean())) for axis in np.nonzero(drawn.labelMap == value))
        patch = picture[ZOOM * y - 3 : ZOOM * y + 4, ZOOM * x - 3 : ZOOM * x + 4].mean(axis=(0, 1))
        assert _hue(patch) @ _hue(colour) > 0.97, value
    background = picture[10:40, 10:40].astype(float)
    assert np.ptp(background.mean(axis=(0, 1))) < 1
    for end in drawn.result["landmarks"]["S1"].values():
        x, y = (round(ZOOM * coordinate) for coordinate in end)
        assert _hue(picture[y, x]) @ _hue(np.array([255, 217, 51])) > 0.97


def _hue(colour: np.ndarray) -> np.ndarray:
    """(3,): where a colour lies off the grey axis, of length 1."""
    off = np.asarray(colour, float) - np.mean(colour)
    return off / max(float(np.linalg.norm(off)), 1e-6)
