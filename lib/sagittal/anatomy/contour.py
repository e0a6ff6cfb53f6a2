"""Outlines of regions and straight lines through them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sagittal.anatomy.grid import Points


@dataclass(frozen=True)
class Line:
    """A straight line: a point on it and its unit direction, both (2,)."""

    point: Points
    direction: Points

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
    """The longest outline of a region, (N, 2) as (column, row) in samples, clockwise on screen.

    Its points are the middles of the edges between a sample inside and one outside: the vertices that marching
    squares finds at level one half.
    """
    padded = np.pad(region, 1)
    # An edge runs between grid corners; corner (c, r) is the upper left corner of sample (c, r) of the padded region.
    width = padded.shape[1] + 1
    starts, ends = [], []
    for rows, columns, start, end in (
        (*np.nonzero(padded[1:] & ~padded[:-1]), (1, 0), (1, 1)),
        (*np.nonzero(padded[:-1] & ~padded[1:]), (1, 1), (1, 0)),
        (*np.nonzero(padded[:, 1:] & ~padded[:, :-1]), (1, 1), (0, 1)),
        (*np.nonzero(padded[:, :-1] & ~padded[:, 1:]), (0, 1), (1, 1)),
    ):
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
    # Corner (0, 0) of the padded region lies half a sample before its first, padded sample, (-1, -1).
    return (points + np.roll(points, -1, axis=0)) / 2 - 1.5


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
    center = points.mean(axis=0)
    offsets = points - center
    _, vectors = np.linalg.eigh(offsets.T @ offsets)
    return Line(center, vectors[:, 1])


def fit_line(points: Points, tolerance: float) -> Line:
    """A line through (N, 2) points, N >= 2, that ignores those off it.

    Trimmed total least squares: points farther off than 2.5 robust deviations are left out, `tolerance` (the height
    of a step of the outline) never counts as off, so that a staircase is averaged and not locked onto one step.
    """
    line = _median_line(points)
    for _ in range(6):
        residuals = np.abs((points - line.point) @ line.normal)
        limit = max(2.5 * 1.4826 * float(np.median(residuals)), tolerance)
        kept = residuals <= limit
        if np.count_nonzero(kept) < max(2, len(points) // 3):
            return line
        line = total_least_squares(points[kept])
    return line


def _median_line(points: Points) -> Line:
    """A first line: total least squares after the quarter of points farthest off the plain fit is dropped."""
    line = total_least_squares(points)
    residuals = np.abs((points - line.point) @ line.normal)
    kept = points[residuals <= np.quantile(residuals, 0.75)]
    return total_least_squares(kept) if len(kept) >= 2 else line
