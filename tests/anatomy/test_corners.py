"""Corners are those of the bone, whatever sticks out of its outline or was bitten from it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sagittal.anatomy.contour import outline
from sagittal.anatomy.corners import Outline, Quadrilateral, fit_quadrilaterals, turned
from skimage import draw

from .conftest import repeatable

CORNERS = np.array([[60.0, 60.0], [140.0, 66.0], [138.0, 128.0], [62.0, 124.0]])
UP = np.array([0.0, -1.0])


def drawn(corners: np.ndarray = CORNERS) -> np.ndarray:
    mask = np.zeros((200, 200), dtype=bool)
    mask[draw.polygon(corners[:, 1], corners[:, 0], mask.shape)] = True
    return mask


def fitted(mask: np.ndarray, cranial: np.ndarray = UP) -> Quadrilateral:
    contour = outline(mask)
    (found,) = fit_quadrilaterals([Outline(contour, np.ones(len(contour), dtype=bool), cranial)], 1.0)
    assert found is not None
    return found


@repeatable
@given(st.floats(-180, 180))
def test_corners_turn_with_the_body(degrees: float) -> None:
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    rotation = np.array([[c, -s], [s, c]])
    corners = (CORNERS - 100) @ rotation.T + 100
    found = fitted(drawn(corners), rotation @ UP)
    assert np.max(np.linalg.norm(found.corners - corners, axis=1)) < 1.6


@pytest.mark.parametrize("part", [0.1, 0.35, 0.8])
def test_a_bridge_turns_no_plate(part: float) -> None:
    mask, column = drawn(), round(62 + part * 76)
    mask[110:160, column - 9 : column + 9] = True
    assert np.max(np.linalg.norm(fitted(mask).corners - CORNERS, axis=1)) < 3


@pytest.mark.parametrize("corner", range(4))
def test_a_bitten_corner_is_where_the_sides_meet(corner: int) -> None:
    mask = drawn()
    x, y = CORNERS[corner]
    mask[draw.disk((y, x), 13, shape=mask.shape)] = False
    assert np.max(np.linalg.norm(fitted(mask).corners - CORNERS, axis=1)) < 3


def test_bodies_are_fitted_each_by_itself() -> None:
    outlines = []
    for corners in (CORNERS, CORNERS * 1.2 - 20, np.array([[50.0, 50.0], [60.0, 50.0], [60.0, 52.0], [50.0, 52.0]])):
        contour = outline(drawn(corners))
        outlines.append(Outline(contour, np.ones(len(contour), dtype=bool), UP))
    together = fit_quadrilaterals(outlines, 1.0)
    for alone, found in zip(outlines, together, strict=True):
        (again,) = fit_quadrilaterals([alone], 1.0)
        assert (found is None) == (again is None)
        if found is not None and again is not None:
            assert found.corners == pytest.approx(again.corners, abs=0.3)
    assert fit_quadrilaterals([], 1.0) == []


def test_turning_plates_keeps_walls_and_middles() -> None:
    body = turned(Quadrilateral(CORNERS), 4.0, -3.0)
    for left, right, degrees in ((0, 1, 4.0), (3, 2, -3.0)):
        before, after = CORNERS[right] - CORNERS[left], body.corners[right] - body.corners[left]
        angle = math.degrees(math.atan2(after[1], after[0]) - math.atan2(before[1], before[0]))
        assert angle == pytest.approx(degrees)
    for upper, lower in ((0, 3), (1, 2)):
        wall, moved = CORNERS[lower] - CORNERS[upper], body.corners[upper] - CORNERS[upper]
        assert abs(wall[0] * moved[1] - wall[1] * moved[0]) / np.hypot(*wall) < 1e-6
