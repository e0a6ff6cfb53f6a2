"""The S1 superior end plate: the straight part of the sacrum's outline that faces the lowest body."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sagittal.anatomy.contour import Line, fit_line
from sagittal.anatomy.grid import Points
from sagittal.anatomy.side_fit import SAMPLES, fit_sides

# Length of the S1 plate in lengths of the inferior plate above it: .83 to 1.04 of a body's depth is usual.
SHORTEST, LONGEST = 0.55, 1.45
# How far to look along the outline: from the point below the body, and beyond either end of the plate.
REACH = 1.15
FLANK = 0.55
# The part of the plate left out at either end, and of a flank taken as straight beside it, in plate lengths.
PLATE_MARGIN = 0.03
STRAIGHT_FLANK = 0.4
# Of a plate: less that borders on no vertebra, and all of it is taken.
LEAST_BARE = 0.3


class PlateNotFoundError(Exception):
    """The S1 end plate cannot be found; the message is the reason."""


def find_sacral_plate(
    contour: Points,
    inferior_plate: Points,
    caudal: Points,
    step: float,
    at_edge: npt.NDArray[np.bool_],
    at_vertebra: npt.NDArray[np.bool_],
) -> tuple[Points, float]:
    """Both ends of the S1 plate, and the misfit of its line as a share of its length.

    A broken line of three straight pieces (anterior surface, plate, posterior surface) is fitted to the outline below
    the lowest body; the plate's line is then fitted robustly between the breaks, its ends are where the lines meet.

    Args:
        contour: (N, 2) outline of the sacrum in order.
        inferior_plate: (2, 2) ends of the lowest body's inferior end plate.
        caudal: (2,) unit direction away from that body.
        step: height of the outline's stair-steps.
        at_edge: (N,) True where the outline lies at the film's edge.
        at_vertebra: (N,) True where vertebra touches it: a border between two classes is no rim of bone.

    Returns:
        (2, 2) the ends, in no particular order; the misfit.

    Raises:
        PlateNotFoundError: with the reason.
    """
    plate_length = float(np.linalg.norm(inferior_plate[1] - inferior_plate[0]))
    contour, flags = _evenly(contour, np.stack((at_edge, at_vertebra)), plate_length / 60)
    at_edge, at_vertebra = flags
    seed = _facing(contour, inferior_plate, caudal)
    window = _window(contour, seed, REACH * plate_length)
    first, last = _breaks(contour[window], plate_length, int(np.flatnonzero(window == seed)[0]))
    for _ in range(2):
        # Again, with as much to either side of the plate.
        half = np.linalg.norm(contour[window[last]] - contour[window[first]]) / 2
        middle = int(window[(first + last) // 2])
        window = _window(contour, middle, float(half) + FLANK * plate_length)
        first, last = _breaks(contour[window], plate_length, int(np.flatnonzero(window == middle)[0]))
    section = contour[window]
    if np.mean(at_edge[window[first : last + 1]]) > 0.1:
        raise PlateNotFoundError("the S1 end plate is cut by the film's edge")
    ends, roughness = _meetings(section, at_edge[window], at_vertebra[window], first, last, step)
    middle_of_plate = ends.mean(axis=0)
    across = ends[1] - ends[0]
    outward = np.array([-across[1], across[0]]) / max(float(np.linalg.norm(across)), 1e-9)
    if abs(float(outward @ caudal)) < 0.35 or (middle_of_plate - inferior_plate.mean(axis=0)) @ caudal < -plate_length:
        raise PlateNotFoundError("no edge of the sacrum faces the lowest body")
    return ends, roughness


def _evenly(contour: Points, flags: npt.NDArray[np.bool_], spacing: float) -> tuple[Points, npt.NDArray[np.bool_]]:
    """The closed outline at even spacing, smoothed over one spacing, with its flags (K, N)."""
    steps = np.linalg.norm(np.roll(contour, -1, axis=0) - contour, axis=1)
    position = np.concatenate(([0.0], np.cumsum(steps)))
    count = max(24, int(position[-1] / spacing))
    at = np.arange(count) * position[-1] / count
    closed = np.vstack((contour, contour[:1]))
    even = np.column_stack([np.interp(at, position, closed[:, k]) for k in (0, 1)])
    nearest = np.minimum(np.searchsorted(position, at), len(contour) - 1)
    return even, flags[:, nearest]


def _facing(contour: Points, inferior_plate: Points, caudal: Points) -> int:
    """Index of the outline's point that the lowest body looks at: the median of what its plate's normals hit."""
    hits = []
    across = np.array([-caudal[1], caudal[0]])
    width = float(np.linalg.norm(inferior_plate[1] - inferior_plate[0]))
    for part in np.linspace(0.2, 0.8, 13):
        origin = inferior_plate[0] + part * (inferior_plate[1] - inferior_plate[0])
        offsets = contour - origin
        ahead, aside = offsets @ caudal, np.abs(offsets @ across)
        # A sacrum that overlaps the body a little begins above its plate.
        candidates = np.flatnonzero((aside < 0.03 * width) & (ahead > -0.35 * width) & (ahead < 3 * width))
        if candidates.size:
            hits.append(int(candidates[np.argmin(ahead[candidates])]))
    if not hits:
        raise PlateNotFoundError("no edge of the sacrum lies below the lowest body")
    points = contour[hits]
    return hits[int(np.argmin(np.linalg.norm(points - np.median(points, axis=0), axis=1)))]


def _window(contour: Points, center: int, reach: float) -> npt.NDArray[np.intp]:
    """Indices of the outline within `reach` along it of a point, in order."""
    spacing = float(np.mean(np.linalg.norm(np.diff(contour, axis=0), axis=1)))
    half = min(int(reach / max(spacing, 1e-9)), (len(contour) - 1) // 2)
    return (center + np.arange(-half, half + 1)) % len(contour)


def _breaks(section: Points, plate_length: float, inside: int) -> tuple[int, int]:
    """The two breaks, around index `inside`, of the best line of three straight pieces through a section."""
    n = len(section)
    misfit = _misfits(section)
    spread = np.linalg.norm(section[:, None] - section[None], axis=2)
    total = misfit[0][:, None] + misfit + misfit[:, n - 1][None]
    i, j = np.meshgrid(np.arange(n), np.arange(n), indexing="ij")
    allowed = (i >= 3) & (j <= n - 4) & (i < inside) & (j > inside)
    allowed &= (spread >= SHORTEST * plate_length) & (spread <= LONGEST * plate_length)
    if not allowed.any():
        raise PlateNotFoundError("no edge of the sacrum that faces the lowest body is as long as an end plate")
    first, last = np.unravel_index(int(np.argmin(np.where(allowed, total, np.inf))), total.shape)
    return int(first), int(last)


def _misfits(section: Points) -> Points:
    """(n, n) sum of squared distances of points i..j to their own best line, for i < j."""
    offsets = section - section.mean(axis=0)
    x, y = offsets.T
    sums = [np.concatenate(([0.0], np.cumsum(v))) for v in (np.ones(len(x)), x, y, x * x, x * y, y * y)]
    count, sx, sy, sxx, sxy, syy = (v[None, 1:] - v[:-1, None] for v in sums)
    count = np.maximum(count, 1.0)
    cxx, cxy, cyy = sxx - sx * sx / count, sxy - sx * sy / count, syy - sy * sy / count
    # The smaller eigenvalue of the scatter matrix.
    smaller = (cxx + cyy) / 2 - np.sqrt(((cxx - cyy) / 2) ** 2 + cxy**2)
    return np.asarray(np.maximum(smaller, 0.0))


def _meetings(
    section: Points,
    at_edge: npt.NDArray[np.bool_],
    at_vertebra: npt.NDArray[np.bool_],
    first: int,
    last: int,
    step: float,
) -> tuple[Points, float]:
    """The plate's robust line, ended where the lines of both flanks cross it, and its misfit per length."""
    length = float(np.linalg.norm(section[last] - section[first]))
    margin = max(1, round(PLATE_MARGIN * (last - first)))
    between = np.arange(first + margin, last + 1 - margin)
    bare = between[~at_vertebra[between]]
    own = bare if len(bare) > LEAST_BARE * len(between) else between
    sampled = section[own[np.linspace(0, len(own) - 1, SAMPLES).astype(int)]]
    fitted = fit_sides(sampled[None], section[[first]], section[[last]], step)
    plate = Line(fitted.points[0], fitted.directions[0])
    ends = []
    for corner, flank in ((first, slice(0, first + 1)), (last, slice(last, len(section)))):
        seen = section[flank][~at_edge[flank]]
        away = np.linalg.norm(seen - section[corner], axis=1)
        near = seen[away < STRAIGHT_FLANK * length]
        ends.append(_end(plate, section[corner], near, length, step))
    return np.array(ends), float(fitted.misfit[0])


def _end(plate: Line, corner: Points, flank: Points, length: float, step: float) -> Points:
    foot = plate.project(corner)
    if len(flank) < 5:
        return foot
    meeting = plate.intersect(fit_line(flank, step))
    # Flanks nearly in line with the plate would put its end anywhere.
    return meeting if meeting is not None and np.linalg.norm(meeting - foot) < 0.12 * length else foot
