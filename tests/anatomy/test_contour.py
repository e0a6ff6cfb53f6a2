"""Outlines and lines are where the region's rim is."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sagittal.anatomy.contour import Line, fit_line, outline

from .conftest import repeatable


def test_the_outline_of_a_rectangle_runs_around_it() -> None:
    region = np.zeros((10, 12), dtype=bool)
    region[2:5, 3:9] = True
    contour = outline(region)
    assert len(contour) == 2 * (3 + 6)
    assert contour.min(axis=0).tolist() == [2.5, 1.5]
    assert contour.max(axis=0).tolist() == [8.5, 4.5]
    assert np.max(np.linalg.norm(np.diff(contour, axis=0), axis=1)) <= 1


def test_the_longest_outline_is_taken_and_holes_are_not() -> None:
    region = np.zeros((30, 30), dtype=bool)
    region[0:20, 0:20] = True
    region[5:8, 5:8] = False
    region[25:27, 25:27] = True
    assert len(outline(region)) == 80


def test_samples_that_meet_at_a_corner_have_outlines_of_their_own() -> None:
    assert len(outline(np.eye(2, dtype=bool))) == 4


@repeatable
@given(st.floats(-80, 80), st.integers(0, 2**32 - 1))
def test_a_line_ignores_a_fifth_of_points_off_it(degrees: float, seed: int) -> None:
    direction = np.array([math.cos(math.radians(degrees)), math.sin(math.radians(degrees))])
    random = np.random.default_rng(seed)
    along = np.linspace(-50, 50, 100)
    normal = np.array([-direction[1], direction[0]])
    points = along[:, None] * direction + random.normal(0, 0.2, 100)[:, None] * normal
    points[:20] += random.uniform(6, 15, 20)[:, None] * normal
    line = fit_line(points, 1.0)
    assert abs(line.direction @ normal) < math.sin(math.radians(0.3))


def test_parallel_lines_do_not_meet() -> None:
    a = Line(np.array([0.0, 0.0]), np.array([1.0, 0.0]))
    assert a.intersect(Line(np.array([0.0, 5.0]), np.array([1.0, 0.0]))) is None
    meeting = a.intersect(Line(np.array([3.0, 5.0]), np.array([0.0, 1.0])))
    assert meeting == pytest.approx([3, 0])
