"""Estimates of points: their mean, their agreement, and what their errors become."""

from __future__ import annotations

import numpy as np
import pytest
from sagittal.anatomy.estimate import (
    Estimate,
    agreement,
    combine,
    direction_deviation,
    distance_squared,
    middle,
    plate_end,
    round_estimate,
)

ORIGIN = np.zeros(2)


def test_a_mean_lies_nearer_to_what_is_surer_along_each_axis() -> None:
    first = Estimate(ORIGIN, np.diag([1.0, 9.0]))
    second = Estimate(np.array([1.0, 1.0]), np.diag([9.0, 1.0]))
    mean = combine(first, second)
    assert mean.point == pytest.approx([0.1, 0.9])
    assert np.diag(mean.covariance) == pytest.approx([0.9, 0.9])


def test_estimates_that_lie_too_far_apart_make_their_mean_less_sure() -> None:
    first, second = round_estimate(ORIGIN, 1.0), round_estimate(np.array([6.0, 0.0]), 1.0)
    assert distance_squared(first, second) == pytest.approx(18)
    assert combine(first, second).deviation == pytest.approx(np.sqrt(0.5 * 9))


def test_the_density_of_what_agrees_sums_to_one() -> None:
    axis = np.linspace(-8, 8, 81)
    first = Estimate(ORIGIN, np.array([[1.0, 0.4], [0.4, 0.7]]))
    densities = [agreement(first, round_estimate(np.array([x, y]), 0.5)) for x in axis for y in axis]
    assert np.sum(densities) * 0.2**2 == pytest.approx(1, abs=1e-3)


def test_deviations_of_direction_and_middle_are_those_of_samples() -> None:
    rng = np.random.default_rng(0)
    along = np.array([0.8, 0.6])
    start, end = plate_end(ORIGIN, along, 1.0, 0.5), plate_end(50 * along, along, 2.0, 0.8)
    samples = [rng.multivariate_normal(e.point, e.covariance, 20000) for e in (start, end)]
    offset = samples[1] - samples[0]
    assert direction_deviation(start, end) == pytest.approx(np.degrees(np.arctan2(*offset.T[::-1])).std(), rel=0.03)
    assert middle((start, end)).covariance == pytest.approx(np.cov(((samples[0] + samples[1]) / 2).T), abs=0.05)
