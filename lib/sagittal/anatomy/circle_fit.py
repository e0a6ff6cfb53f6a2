"""A circle through the arc that is seen of it, held by what is known of its radius where the arc says little."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from sagittal.anatomy.grid import Points

# Points of the arc through triples of which first circles are drawn, and those that all are compared on.
ANCHORS, COMPARED = 13, 60
# Residuals beyond this many deviations count for nothing.
OUTLYING = 3.0
# The robust deviation that the stairs of a grid leave, in its steps.
STAIR = 0.3
# Independent values for each change of sign of a residual along the rim: 1.25 for smoothed noise.
PER_SIGN_CHANGE = 1.25
ITERATIONS = 12


@dataclass(frozen=True)
class RadiusPrior:
    """What is known of a radius beforehand: its usual value, the standard deviation of its logarithm, its bounds."""

    usual: float
    spread: float
    low: float
    high: float


@dataclass(frozen=True)
class CircleFit:
    """A circle, the covariance (2, 2) of its centre, the robust deviation of the arc from it, and the arc's degrees.

    Lengths have the points' unit.
    """

    center: Points
    radius: float
    covariance: Points
    misfit: float
    arc: float


def fit_circle(arc: Points, prior: RadiusPrior, step: float) -> CircleFit:
    """The most probable circle given an arc and what is known of its radius.

    Robust least squares of the distances from the circle, and a log-normal prior on the radius that a long arc
    outweighs and a short one does not. How much an arc weighs follows from how far, and over what length, its rim
    wanders.

    Args:
        arc: (N, 2) points in their order along the rim, clockwise on screen, N >= 6; some may lie on no circle at all.
        prior: of the radius.
        step: the stair of the grid that the points come from.
    """
    circle = likeliest_circle(arc, prior, step)
    scale, weights, information = step, np.ones(len(arc)), np.eye(3)
    for _ in range(ITERATIONS):
        offsets = arc - circle[:2]
        distances = np.maximum(np.hypot(offsets[:, 0], offsets[:, 1]), 1e-9)
        radius = math.exp(circle[2])
        residuals = distances - radius
        scale = max(1.4826 * float(np.median(np.abs(residuals))), STAIR * step)
        weights = np.square(np.maximum(1 - (residuals / (OUTLYING * scale)) ** 2, 0.0))
        weight = _independent(residuals, weights) / max(float(weights.sum()), 1e-9) / scale**2
        slopes = np.column_stack((-offsets / distances[:, None], np.full(len(arc), -radius)))
        information = weight * (slopes * weights[:, None]).T @ slopes
        gradient = weight * slopes.T @ (weights * residuals)
        information[2, 2] += 1 / prior.spread**2
        gradient[2] += (circle[2] - math.log(prior.usual)) / prior.spread**2
        moved = circle - np.linalg.solve(information + 1e-12 * np.eye(3), gradient)
        moved[2] = min(max(moved[2], math.log(prior.low)), math.log(prior.high))
        settled = np.abs(moved - circle).max() < 1e-3 * step
        circle = moved
        if settled:
            break
    covariance = np.linalg.inv(information + 1e-12 * np.eye(3))[:2, :2]
    near = weights > 0.25
    return CircleFit(circle[:2], math.exp(circle[2]), covariance, scale, arc_degrees(arc[near], circle[:2]))


def arc_degrees(arc: Points, center: Points) -> float:
    """Degrees of the circle on which there are points of an arc, (N, 2)."""
    angles = np.degrees(np.arctan2(*(arc - center).T[::-1]))
    return float(5 * len(np.unique(np.floor(angles / 5))))


def _independent(residuals: Points, weights: Points) -> float:
    """How many independent values an arc's residuals are worth: neighbours that wander together count once."""
    near = residuals[weights > 0]
    changes = int(np.count_nonzero(np.diff(np.signbit(near))))
    return max(PER_SIGN_CHANGE * changes, 2.0)


def likeliest_circle(arc: Points, prior: RadiusPrior, step: float) -> Points:
    """(x, y, log radius) of the circle through three points of the arc that most points are near to, and whose radius
    is likely; where none has a possible radius, one of the usual radius on the arc's hollow side."""
    anchors = arc[np.linspace(0, len(arc) - 1, min(ANCHORS, len(arc))).astype(int)]
    first, second, third = np.array([*combinations(range(len(anchors)), 3)]).T
    a, b, c = anchors[first], anchors[second] - anchors[first], anchors[third] - anchors[first]
    cross = 2 * (b[:, 0] * c[:, 1] - b[:, 1] * c[:, 0])
    bb, cc = (b * b).sum(axis=1), (c * c).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        centers = a + np.column_stack((c[:, 1] * bb - b[:, 1] * cc, b[:, 0] * cc - c[:, 0] * bb)) / cross[:, None]
        radii = np.hypot(*(centers - a).T)
    # Clockwise triples alone: the others' circles lie outside of the rim.
    possible = (radii > prior.low) & (radii < prior.high) & (cross > 0)
    sparse = arc[:: max(1, len(arc) // COMPARED)]
    if not possible.any():
        return _on_the_hollow_side(sparse, prior)
    centers, radii = centers[possible], radii[possible]
    distances = np.hypot(*(sparse[None] - centers[:, None]).transpose(2, 0, 1)) - radii[:, None]
    tolerance = max(0.03 * prior.usual, 1.5 * step)
    costs = np.minimum((distances / tolerance) ** 2, 1).mean(axis=1)
    costs += 0.02 * (np.log(radii / prior.usual) / prior.spread) ** 2
    best = int(np.argmin(costs))
    return np.array([*centers[best], math.log(radii[best])])


def _on_the_hollow_side(arc: Points, prior: RadiusPrior) -> Points:
    chord = arc[-1] - arc[0]
    inward = np.array([-chord[1], chord[0]]) / max(float(np.hypot(*chord)), 1e-9)
    center = arc.mean(axis=0) + prior.usual * inward
    return np.array([*center, math.log(prior.usual)])
