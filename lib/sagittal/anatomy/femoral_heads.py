"""Femoral heads: circles through the arc that is seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from sagittal.anatomy.circle_fit import CircleFit, RadiusPrior, fit_circle, likeliest_circle
from sagittal.anatomy.contour import outline
from sagittal.anatomy.grid import Grid, Points

Region = npt.NDArray[np.bool_]

# Radius in depths of a vertebral body, and the deviation of its logarithm.
SMALLEST_RADIUS, LARGEST_RADIUS = 0.42, 0.9
USUAL_RADIUS, RADIUS_SPREAD = 0.62, 0.16
# The head nearer to the source is magnified more, up to 1.3 times the other, and, the beam being centred on the spine,
# thrown more caudally: the more caudal head's radius over the other one's, and the deviation of its logarithm.
CAUDAL_RATIO, RATIO_SPREAD = 1.1, 0.1
# Areas in squares of that depth: of a piece that may be a head by itself, and of one that is what an edge or the other
# head leaves of a head.
SPECK_AREA, SLIVER_AREA = 0.04, 0.004
# A piece of this part of the largest one's area belongs to the head too, or is the other one where that has no mask.
SAME_HEAD, OTHER_HEAD = 0.08, 0.3
# A head is in no more pieces than these; of what is in more, as noise is, the largest are looked at.
MOST_PIECES = 6
# Points of rim that a circle needs; degrees of rim below which the user is told.
LEAST_POINTS, SHORT_ARC = 8, 75.0
# Of a radius: a centre that is known no better than this is none.
LOOSEST_CENTER = 0.35
# Of a piece, the part that must lie within its circle; of a rim, the part that must lie on it.
INSIDE, ON_CIRCLE = 0.8, 0.5
# Two heads that a network took for one have centres at least so many radii apart; else the second is the first again.
APART = 0.4
# Of an outline: less says that an edge or the other head hides a part.
WHOLE_RIM = 0.95
# How far a rim may lie from the other head and still be the border between both, in square roots of its area; and from
# another piece of the same head across the gap that parts both, in depths.
BORDER = 0.07
GAP = 0.12
# Of an outline: more border than this has only a head in front of the other.
ALL_AROUND = 0.6
# A straight run along rows or columns this much longer than a circle's is where an edge cuts the head.
STRAIGHT = 1.15


@dataclass(frozen=True)
class FemoralHead:
    """A head's circle (x, y, radius in column widths), the arc it was fitted to (degrees), its pixels, the deviation
    of the arc from the circle and the covariance (2, 2) of the centre (column widths)."""

    center: Points
    radius: float
    arc: float
    region: Region
    misfit: float
    covariance: Points


def find_femoral_heads(first: Region, second: Region, grid: Grid, depth: float | None) -> tuple[FemoralHead, ...]:
    """Fit a circle to each head, the more cranial centre first.

    Args:
        first, second: masks of both heads over the working grid, either may be empty.
        grid: where they lie.
        depth: depth of a vertebral body where known: it holds the radius, without which a short arc says little.

    The head of which more is seen is fitted first; its radius then holds that of the other. Where the masks are no
    heads' each, because a network took both heads for one, both are sought along the rim of both masks together.
    """
    rims = _visible_rims(_head_pieces(first, second, grid, depth), grid, depth)
    heads = _fitted(rims, grid, depth)
    if len(heads) < len(rims):
        together = _visible_rims([_pieces(first | second, _smallest(grid, depth))], grid, depth)
        heads = max(heads, _fitted(_parted(together, grid, depth), grid, depth), key=len)
    return tuple(sorted(heads, key=lambda head: float(head.center[1])))


def _fitted(rims: Sequence[_Rim], grid: Grid, depth: float | None) -> list[FemoralHead]:
    """The heads whose rims show them."""
    prior = _radius_prior(depth, rims)
    heads: list[FemoralHead] = []
    for rim in sorted(rims, key=lambda rim: -len(rim.arc)):
        if len(rim.arc) < LEAST_POINTS:
            continue
        fit = fit_circle(rim.arc, prior, grid.step)
        if heads:
            ratio = CAUDAL_RATIO if fit.center[1] > heads[0].center[1] else 1 / CAUDAL_RATIO
            held = replace(prior, usual=heads[0].radius * ratio, spread=RATIO_SPREAD)
            fit = fit_circle(rim.arc, held, grid.step)
        if _is_head(fit, rim, grid):
            heads.append(FemoralHead(fit.center, fit.radius, fit.arc, rim.region, fit.misfit, fit.covariance))
    return heads


def _parted(rims: Sequence[_Rim], grid: Grid, depth: float | None) -> list[_Rim]:
    """The rims of two heads that have one rim together: what lies on the likeliest circle, and what is left."""
    parted: list[_Rim] = []
    for rim in rims:
        left, region = rim.arc, rim.region
        rows, columns = np.nonzero(region)
        prior, first = _radius_prior(depth, rims), np.zeros(2)
        places = grid.locate(np.column_stack((columns, rows)).astype(np.float64))
        for _ in range(2):
            if len(left) < LEAST_POINTS:
                break
            circle = likeliest_circle(left, prior, grid.step)
            center, radius = circle[:2], math.exp(circle[2])
            if parted and math.dist(center, first) < APART * radius:
                break
            first = center
            on = _on_circle(left, center, radius, grid)
            within = np.zeros_like(region)
            inside = np.hypot(*(places - center).T) < radius
            within[rows[inside], columns[inside]] = True
            parted.append(_Rim(within, left[on], True))
            left = left[~on]
    return parted


@dataclass(frozen=True)
class _Rim:
    """A head's pixels and the part of its outline, (N, 2) in order, that is its own; `is_part` says whether some is
    not."""

    region: Region
    arc: Points
    is_part: bool


def _radius_prior(depth: float | None, rims: Sequence[_Rim]) -> RadiusPrior:
    if depth:
        return RadiusPrior(USUAL_RADIUS * depth, RADIUS_SPREAD, SMALLEST_RADIUS * depth, LARGEST_RADIUS * depth)
    widest = max((float(np.ptp(rim.arc, axis=0).max()) / 2 for rim in rims if len(rim.arc)), default=1.0)
    return RadiusPrior(1.1 * widest, 0.5, 0.5 * widest, 4 * widest)


def _is_head(fit: CircleFit, rim: _Rim, grid: Grid) -> bool:
    """Whether a circle is known well enough, and is the rim's and its pixels'."""
    if math.sqrt(float(np.linalg.eigvalsh(fit.covariance)[-1])) > LOOSEST_CENTER * fit.radius:
        return False
    if np.mean(_on_circle(rim.arc, fit.center, fit.radius, grid)) < ON_CIRCLE:
        return False
    points = grid.locate(np.argwhere(rim.region)[::5, ::-1].astype(np.float64))
    return bool(np.mean(np.hypot(*(points - fit.center).T) < 1.05 * fit.radius) > INSIDE)


def _on_circle(points: Points, center: Points, radius: float, grid: Grid) -> npt.NDArray[np.bool_]:
    """(N,) True where a point lies on the circle, as near as a ragged rim does."""
    off = np.abs(np.hypot(*(points - center).T) - radius)
    return np.asarray(off < max(0.06 * radius, 1.5 * grid.step))


def _head_pieces(first: Region, second: Region, grid: Grid, depth: float | None) -> list[list[Region]]:
    """The pieces of each head: those of its mask; of one mask alone its two largest are two heads, should both be
    large and of no common circle."""
    found = [pieces for pieces in (_pieces(mask, _smallest(grid, depth)) for mask in (first, second)) if pieces]
    if len(found) == 1 and len(found[0]) > 1:
        largest, other = found[0][:2]
        if np.count_nonzero(other) >= OTHER_HEAD * np.count_nonzero(largest):
            return [[largest], [other]]
    return found


def _smallest(grid: Grid, depth: float | None) -> float:
    """Pixels that a piece of a head has at least."""
    return SLIVER_AREA * depth**2 / (grid.spacing[0] * grid.spacing[1]) if depth else 12


def _pieces(mask: Region, smallest: float) -> list[Region]:
    """The pieces of a mask that are large enough, the largest first."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if rows.size == 0:
        return []
    window = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    labels = ndimage.label(mask[window])[0]
    sizes = np.bincount(labels.ravel())[1:]
    pieces = []
    for k in np.argsort(-sizes)[:MOST_PIECES]:
        if sizes[k] >= max(smallest, SAME_HEAD * sizes.max()):
            piece = np.zeros_like(mask)
            piece[window] = labels == k + 1
            pieces.append(piece)
    return pieces


def _visible_rims(heads: Sequence[Sequence[Region]], grid: Grid, depth: float | None) -> list[_Rim]:
    """The rim of each head without what the film's edge, a straight cut, a gap between its pieces or the other head
    took.

    A small head of which nothing is hidden is a speck and no head.
    """
    outlines = [[grid.locate(outline(piece)) for piece in pieces] for pieces in heads]
    size = depth or max((float(np.ptp(rim, axis=0).max()) for of in outlines for rim in of), default=1.0)
    cuts = [cut for of in outlines for rim in of for cut in _straight_cuts(rim, grid, USUAL_RADIUS * size)]
    rims = []
    for k, pieces in enumerate(heads):
        others = [piece for other in (*heads[:k], *heads[k + 1 :]) for piece in other]
        arcs, seen = [], []
        for piece, contour in zip(pieces, outlines[k]):
            own = ~grid.on_film_edge(contour)
            for axis, at in cuts:
                own &= np.abs(contour[:, axis] - at) > 0.75 * grid.spacing[1 - axis]
            for other in others:
                own &= ~_hidden_by(contour, other, grid)
            for same in pieces:
                if same is not piece:
                    own &= ~_faces(contour, same, grid, GAP * size)
            arcs.append(_from_its_gap(contour, own))
            seen.append(float(np.mean(own)))
        region = np.logical_or.reduce(pieces)
        area = float(np.count_nonzero(region)) * grid.spacing[0] * grid.spacing[1]
        is_part = min(seen) < WHOLE_RIM
        if is_part or area >= SPECK_AREA * size**2:
            rims.append(_Rim(region, np.concatenate(arcs), is_part))
    return rims


def _from_its_gap(contour: Points, own: npt.NDArray[np.bool_]) -> Points:
    """The points of a closed outline that are a rim's own, in order from behind a gap."""
    start = int(np.argmin(own)) if not own.all() else 0
    return np.roll(contour, -start, axis=0)[np.roll(own, -start)]


def _straight_cuts(contour: Points, grid: Grid, radius: float) -> list[tuple[int, float]]:
    """(axis, coordinate) of the straight ends of an outline along rows or columns: no circle is so flat there."""
    cuts = []
    for axis in (0, 1):
        spacing = grid.spacing[1 - axis]
        flattest = STRAIGHT * 2 * math.sqrt(2 * radius * spacing)
        for at in (float(contour[:, axis].min()), float(contour[:, axis].max())):
            on = contour[np.abs(contour[:, axis] - at) < 0.25 * spacing]
            if np.ptp(on[:, 1 - axis]) > flattest:
                cuts.append((axis, at))
    return cuts


def _hidden_by(contour: Points, other: Region, grid: Grid) -> npt.NDArray[np.bool_]:
    """(N,) True where an outline is the other head's, in front of this one.

    The border between both is the rim of the head in front: it bulges out of that head and into the other one. A
    border that bulges out is kept, and so is one nearly all around, which only a head in front has; a hollow or
    straight one is not.
    """
    reach = max(2.5 * grid.step, BORDER * float(np.sqrt(np.prod(np.ptp(contour, axis=0)))))
    border = _faces(contour, other, grid, reach)
    if not border.any() or np.mean(border) > ALL_AROUND:
        return np.zeros(len(contour), dtype=bool)
    points = contour[border]
    sparse = points[:: max(1, len(points) // 60)]
    spread = np.linalg.norm(sparse[:, None] - sparse[None], axis=2)
    a, b = np.unravel_index(int(np.argmax(spread)), spread.shape)
    chord = sparse[b] - sparse[a]
    length = float(np.linalg.norm(chord))
    normal = np.array([-chord[1], chord[0]]) / max(length, 1e-9)
    bulge = (points - sparse[a]) @ normal
    outwards = -np.sign(float((contour.mean(axis=0) - sparse[a]) @ normal)) or 1.0
    if float(np.mean(bulge)) * outwards > 0.04 * length:
        return np.zeros(len(contour), dtype=bool)
    return np.asarray(ndimage.binary_dilation(np.tile(border, 3), iterations=2)[len(border) : 2 * len(border)])


def _faces(contour: Points, other: Region, grid: Grid, reach: float) -> npt.NDArray[np.bool_]:
    """(N,) True where another region lies within reach outside of a closed outline."""
    tangent = np.roll(contour, -3, axis=0) - np.roll(contour, 3, axis=0)
    # Outlines run clockwise on screen: outside is to their left.
    outward = np.column_stack((tangent[:, 1], -tangent[:, 0])) / np.hypot(*tangent.T).clip(1e-9)[:, None]
    border = np.zeros(len(contour), dtype=bool)
    for distance in np.arange(0.6 * grid.step, reach + 0.6 * grid.step, grid.step):
        columns, rows = np.rint(grid.samples(contour + distance * outward)).astype(int).T
        inside = (rows >= 0) & (columns >= 0) & (rows < other.shape[0]) & (columns < other.shape[1])
        border[inside] |= other[rows[inside], columns[inside]]
    return border
