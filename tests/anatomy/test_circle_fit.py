"""A circle is that of its arc where much of it is seen, and held by its usual radius where little is."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sagittal.anatomy.circle_fit import RadiusPrior, fit_circle

from .conftest import repeatable

PRIOR = RadiusPrior(usual=50.0, spread=0.16, low=34.0, high=72.0)


def arc(center: tuple[float, float], radius: float, start: float, degrees: float, noise: float = 0.0) -> np.ndarray:
    """Points clockwise on screen, (N, 2)."""
    angles = np.radians(np.linspace(start, start + degrees, 120))
    radii = radius + np.random.default_rng(1).normal(0, noise, len(angles))
    return np.array(center) + radii[:, None] * np.column_stack((np.cos(angles), np.sin(angles)))


@repeatable
@given(st.floats(38, 68), st.floats(0, 360), st.floats(90, 360))
def test_a_long_arc_gives_its_own_circle(radius: float, start: float, degrees: float) -> None:
    fit = fit_circle(arc((300, 200), radius, start, degrees, 0.2), PRIOR, 1.0)
    assert fit.center == pytest.approx([300, 200], abs=0.02 * radius)
    assert fit.radius == pytest.approx(radius, rel=0.02)
    assert fit.arc == pytest.approx(degrees, abs=12)


@repeatable
@given(st.floats(0, 360), st.floats(120, 300))
def test_the_circle_turns_and_moves_with_its_arc(turn: float, degrees: float) -> None:
    points = arc((0, 0), 55, 20, degrees, 0.5)
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    rotation = np.array([[c, -s], [s, c]])
    here, there = fit_circle(points, PRIOR, 1.0), fit_circle(points @ rotation.T + 70, PRIOR, 1.0)
    assert there.center == pytest.approx(rotation @ here.center + 70, abs=0.05)
    assert there.radius == pytest.approx(here.radius, abs=0.05)
    assert there.covariance == pytest.approx(rotation @ here.covariance @ rotation.T, rel=0.05, abs=0.01)


@repeatable
@given(st.floats(0, 360), st.integers(0, 2**32 - 1))
def test_a_third_of_points_off_the_circle_do_not_move_it(start: float, seed: int) -> None:
    points = arc((10, -5), 52, start, 270, 0.3)
    points[40:80] += np.random.default_rng(seed).uniform(5, 12) * np.array([1.0, 0.4])
    fit = fit_circle(points, PRIOR, 1.0)
    assert fit.center == pytest.approx([10, -5], abs=1.5)


def test_a_short_arc_is_held_by_the_usual_radius_and_knows_less() -> None:
    short, long = (fit_circle(arc((0, 0), 46, 250, degrees, 0.8), PRIOR, 1.0) for degrees in (25, 200))
    assert 40 < short.radius < 60
    assert np.trace(short.covariance) > 20 * np.trace(long.covariance)
    # It knows least about how far its centre lies behind the arc.
    away = np.array([math.cos(math.radians(262.5)), math.sin(math.radians(262.5))])
    assert abs(np.linalg.eigh(short.covariance)[1][:, -1] @ away) > 0.99
