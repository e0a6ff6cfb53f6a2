"""The four corners of a vertebral body: straight lines through its sides, where they meet."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sagittal.anatomy.contour import Line, fit_chord
from sagittal.anatomy.grid import Points

# Left out at either end of a side: more costs precision on frayed masks, less takes in the rounded corners.
CORNER_MARGIN = 0.07
# The least part of a side that must be seen (not cut, not fused) for a line to be fitted to it.
VISIBLE_SIDE = 0.3


@dataclass(frozen=True)
class Quadrilateral:
    """Corners (4, 2) in the order cranial left, cranial right, caudal right, caudal left, seen with cranial up.

    `roughness` is the misfit of each side's line (superior, right, inferior, left) as a share of its length. `hidden`
    names the sides that were mostly fused with a neighbour: their lines follow the cut.
    """

    corners: Points
    hidden: tuple[str, ...] = ()
    roughness: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)


SIDES = ("superior", "right", "inferior", "left")


def fit_quadrilateral(
    contour: Points, cranial: Points, step: float, seen: npt.NDArray[np.bool_]
) -> Quadrilateral | None:
    """Fit a quadrilateral to a body's outline.

    Args:
        contour: (N, 2) outline in order.
        cranial: (2,) unit direction of the chain at this body.
        step: height of the outline's stair-steps.
        seen: (N,) False where the outline is a cut and not a rim of bone.

    Returns None where the outline is no quadrilateral.
    """
    right = np.array([-cranial[1], cranial[0]])
    corners = _extreme_corners(contour, right, -cranial)
    hidden: tuple[str, ...] = ()
    roughness: tuple[float, ...] = ()
    for iteration in range(4):
        sides = _sides(contour, corners)
        if sides is None:
            return None
        lines, hidden_sides = [], []
        for name, indices in zip(SIDES, sides):
            line, is_hidden = _side_line(contour, indices, seen, step, settling=iteration > 0)
            if line is None:
                return None
            lines.append(line)
            if is_hidden:
                hidden_sides.append(name)
        meetings = [lines[k - 1].intersect(lines[k]) for k in range(4)]
        if any(m is None for m in meetings):
            return None
        moved = np.array(meetings)
        hidden = tuple(hidden_sides)
        roughness = tuple(
            line.misfit / max(math.hypot(*(moved[(k + 1) % 4] - moved[k])), 1e-9) for k, line in enumerate(lines)
        )
        settled = np.max(np.abs(moved - corners)) < 0.2 * step
        corners = moved
        if settled:
            break
    return Quadrilateral(corners, hidden, roughness) if _is_sound(corners, contour) else None


def _extreme_corners(contour: Points, right: Points, down: Points) -> Points:
    """First corners: the points farthest out along the diagonals of the body's own frame."""
    u, v = contour @ right, contour @ down
    u = (u - (u.max() + u.min()) / 2) / max(np.ptp(u), 1e-9)
    v = (v - (v.max() + v.min()) / 2) / max(np.ptp(v), 1e-9)
    return contour[[int(np.argmax(a * u + b * v)) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]]


def _sides(contour: Points, corners: Points) -> list[npt.NDArray[np.intp]] | None:
    """Indices of the outline between neighbouring corners; None where the corners do not follow each other."""
    n = len(contour)
    at = [int(np.argmin(np.sum((contour - c) ** 2, axis=1))) for c in corners]
    steps = [(b - a) % n for a, b in zip(at, at[1:] + at[:1])]
    if sum(steps) != n:
        # The outline runs the other way round.
        steps = [(a - b) % n for a, b in zip(at, at[1:] + at[:1])]
        if sum(steps) != n:
            return None
        return [(a - np.arange(s + 1)) % n for a, s in zip(at, steps)]
    return [(a + np.arange(s + 1)) % n for a, s in zip(at, steps)]


def _side_line(
    contour: Points, indices: npt.NDArray[np.intp], seen: npt.NDArray[np.bool_], step: float, *, settling: bool
) -> tuple[Line | None, bool]:
    """A line along a side, and whether too little of it is seen; `settling`: both its ends are nearly right."""
    start, end = contour[indices[0]], contour[indices[-1]]
    length = float(np.linalg.norm(end - start))
    if length < 4 * step:
        return None, False
    along = (contour[indices] - start) @ (end - start) / length**2
    middle = indices[(along > CORNER_MARGIN) & (along < 1 - CORNER_MARGIN)]
    if len(middle) < 6:
        return None, False
    bare = middle[seen[middle]]
    hidden = len(bare) < VISIBLE_SIDE * len(middle)
    near = Line(start, (end - start) / length) if settling and not hidden else None
    return fit_chord(contour[middle if hidden else bare], start, end, step, near), hidden


def _is_sound(corners: Points, contour: Points) -> bool:
    """Whether the quadrilateral is convex and about as large as the outline."""
    edges = np.roll(corners, -1, axis=0) - corners
    following = np.roll(edges, -1, axis=0)
    turns = edges[:, 0] * following[:, 1] - edges[:, 1] * following[:, 0]
    ratio = _area(corners) / max(_area(contour), 1e-9)
    return bool((np.all(turns > 0) or np.all(turns < 0)) and 0.7 < ratio < 1.5)


def _area(polygon: Points) -> float:
    x, y = polygon.T
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2
