"""Many sides of bodies at once: the chord of each, fitted robustly to the part of an outline that is its own.

All arrays run over sides first: S sides of M points, each resampled from what is seen of the side, so that no loop over
sides is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from sagittal.anatomy.contour import DEEPEST, DEEPEST_RAGGED, SEEN_TO, SMOOTH, STAIR
from sagittal.anatomy.grid import Points

# Points that a side is resampled to, and those of them through pairs of which first lines are drawn.
SAMPLES, ANCHORS = 44, 11
# Hollows that first lines may have, and what counts as near to them, in side lengths.
HOLLOWS = (0.0, 0.04, 0.08)
NEAR = 0.03
# Tukey's constant for medians of absolute residuals.
TUKEY = 6.9
ITERATIONS = 6
# A weight on the hollow's square that leaves none.
STRAIGHT = 1e6


@dataclass(frozen=True)
class SideLines:
    """Of S sides: a point on each line and its unit direction, both (S, 2); `misfit` (S,) as a share of the length,
    larger where less of the side holds the line."""

    points: Points
    directions: Points
    misfit: Points

    def meet(self, first: npt.NDArray[np.intp], second: npt.NDArray[np.intp]) -> Points:
        """(K, 2) where the lines of indices (K,) cross; NaN for lines within 3 degrees of parallel."""
        a, b = self.directions[first], self.directions[second]
        cross = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
        gap = self.points[second] - self.points[first]
        with np.errstate(divide="ignore", invalid="ignore"):
            along = np.where(np.abs(cross) < 0.05, np.nan, (gap[:, 0] * b[:, 1] - gap[:, 1] * b[:, 0]) / cross)
        return np.asarray(self.points[first] + along[:, None] * a)


def first_lines(sides: Points, inward: Points, lengths: Points) -> SideLines:
    """Of all lines through two points of a side, hollow or not, the one that most of its points are near to.

    Args:
        sides: (S, M, 2) points.
        inward: (S, 2) about the unit direction into the body.
        lengths: (S,) of the sides, roughly.
    """
    count = sides.shape[1]
    anchors = np.linspace(0, count - 1, ANCHORS).astype(int)
    pairs = np.array([(a, b) for a, b in combinations(range(ANCHORS), 2) if b - a > 2])
    starts, ends = sides[:, anchors[pairs[:, 0]]], sides[:, anchors[pairs[:, 1]]]
    along = ends - starts
    size = np.maximum(np.hypot(along[..., 0], along[..., 1]), 1e-9)
    along = along / size[..., None]
    normals = np.stack((-along[..., 1], along[..., 0]), axis=2)
    normals *= np.where(np.einsum("shk,sk->sh", normals, inward) < 0, -1.0, 1.0)[..., None]
    # (S, H, M): along the line from its middle, and into the body from it.
    middles = (starts + ends) / 2
    y = np.einsum("shk,smk->shm", normals, sides) - np.einsum("shk,shk->sh", normals, middles)[..., None]
    t = np.einsum("shk,smk->shm", along, sides) - np.einsum("shk,shk->sh", along, middles)[..., None]
    scaled = t / (lengths[:, None, None] / 2)
    between = (size / lengths[:, None])[..., None]
    tolerance = (NEAR * lengths)[:, None, None]
    best_cost = np.full(len(sides), np.inf)
    best = np.zeros(len(sides), dtype=np.intp)
    for hollow in HOLLOWS:
        # The hollow between both points is that of the whole side, less what it has at the points themselves.
        bow = hollow * lengths[:, None, None] * (between**2 - scaled**2)
        cost = np.minimum(((y - bow) / tolerance) ** 2, 1.0).mean(axis=2)
        cheapest = cost.argmin(axis=1)
        value = cost[np.arange(len(sides)), cheapest]
        better = value < best_cost
        best[better], best_cost[better] = cheapest[better], value[better]
    of = np.arange(len(sides))
    return SideLines(middles[of, best], along[of, best], np.zeros(len(sides)))


def fit_sides(sides: Points, starts: Points, ends: Points, step: float) -> SideLines:
    """The chords of sides that may be hollow or domed.

    A parabola over each side's own extent, -1 at its start and 1 at its end, is fitted robustly; its chord is the line.
    On a side seen evenly to both halves its slope does not depend on the hollow; where one end is hidden that can no
    longer be told apart, and the line is straight. Deeper hollows than bone has make it straight, too.

    Args:
        sides: (S, M, 2) points.
        starts, ends: (S, 2) the corners as known so far.
        step: the stair of the grid.
    """
    chord = ends - starts
    lengths = np.maximum(np.hypot(chord[:, 0], chord[:, 1]), 1e-9)
    directions = chord / lengths[:, None]
    normals = np.column_stack((-directions[:, 1], directions[:, 0]))
    middles = (starts + ends) / 2
    offsets = sides - middles[:, None]
    t = np.einsum("smk,sk->sm", offsets, directions) / (lengths / 2)[:, None]
    y = np.einsum("smk,sk->sm", offsets, normals)
    is_partial = (t.min(axis=1) > -SEEN_TO) | (t.max(axis=1) < SEEN_TO)
    coefficients, weights, misfit = _parabolas(t, y, lengths, step, is_partial)
    deepest = np.where(misfit < SMOOTH * lengths, DEEPEST, DEEPEST_RAGGED) * lengths
    wrong = ~is_partial & ~(np.abs(coefficients[:, 2]) <= deepest)
    if wrong.any():
        again = _parabolas(t[wrong], y[wrong], lengths[wrong], step, np.ones(int(wrong.sum()), dtype=bool))
        coefficients[wrong], weights[wrong], misfit[wrong] = again
    turned = directions + (coefficients[:, 1] / (lengths / 2))[:, None] * normals
    turned = turned / np.hypot(turned[:, 0], turned[:, 1])[:, None]
    points = middles + (coefficients[:, 0] + coefficients[:, 2])[:, None] * normals
    return SideLines(points, turned, misfit / lengths * _weakness(t, weights))


def _parabolas(
    t: Points, y: Points, lengths: Points, step: float, straight: npt.NDArray[np.bool_]
) -> tuple[Points, Points, Points]:
    """Robust (S, 3) coefficients of 1, t and t squared, weights (S, M), misfits (S,)."""
    basis = np.stack((np.ones_like(t), t, t * t), axis=2)
    tolerance = np.maximum(1.2 * step, STAIR * lengths)
    cut = 1.5 * (DEEPEST * lengths + tolerance)
    residuals, coefficients, weights = y, np.zeros((len(t), 3)), np.ones_like(t)
    ridge = np.where(straight, STRAIGHT, 1e-9)
    for _ in range(ITERATIONS):
        # First with all that a hollow may explain, then with what lies near the parabola.
        median = np.partition(np.abs(residuals), t.shape[1] // 2, axis=1)[:, t.shape[1] // 2]
        cut = np.maximum(1.5 * tolerance, np.minimum(cut, TUKEY * median))
        weights = np.square(np.maximum(1 - (residuals / cut[:, None]) ** 2, 0.0))
        weighted = basis * weights[..., None]
        system = np.einsum("smi,smj->sij", weighted, basis) + 1e-9 * np.eye(3)
        system[:, 2, 2] += ridge
        before = coefficients
        coefficients = np.linalg.solve(system, np.einsum("smi,sm->si", weighted, y)[..., None])[..., 0]
        residuals = y - np.einsum("smi,si->sm", basis, coefficients)
        if np.abs(coefficients - before).max() < 0.02 * step:
            break
    sums = np.maximum(weights.sum(axis=1), 1e-9)
    return coefficients, weights, np.sqrt((weights * residuals**2).sum(axis=1) / sums)


def _weakness(t: Points, weights: Points) -> Points:
    """(S,) by how much a slope is less certain than that of a side seen whole, for what of it holds the line."""
    held = weights > 0.2
    low, high = np.where(held, t, np.inf).min(axis=1), np.where(held, t, -np.inf).max(axis=1)
    extent = np.clip((high - low) / 2, 0.1, WHOLE_EXTENT)
    return np.asarray((WHOLE_EXTENT / extent) ** 1.5 / np.sqrt(np.clip(held.mean(axis=1) / WHOLE_SHARE, 0.1, 1.0)))


# What holds the line of a side seen whole: of its length, and of its points.
WHOLE_EXTENT, WHOLE_SHARE = 0.8, 0.9
