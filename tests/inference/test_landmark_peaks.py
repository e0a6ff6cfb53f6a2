"""Peaks of heat are landmarks, placed to a fraction of a pixel, the sure ones first."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sagittal.anatomy.definitions import default_definitions
from sagittal.inference.landmark_peaks import MOST_PEAKS, LandmarkPeak, find_peaks, grid_deviation
from sagittal.inference.preparation import Letterbox

SQUARE = Letterbox.fit((100, 100), 100)


def gaussian(x: float, y: float, spread: float = 2.0, height: float = 1.0) -> torch.Tensor:
    rows, columns = torch.meshgrid(torch.arange(100.0), torch.arange(100.0), indexing="ij")
    return height * torch.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * spread**2))


@pytest.mark.parametrize(("x", "y"), [(40.0, 50.0), (40.5, 50.25), (17.8, 60.4)])
def test_a_peak_is_placed_between_pixels(x: float, y: float) -> None:
    (peak,) = find_peaks(gaussian(x, y)[None], ["s1_anterior"], SQUARE)
    assert (peak.x, peak.y) == (pytest.approx(x, abs=0.1), pytest.approx(y, abs=0.1))


def deviation(peak: LandmarkPeak) -> float:
    """Of its place, as if it were the same in every direction."""
    return float(np.linalg.det(peak.covariance) ** 0.25)


def test_a_low_peak_is_the_less_certain_place() -> None:
    high, low = (find_peaks(gaussian(50, 50, height=h)[None], ["s1_anterior"], SQUARE)[0] for h in (0.8, 0.4))
    expected = grid_deviation("s1_anterior", 0.8, default_definitions().calibration)
    assert deviation(high) == pytest.approx(expected, rel=0.01)
    assert deviation(low) > 2 * deviation(high)


def test_a_peak_drawn_out_along_the_rows_is_uncertain_along_them() -> None:
    rows, columns = torch.meshgrid(torch.arange(100.0), torch.arange(100.0), indexing="ij")
    long = torch.exp(-((columns - 50) ** 2) / (2 * 3.0**2) - (rows - 50) ** 2 / (2 * 1.5**2))
    (peak,) = find_peaks(long[None], ["s1_anterior"], SQUARE)
    assert peak.covariance[0][0] > 1.5 * peak.covariance[1][1]


def test_heat_that_rises_beyond_the_films_edge_has_no_peak_there() -> None:
    assert not find_peaks(gaussian(50, 101)[None], ["femoral_head"], SQUARE)


def test_several_landmarks_of_one_kind_come_by_height_and_noise_not_at_all() -> None:
    heat = torch.maximum(gaussian(20, 20, height=0.5), gaussian(70, 60, height=0.9))
    heat = torch.maximum(heat, gaussian(40, 80, height=0.04))
    peaks = find_peaks(heat[None], ["superior_anterior"], SQUARE)
    assert [round(peak.height, 1) for peak in peaks] == [0.9, 0.5]


def test_a_place_is_in_pixels_of_the_film() -> None:
    letterbox = Letterbox.fit((200, 100), 100)
    (peak,) = find_peaks(gaussian(50, 50)[None], ["femoral_head"], letterbox)
    assert (peak.x, peak.y) == (pytest.approx(letterbox.to_film(50, 50)[0], abs=0.2), pytest.approx(100.5, abs=0.3))
    (same,) = find_peaks(gaussian(50, 50)[None], ["femoral_head"], SQUARE)
    assert deviation(peak) == pytest.approx(2 * deviation(same), rel=0.01)


def test_heat_that_is_one_plateau_gives_few_peaks_and_takes_no_time() -> None:
    kinds = default_definitions().landmark_channels
    plateau = torch.full((len(kinds), 448, 448), 0.5)
    assert len(find_peaks(plateau, kinds, Letterbox.fit((448, 448), 448))) <= MOST_PEAKS * len(kinds)
