"""Points with their uncertainty, and what becomes of it in slopes and directions.

Frame: (x, y) in film column widths, so that lengths are the same along both axes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sagittal.anatomy.grid import Points


@dataclass(frozen=True, eq=False)
class Estimate:
    """A point (2,) and the covariance (2, 2) of its error."""

    point: Points
    covariance: Points

    @property
    def deviation(self) -> float:
        """Standard deviation along either axis, as if it were the same along both."""
        return math.sqrt(float(np.trace(self.covariance)) / 2)


def round_estimate(point: Points, deviation: float) -> Estimate:
    """A point that errs alike in every direction."""
    return Estimate(point, np.eye(2) * deviation**2)


def plate_end(point: Points, along: Points, along_deviation: float, across_deviation: float) -> Estimate:
    """An end of a plate of unit direction `along` (2,), with its deviations along and across the plate."""
    across = np.array([-along[1], along[0]])
    covariance = np.outer(along, along) * along_deviation**2 + np.outer(across, across) * across_deviation**2
    return Estimate(point, covariance)


def distance_squared(first: Estimate, second: Estimate) -> float:
    """Squared Mahalanobis distance of two estimates of one point: 2 on average where both are what they say."""
    offset = first.point - second.point
    return float(offset @ np.linalg.solve(first.covariance + second.covariance, offset))


def agreement(first: Estimate, second: Estimate) -> float:
    """Density, per unit of area, of the distance between two estimates of one point."""
    volume = 2 * math.pi * math.sqrt(float(np.linalg.det(first.covariance + second.covariance)))
    return math.exp(-distance_squared(first, second) / 2) / volume


def combine(first: Estimate, second: Estimate) -> Estimate:
    """The mean of two estimates of one point, weighted by their inverse covariances.

    Where they lie farther apart than they should, the covariance is enlarged by Birge's ratio (Birge 1932).
    """
    weight = first.covariance @ np.linalg.inv(first.covariance + second.covariance)
    point = first.point + weight @ (second.point - first.point)
    covariance = first.covariance - weight @ first.covariance
    return Estimate(point, covariance * max(1.0, distance_squared(first, second) / 2))


def middle(estimates: Sequence[Estimate]) -> Estimate:
    """The mean of independent estimates of several points."""
    count = len(estimates)
    point = np.mean([estimate.point for estimate in estimates], axis=0)
    return Estimate(point, np.sum([estimate.covariance for estimate in estimates], axis=0) / count**2)


def direction_deviation(start: Estimate, end: Estimate) -> float:
    """Standard deviation in degrees of the direction from one point to another, to first order; 180 where they meet."""
    offset = end.point - start.point
    length = float(np.linalg.norm(offset))
    if length == 0:
        return 180.0
    across = np.array([-offset[1], offset[0]]) / length
    variance = float(across @ (start.covariance + end.covariance) @ across)
    return math.degrees(math.sqrt(variance) / length)
