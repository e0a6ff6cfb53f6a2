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
    from_corners, to_corners = np.concatenate(starts).tolist(), np.concatenate(ends).tolist()
    after = dict(zip(from_corners, to_corners))
    longest: list[int] = []
    if len(after) == len(from_corners):
        while after:
            longest = max(longest, _follow_alone(after), key=len)
    else:
        following: dict[int, list[int]] = {}
        for a, b in zip(from_corners, to_corners):
            following.setdefault(a, []).append(b)
        while following:
            longest = max(longest, _follow(following, width), key=len)
    corners = np.array(longest)
    points = np.column_stack((corners % width, corners // width)).astype(np.float64)
    # Corner (0, 0) of the padded region lies half a sample before its first sample, which is padding.
    return (points + np.roll(points, -1, axis=0)) / 2 - 1.5 + np.array([left, top])


def _follow_alone(after: dict[int, int]) -> list[int]:
    """Take one closed loop out of edges of which one leaves each corner."""
    start, corner = after.popitem()
    loop = [start]
    while corner != start:
        loop.append(corner)
        corner = after.pop(corner)
    return loop


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
