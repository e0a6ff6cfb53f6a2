"""Two discs from maps of their union and of their overlap.

Which head is which cannot be seen on a lateral film, and heads may lie in front of each other: a network therefore
emits how likely a pixel lies in any head, and in both. From these both discs follow, whichever is called the first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage, optimize

from sagittal.anatomy.grid import Points

Map = npt.NDArray[np.float64]

# Where a pixel counts as seen; fewer of these are no head; a second piece smaller than this part of the first is none.
SEEN, LEAST_PIXELS, OTHER_PIECE = 0.5, 30, 0.25
# Samples along the longer side that the discs are fitted on; margin around what is seen, as a share of that side.
SAMPLES, MARGIN = 56, 0.2
# Width of a disc's soft rim as a share of the radius: about a network's, and wide enough to be drawn to.
RIM = 0.05
# The head nearer to the source is magnified up to so many times the other. How much the logarithm of that ratio
# counts against the pixels up to there, keeping discs alike that pixels leave open, and beyond.
LARGEST_RATIO, RATIO_WEIGHT, BEYOND_WEIGHT = 1.3, 0.1, 1.0
TOLERANCE, MOST_STEPS = 1e-4, 40
# One disc may lie within the other where the logarithm of their radii's ratio is smaller than this.
CONTAINED = 0.35
# Two discs must explain this part more of what is seen than one.
SECOND_EXPLAINS = 0.1
# Discs that explain less than this of what is seen are none.
LEAST_AGREEMENT = 0.5


@dataclass(frozen=True)
class Disc:
    """A head's disc: centre (x, y) and radius in samples of the map, and in 0..1 how well both discs explain the maps,
    times the share of this one that lies on them."""

    center: Points
    radius: float
    sureness: float


def find_discs(union: Map, overlap: Map) -> tuple[Disc, ...]:
    """The two discs, or the one, of which maps (rows, columns) in 0..1 show the union and the overlap.

    Least squares of the pixels of both maps. Discs that the map's edge cuts are found where they lie. One head alone
    has no overlap, two that coincide have one that is as large as their union.

    Returns:
        The more cranial first; none where the maps show no discs.
    """
    window = _window(union) if np.isfinite([union, overlap]).all() else None
    if window is None:
        return ()
    (rows, columns), kept = window
    step = min(max(1, math.ceil(max(kept.shape) / SAMPLES)), *kept.shape)
    maps = np.stack([_coarser(one[rows, columns] * kept, step) for one in (union, overlap)])
    fits = [_fit(maps, start) for start in _starts(maps)]
    costs = [_cost(maps, fit) for fit in fits]
    single, best = fits[0], int(np.argmin(costs[1:])) + 1
    discs = fits[best] if costs[best] < costs[0] - SECOND_EXPLAINS * float(maps[0].sum()) else single
    agreement = _agreement(maps, discs)
    if agreement < LEAST_AGREEMENT:
        return ()
    corner = np.array([columns.start, rows.start]) + (step - 1) / 2
    found = [
        Disc(corner + step * disc[:2], step * math.exp(disc[2]), agreement * share)
        for disc in discs
        if (share := _share_on(union.shape, corner + step * disc[:2], step * math.exp(disc[2]))) > 0
    ]
    return tuple(sorted(found, key=lambda disc: float(disc.center[1])))


def _window(union: Map) -> tuple[tuple[slice, slice], npt.NDArray[np.bool_]] | None:
    """Where the heads are, with a margin, and there what belongs to no other piece; None where nothing is seen."""
    pieces, count = ndimage.label(union > SEEN)
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)[1:]
    largest = np.argsort(-sizes)[:2]
    if not count or sizes[largest[0]] < LEAST_PIXELS:
        return None
    of_heads = [int(k) + 1 for k in largest if sizes[k] >= OTHER_PIECE * sizes[largest[0]]]
    seen = np.isin(pieces, of_heads)
    spans = [np.flatnonzero(seen.any(axis=axis)) for axis in (1, 0)]
    margin = round(MARGIN * max(int(span[-1] - span[0]) for span in spans)) + 2
    rows, columns = (
        slice(max(0, int(span[0]) - margin), min(side, int(span[-1]) + margin + 1))
        for span, side in zip(spans, union.shape)
    )
    strange = (pieces[rows, columns] > 0) & ~seen[rows, columns]
    return (rows, columns), ~ndimage.binary_dilation(strange, iterations=2)


def _coarser(one: Map, step: int) -> Map:
    """Means of squares of so many samples; what is left over at the far edges is cut."""
    rows, columns = (side // step for side in one.shape)
    return np.asarray(one[: rows * step, : columns * step].reshape(rows, step, columns, step).mean(axis=(1, 3)))


def _starts(maps: Map) -> list[Points]:
    """First guesses (discs, 3) of (x, y, log radius): one disc, then two by the moments of union and overlap, and where
    the overlap is most of the union, the smaller disc within the larger.

    Two equal discs of radius r whose centres lie d apart have second moments r^2/4 across and r^2/4 + d^2/4 along.
    """
    weight = maps.sum(axis=0)
    y, x = np.mgrid[: weight.shape[0], : weight.shape[1]]
    places = np.stack((x.ravel(), y.ravel()))
    middle = np.average(places, axis=1, weights=weight.ravel())
    moments, axes = np.linalg.eigh(np.cov(places, aweights=weight.ravel(), ddof=0))
    half = math.sqrt(max(float(moments[1] - moments[0]), 0.25)) * axes[:, 1]
    radius = math.log(max(2 * math.sqrt(max(float(moments[0]), 0.25)), 1.0))
    large, small = (math.log(max(float(one.sum()), 1.0) / math.pi) / 2 for one in maps)
    one = np.array([[*middle, large]])
    two = [
        np.array([[*(middle - half), radius - larger], [*(middle + half), radius + larger]]) for larger in (0.08, -0.08)
    ]
    within = [np.array([[*middle, large], [*middle, small]])] if large - small < CONTAINED else []
    return [one, *two, *within]


def _fit(maps: Map, start: Points) -> Points:
    """The (discs, 3) of least squares."""
    usual, weight = math.exp(float(start[:, 2].mean())), math.sqrt(float(maps[0].sum()))
    widest, rim, reach = (
        math.log(LARGEST_RATIO),
        max(RIM * usual, 0.5),
        np.tile([2 * usual, 2 * usual, math.log(1.7)], len(start)),
    )

    def residuals(flat: Points) -> Points:
        now = flat.reshape(-1, 3)
        off = (_drawn(maps.shape[1:], now, rim)[0] - maps).ravel()
        ratio = float(now[0, 2] - now[-1, 2])
        beyond = ratio - min(max(ratio, -widest), widest)
        return np.append(off, weight * (RATIO_WEIGHT * ratio + BEYOND_WEIGHT * beyond))

    def slopes(flat: Points) -> Points:
        now = flat.reshape(-1, 3)
        prior = np.zeros((1, flat.size))
        if len(now) > 1:
            steep = weight * (RATIO_WEIGHT + BEYOND_WEIGHT * (abs(now[0, 2] - now[1, 2]) > widest))
            prior[0, [2, 5]] = steep, -steep
        return np.concatenate((_drawn(maps.shape[1:], now, rim)[1].reshape(-1, flat.size), prior))

    bounds = (start.ravel() - reach, start.ravel() + reach)
    fit = optimize.least_squares(
        residuals, start.ravel(), slopes, bounds=bounds, xtol=TOLERANCE, ftol=TOLERANCE, max_nfev=MOST_STEPS
    )
    return np.asarray(fit.x.reshape(-1, 3))


def _drawn(shape: Sequence[int], discs: Points, rim: float = 0.5) -> tuple[Map, Map]:
    """Union and overlap (2, rows, columns) of one or two soft discs, and their derivatives (2, rows, columns, 3 discs).

    A disc is a logistic step of that width at its radius.
    """
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float64)
    levels, slopes = [], []
    for column, row, log_radius in discs:
        distance = np.maximum(np.hypot(x - column, y - row), 1e-6)
        radius = math.exp(log_radius)
        level = 1 / (1 + np.exp(np.clip((distance - radius) / rim, -40, 40)))
        steep = level * (1 - level) / rim
        levels.append(level)
        slopes.append(steep[..., None] * np.stack([(x - column) / distance, (y - row) / distance, radius + 0 * x], -1))
    if len(levels) == 1:
        return np.stack([levels[0], 0 * levels[0]]), np.stack([slopes[0], 0 * slopes[0]])
    (a, b), (da, db) = levels, slopes
    of_overlap = np.concatenate([b[..., None] * da, a[..., None] * db], axis=-1)
    of_union = np.concatenate([da, db], axis=-1) - of_overlap
    return np.stack([a + b - a * b, a * b]), np.stack([of_union, of_overlap])


def _cost(maps: Map, discs: Points) -> float:
    return float(np.square(_drawn(maps.shape[1:], discs)[0] - maps).sum())


def _agreement(maps: Map, discs: Points) -> float:
    """Soft overlap (Dice) of the maps with those of the discs."""
    drawn = _drawn(maps.shape[1:], discs)[0]
    return float(2 * np.minimum(drawn, maps).sum() / (drawn.sum() + maps.sum()))


def _share_on(shape: Sequence[int], center: Points, radius: float) -> float:
    """The share of a disc that lies on a map of this shape."""
    ring = np.linspace(-1, 1, 41)
    x, y = np.meshgrid(ring, ring)
    inside = np.hypot(x, y) < 1
    x, y = center[0] + radius * x[inside], center[1] + radius * y[inside]
    return float(np.mean((x > -0.5) & (y > -0.5) & (x < shape[1] - 0.5) & (y < shape[0] - 0.5)))
