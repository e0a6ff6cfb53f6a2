"""The shipped check on films and other pictures that it was not fitted on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import skimage
from sagittal.films import read_film
from sagittal.simulator import load_simulator_config, simulate_film
from sagittal.simulator.negatives import KINDS as NEGATIVES
from sagittal.simulator.negatives import draw_negative
from sagittal.view import View, ViewCheck, view_check
from sagittal.view.kinds import CLOCKWISE, COUNTER_CLOCKWISE, UPSIDE_DOWN

# Doubted, but not as what they are (benchmarks/view.md): film and quarter turns.
MISNAMED = {("a3.png", -1)}
REAL = ("a1.png", "a2.png", "a3.png", "b1.jpg", "c1_overlay.jpg")


@pytest.fixture(scope="module")
def check() -> ViewCheck:
    return view_check()


def turned(pixels: np.ndarray, quarters: int) -> np.ndarray:
    return np.ascontiguousarray(np.rot90(pixels, quarters))


def test_simulated_lateral_films_are_not_doubted_whichever_way_the_patient_faces(check: ViewCheck) -> None:
    for seed in (981_000, 981_001, 981_002):
        pixels = simulate_film(load_simulator_config(), seed, rows=288).film.pixels
        for film in (pixels, pixels[:, ::-1].copy()):
            assert not check(film).is_doubted, seed


@pytest.mark.parametrize("kind", NEGATIVES)
def test_drawn_negatives_are_doubted(check: ViewCheck, kind: str) -> None:
    views = [check(draw_negative(kind, load_simulator_config(), seed, rows=288)) for seed in range(981_000, 981_005)]
    assert sum(view.is_doubted for view in views) >= 4, views


@pytest.mark.parametrize("name", ["camera.png", "chelsea.png", "page.png", "text.png", "coins.png", "rocket.jpg"])
def test_photographs_and_pages_are_doubted(check: ViewCheck, name: str) -> None:
    assert check(read_film(Path(skimage.__file__).parent / "data" / name).pixels).is_doubted


@pytest.mark.parametrize("name", REAL)
def test_real_lateral_films_are_clear_and_their_turned_copies_doubted(
    check: ViewCheck, shared_data: Path, name: str
) -> None:
    pixels = read_film(shared_data / "films_dev" / name).pixels
    assert check(pixels).is_clear
    for quarters in (-1, 1, 2):
        view = check(turned(pixels, quarters))
        assert view.is_doubted
        if quarters == 2:
            assert view.looks_like == UPSIDE_DOWN
        elif (name, quarters) not in MISNAMED:
            assert view.looks_like in (CLOCKWISE, COUNTER_CLOCKWISE)


@pytest.mark.parametrize(
    "name", ["negative/ap_view.jpg", "dicom/RG1_JLSN", "dicom/RG2_J2KR", "dicom/RG3_J2KR", "dicom/dx_image.dcm"]
)
def test_real_films_of_other_views_and_parts_are_doubted(check: ViewCheck, shared_data: Path, name: str) -> None:
    assert check(read_film(shared_data / name).pixels).is_doubted


@pytest.mark.parametrize("name", ["img_1.png", "img_18.png", "img_45.png"])
def test_real_sagittal_slices_are_not_taken_for_clearly_lateral_films(
    check: ViewCheck, shared_data: Path, name: str
) -> None:
    view: View = check(read_film(shared_data / "negative" / name).pixels)
    assert not view.is_clear


def test_blank_and_tiny_films_have_a_view_and_it_is_doubted(check: ViewCheck) -> None:
    noise = np.random.default_rng(0).random((300, 200), dtype=np.float32)
    for pixels in (np.zeros((300, 200), np.float32), np.ones((3, 2), np.float32), noise):
        assert check(pixels).is_doubted
