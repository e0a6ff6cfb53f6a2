"""The four corners of vertebral bodies: lines through their sides, where they meet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sagittal.anatomy.contour import Line
from sagittal.anatomy.grid import Points
from sagittal.anatomy.side_fit import SAMPLES, SideLines, first_lines, fit_sides

# Left out at either end of a side: more costs precision on frayed masks, less takes in the rounded corners.
CORNER_MARGIN = 0.07
# The least part of a side that must be seen (not cut, not fused) for a line to be fitted to it.
VISIBLE_SIDE = 0.3
# Points of a side lie within this of its line, in its lengths, and their rim within this cosine of its direction.
BESIDE = 0.2
ALIGNED = 0.6
# Of an outline: the length over which its direction is taken, and the fewest points that a side needs.
TANGENT = 0.015
FEWEST = 6
PASSES = 3


@dataclass(frozen=True)
class Outline:
    """A body's outline, (N, 2) in order, clockwise on screen; `seen` (N,) False where it is a cut and not a rim of
    bone; `cranial` (2,) the unit direction of the chain at this body."""

    contour: Points
    seen: npt.NDArray[np.bool_]
    cranial: Points


@dataclass(frozen=True)
class Quadrilateral:
    """Corners (4, 2) in the order cranial left, cranial right, caudal right, caudal left, seen with cranial up.

    `roughness` is the misfit of each side's line (superior, right, inferior, left) as a share of its length. `hidden`
    names the sides that were mostly fused with a neighbour: their lines follow the cut.
    """

    corners: Points
    hidden: tuple[str, ...] = ()
    roughness: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)


def turned(body: Quadrilateral, superior: float, inferior: float) -> Quadrilateral:
    """The body with both end plates turned about their middles, in degrees clockwise on screen; its walls stay."""
    corners = body.corners.copy()
    for left, right, degrees in ((0, 1, superior), (3, 2, inferior)):
        middle, direction = (
            (body.corners[left] + body.corners[right]) / 2,
            turn(body.corners[right] - body.corners[left], degrees),
        )
        plate = Line(middle, direction / max(float(np.hypot(*direction)), 1e-9))
        for corner, opposite in ((left, 3 - left), (right, 3 - right)):
            wall = body.corners[opposite] - body.corners[corner]
            meeting = plate.intersect(Line(body.corners[corner], wall / max(float(np.hypot(*wall)), 1e-9)))
            if meeting is not None:
                corners[corner] = meeting
    return replace(body, corners=corners)


def turn(vector: Points, degrees: float) -> Points:
    """A vector (2,) turned clockwise on screen."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return np.array([cosine * vector[0] - sine * vector[1], sine * vector[0] + cosine * vector[1]])


def turned_ends(ends: Points, degrees: float) -> Points:
    """The ends (2, 2) of a plate turned about its middle, clockwise on screen; it stays as long as it is."""
    middle = ends.mean(axis=0)
    return np.array([middle + turn(end - middle, degrees) for end in ends])


SIDES = ("superior", "right", "inferior", "left")


def fit_quadrilaterals(outlines: Sequence[Outline], step: float) -> list[Quadrilateral | None]:
    """Fit a quadrilateral to each of several bodies, None where an outline is none; `step` is the outlines' stair.

    A rim belongs to the side that its outward direction is nearest to, so that the flanks of a bridge or of a bite
    belong to none that they could turn.
    """
    if not outlines:
        return []
    bodies = [_Body.of(outline) for outline in outlines]
    size = np.repeat([body.size for body in bodies], 4)
    inward = np.concatenate([-body.outward for body in bodies])
    chosen = [body.by_direction(side) for body in bodies for side in range(4)]
    corners = _corners(first_lines(_resampled(bodies, chosen), inward, size))
    lines, hidden = None, [False] * len(chosen)
    for _ in range(PASSES):
        along = [body.along(corners[k], side) for k, body in enumerate(bodies) for side in range(4)]
        chosen, hidden = [on for on, _ in along], [is_hidden for _, is_hidden in along]
        starts, ends = corners.reshape(-1, 2), np.roll(corners, -1, axis=1).reshape(-1, 2)
        lines = fit_sides(_resampled(bodies, chosen), starts, ends, step)
        before, corners = corners, _corners(lines)
        if not np.nanmax(np.abs(corners - before), initial=0.0) > 0.2 * step:
            break
    assert lines is not None
    found: list[Quadrilateral | None] = []
    for k, body in enumerate(bodies):
        own = slice(4 * k, 4 * k + 4)
        enough = min(len(on) for on in chosen[own]) >= FEWEST
        if not enough or not _is_sound(corners[k], body.contour):
            found.append(None)
            continue
        names = tuple(name for name, is_hidden in zip(SIDES, hidden[own]) if is_hidden)
        found.append(Quadrilateral(corners[k], names, tuple(lines.misfit[own].tolist())))
    return found


@dataclass(frozen=True)
class _Body:
    """An outline with its outward unit directions (N, 2), the body's own ones by side (4, 2), and its size."""

    contour: Points
    seen: npt.NDArray[np.bool_]
    normals: Points
    outward: Points
    size: float

    @classmethod
    def of(cls, outline: Outline) -> _Body:
        contour = outline.contour
        reach = max(2, round(TANGENT * len(contour)))
        tangent = np.roll(contour, -reach, axis=0) - np.roll(contour, reach, axis=0)
        normals = np.column_stack((tangent[:, 1], -tangent[:, 0]))
        normals = normals / np.maximum(np.hypot(normals[:, 0], normals[:, 1]), 1e-9)[:, None]
        up = outline.cranial
        right = np.array([-up[1], up[0]])
        return cls(contour, outline.seen, normals, np.stack((up, right, -up, -right)), _area(contour) ** 0.5)

    def by_direction(self, side: int) -> npt.NDArray[np.intp]:
        """Indices of the rim that looks to a side; of what is seen, if that is enough."""
        facing = self.normals @ self.outward.T
        own = facing.argmax(axis=1) == side
        return _enough(np.flatnonzero(own & self.seen), np.flatnonzero(own))

    def along(self, corners: Points, side: int) -> tuple[npt.NDArray[np.intp], bool]:
        """Indices of the rim between two corners (of all four, (4, 2)), and whether too little of it is seen."""
        start, end = corners[side], corners[(side + 1) % 4]
        chord = end - start
        length = max(float(np.hypot(*chord)), 1e-9)
        direction = chord / length
        offsets = self.contour - start
        t = offsets @ direction / length
        # From the cranial left corner on clockwise: outside is to the left.
        outward = np.array([direction[1], -direction[0]])
        beside = np.abs(offsets @ outward) < BESIDE * length
        on = beside & (t > CORNER_MARGIN) & (t < 1 - CORNER_MARGIN) & (self.normals @ outward > ALIGNED)
        bare = np.flatnonzero(on & self.seen)
        middle = np.flatnonzero(on)
        is_hidden = len(bare) < VISIBLE_SIDE * max(len(middle), 1)
        return (middle if is_hidden else bare), is_hidden


def _enough(preferred: npt.NDArray[np.intp], all_of: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    return preferred if len(preferred) >= FEWEST else all_of


def _resampled(bodies: Sequence[_Body], chosen: Sequence[npt.NDArray[np.intp]]) -> Points:
    """(S, SAMPLES, 2) points of each side, evenly from those chosen; of the body's centre where there are none."""
    sides = np.empty((len(chosen), SAMPLES, 2))
    for k, on in enumerate(chosen):
        contour = bodies[k // 4].contour
        if len(on):
            sides[k] = contour[on[np.linspace(0, len(on) - 1, SAMPLES).astype(int)]]
        else:
            sides[k] = contour.mean(axis=0)
    return sides


def _corners(lines: SideLines) -> Points:
    """(B, 4, 2): where each side's line meets that of the side before it."""
    sides = np.arange(len(lines.points))
    before = np.where(sides % 4 == 0, sides + 3, sides - 1)
    return lines.meet(before, sides).reshape(-1, 4, 2)


def _is_sound(corners: Points, contour: Points) -> bool:
    """Whether the quadrilateral is convex and about as large as the outline."""
    if not np.isfinite(corners).all():
        return False
    edges = np.roll(corners, -1, axis=0) - corners
    following = np.roll(edges, -1, axis=0)
    turns = edges[:, 0] * following[:, 1] - edges[:, 1] * following[:, 0]
    ratio = _area(corners) / max(_area(contour), 1e-9)
    return bool(np.all(turns > 0) and 0.7 < ratio < 1.5)


def _area(polygon: Points) -> float:
    x, y = polygon.T
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2
