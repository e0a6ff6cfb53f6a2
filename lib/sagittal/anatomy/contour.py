"""Outlines of regions and straight lines through them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sagittal.anatomy.grid import Points

# Of a side's length: the stair that a network's grid leaves on it.
STAIR = 0.04
# Points through which first lines are drawn, and the part of all points that must be near one.
ANCHORS = 14
CONSENSUS = 0.65
# A side must be seen beyond this share of its halves for its hollow to be told; deeper hollows, in side lengths, are
# none of bone.
SEEN_TO = 0.6
DEEPEST, DEEPEST_RAGGED = 0.18, 0.1
# Misfit, in side lengths, of a rim that is no ragged one.
SMOOTH = 0.01


@dataclass(frozen=True)
class Line:
    """A straight line: a point on it and its unit direction, both (2,).

    `misfit` is the root mean square distance of the points it was fitted to, from it or from their own hollow.
    """

    point: Points
    direction: Points
    misfit: float = 0.0

    @property
    def normal(self) -> Points:
        return np.array([-self.direction[1], self.direction[0]])

    def project(self, points: npt.ArrayLike) -> Points:
        """The foot on the line of each of (.., 2) points."""
        offsets = np.asarray(points, dtype=np.float64) - self.point
        return self.point + (offsets @ self.direction)[..., None] * self.direction

    def intersect(self, other: Line) -> Points | None:
        """Where both lines meet; None for lines within 3 degrees of parallel."""
        cross = self.direction[0] * other.direction[1] - self.direction[1] * other.direction[0]
        if abs(cross) < 0.05:
            return None
        gap = other.point - self.point
        along = (gap[0] * other.direction[1] - gap[1] * other.direction[0]) / cross
        return self.point + along * self.direction


def outline(region: npt.NDArray[np.bool_]) -> Points:
    """The longest outline of a region that is not empty, (N, 2) as (column, row) in samples, clockwise on screen.

    Its points are the middles of the edges between a sample inside and one outside: the vertices that marching
    squares finds at level one half.
    """
    rows, columns = np.flatnonzero(region.any(axis=1)), np.flatnonzero(region.any(axis=0))
    top, left = int(rows[0]), int(columns[0])
    padded = np.pad(region[top : rows[-1] + 1, left : columns[-1] + 1], 1)
    # An edge runs between grid corners; corner (c, r) is the upper left corner of sample (c, r) of the padded region.
    width = padded.shape[1] + 1
    inside, outside = padded, ~padded
    edges = (
        (inside[1:] & outside[:-1], (1, 0), (1, 1)),
        (inside[:-1] & outside[1:], (1, 1), (1, 0)),
        (inside[:, 1:] & outside[:, :-1], (1, 1), (0, 1)),
        (inside[:, :-1] & outside[:, 1:], (0, 1), (1, 1)),
    )
    starts, ends = [], []
    for where, start, end in edges:
        rows, columns = np.nonzero(where)
        starts.append((rows + start[0]) * width + columns + start[1])
        ends.append((rows + end[0]) * width + columns + end[1])
    following: dict[int, list[int]] = {}
    for a, b in zip(np.concatenate(starts).tolist(), np.concatenate(ends).tolist()):
        following.setdefault(a, []).append(b)
    longest: list[int] = []
    while following:
        loop = _follow(following, width)
        longest = max(longest, loop, key=len)
    corners = np.array(longest)
    points = np.column_stack((corners % width, corners // width)).astype(np.float64)
    # Corner (0, 0) of the padded region lies half a sample before its first sample, which is padding.
    return (points + np.roll(points, -1, axis=0)) / 2 - 1.5 + np.array([left, top])


def _follow(following: dict[int, list[int]], width: int) -> list[int]:
    """Take one closed loop of corners out of the edges that are left."""
    start = next(iter(following))
    loop, corner, before = [start], start, 0
    while True:
        choices = following[corner]
        if len(choices) == 1:
            after = choices.pop()
            del following[corner]
        else:
            # Where two samples meet at a corner only, turn so that they stay apart.
            came = corner - before
            turn = {width: -1, -1: -width, -width: 1, 1: width}.get(came, 0)
            after = corner + turn if corner + turn in choices else choices[0]
            choices.remove(after)
        if after == start:
            return loop
        loop.append(after)
        corner, before = after, corner


def total_least_squares(points: Points) -> Line:
    """The line of least squared perpendicular distance to (N, 2) points, N >= 2."""
    center = np.add.reduce(points) / len(points)
    x, y = (points - center).T
    angle = math.atan2(2 * float(x @ y), float(x @ x - y @ y)) / 2
    return Line(center, np.array([math.cos(angle), math.sin(angle)]))


def fit_line(points: Points, step: float) -> Line:
    """A line through (N, 2) points, N >= 2, that ignores those off it.

    Trimmed total least squares: points farther off than 2.5 robust deviations are left out. Nothing within a stair of
    the outline counts as off, so that a staircase is averaged and not locked onto one stair: `step` is the stair of
    the working grid, and a network of some 500 rows leaves stairs of STAIR of a body's side.
    """
    line = total_least_squares(points)
    tolerance = max(1.2 * step, STAIR * float(np.linalg.norm(np.ptp(points, axis=0))))
    distances = _distances(_consensus_line(points), points)
    kept = np.ones(len(points), dtype=bool)
    for _ in range(8):
        median = np.partition(distances, len(points) // 2)[len(points) // 2]
        before, kept = kept, distances <= max(2.5 * 1.4826 * float(median), tolerance)
        if np.array_equal(before, kept):
            break
        line = total_least_squares(points[kept])
        distances = _distances(line, points)
    return Line(line.point, line.direction, _root_mean_square(distances[kept]))


def fit_chord(points: Points, start: Points, end: Points, step: float, near: Line | None = None) -> Line:
    """The line between the rims of a side that may be hollow or domed.

    A parabola over the side's own extent, -1 at `start` and 1 at `end` (both (2,), the corners as known so far), is
    fitted robustly to (N, 2) points, N >= 6; its chord is the line. On a side seen evenly to both halves its slope
    does not depend on the hollow; where one end is hidden that can no longer be told apart, and the line is straight.
    `near` is a line that is known to be near already; without it a robust straight one is found first.
    """
    line = near or fit_line(points, step)
    half = math.hypot(*(end - start)) / 2
    if half <= 0:
        return line
    direction = line.direction if line.direction @ (end - start) > 0 else -line.direction
    normal = np.array([-direction[1], direction[0]])
    middle = line.project((start + end) / 2)
    offsets = (points - middle) @ np.column_stack((direction / half, normal))
    t, y = offsets[:, 0], offsets[:, 1]
    if t.min() > -SEEN_TO or t.max() < SEEN_TO:
        return fit_line(points, step) if near is not None else line
    powers = np.stack((np.ones_like(t), t, t * t, t**3, t**4))
    basis = powers[:3]
    tolerance = max(1.2 * step, STAIR * 2 * half)
    coefficients = np.zeros(3)
    residuals = y
    limit = DEEPEST * 2 * half + tolerance
    for _ in range(5):
        # First with all that a hollow may explain, then with what lies near the parabola.
        spread = np.partition(np.abs(residuals), len(t) // 2)[len(t) // 2]
        limit = max(tolerance, min(limit, 7.0 * float(spread)))
        weights = np.maximum(1 - (residuals / (1.5 * limit)) ** 2, 0) ** 2
        sums = powers @ weights
        system = sums[[[0, 1, 2], [1, 2, 3], [2, 3, 4]]]
        before = coefficients
        try:
            coefficients = np.linalg.solve(system, basis @ (weights * y))
        except np.linalg.LinAlgError:
            return line
        residuals = y - coefficients @ basis
        if np.abs(coefficients - before).max() < 0.01 * step:
            break
    height, slope, bend = coefficients.tolist()
    misfit = math.sqrt(float(weights @ residuals**2) / max(float(weights.sum()), 1e-9))
    # A ragged rim fits deep hollows by chance; a crushed plate fits one well.
    deepest = DEEPEST if misfit < SMOOTH * 2 * half else DEEPEST_RAGGED
    if not math.isfinite(bend) or abs(bend) > deepest * 2 * half:
        return fit_line(points, step) if near is not None else line
    turned = direction + slope / half * normal
    return Line(middle + (height + bend) * normal, turned / math.hypot(*turned), misfit)


def _consensus_line(points: Points) -> Line:
    """Of all lines through two of ANCHORS points, the one that most points are near to (least quantile of distance)."""
    anchors = points[np.linspace(0, len(points) - 1, ANCHORS).astype(int)]
    first, second = np.triu_indices(ANCHORS, 3)
    directions = anchors[second] - anchors[first]
    lengths = np.hypot(directions[:, 0], directions[:, 1])
    directions = directions[lengths > 0] / lengths[lengths > 0, None]
    starts = anchors[first[lengths > 0]]
    if len(starts) == 0:
        return total_least_squares(points)
    normals = np.column_stack((-directions[:, 1], directions[:, 0]))
    sample = points[:: max(1, len(points) // 60)]
    distances = np.abs(sample @ normals.T - np.sum(starts * normals, axis=1))
    rank = int(CONSENSUS * (len(sample) - 1))
    best = int(np.argmin(np.partition(distances, rank, axis=0)[rank]))
    return Line(starts[best], directions[best])


def _root_mean_square(values: Points) -> float:
    return math.sqrt(float(values @ values) / max(len(values), 1))


def _distances(line: Line, points: Points) -> Points:
    return np.abs((points - line.point) @ line.normal)
