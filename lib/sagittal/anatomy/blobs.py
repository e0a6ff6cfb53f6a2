"""Connected pieces of vertebra: where they are, how large, how shaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sagittal.anatomy.grid import Grid, Points

Labels = npt.NDArray[np.int32]
Region = npt.NDArray[np.bool_]

# Points of a rim that are kept: enough for distances between rims.
RIM_POINTS = 150
# Samples at the film's edge that make a piece one that the edge cuts.
AT_EDGE = 3
# Size of a body over its depth: the root of its area; height over depth is about .8.
SIZE_OF_DEPTH = 0.89
# Two bodies and their disc are longer than this in depths, and larger than this in areas, than one.
FUSED_LENGTH, FUSED_AREA = 1.5, 1.4
# Length that a body more adds, and what is less for the last one has no disc above; in depths.
STEP, LAST_DISC = 1.1, 0.3


@dataclass(frozen=True)
class Blob:
    """A connected piece of vertebra: its label, centre (x, y), area, covariance and rim (N, 2).

    `touching` says that it was cut free of a neighbour, `at_edge` that the film's edge cuts it, `span` how many bodies
    it is long.
    """

    label: int
    center: Points
    area: float
    covariance: Points
    rim: Points
    touching: bool
    at_edge: bool
    span: int = 1

    @property
    def size(self) -> float:
        """Root of the area of one of its bodies."""
        return float(np.sqrt(self.area / self.span))

    def extent(self, direction: Points) -> float:
        """Its length along a unit direction: that of the rectangle with the same variance."""
        return float(np.sqrt(12 * direction @ self.covariance @ direction))

    def axes(self) -> tuple[float, float, Points]:
        """Length along its short and its long axis, as `extent` has it, and the direction of the long one."""
        variances, directions = np.linalg.eigh(self.covariance)
        short, long = np.sqrt(12 * variances.clip(0))
        return float(short), float(long), np.asarray(directions[:, 1])


def measure_blobs(labels: Labels, touching: frozenset[int], grid: Grid) -> list[Blob]:
    """All labelled pieces; `touching` are the labels that were cut from a neighbour."""
    rows, columns = np.nonzero(labels)
    if not rows.size:
        return []
    points = grid.locate(np.column_stack((columns, rows)).astype(np.float64))
    owner = labels[rows, columns]
    count = np.bincount(owner)
    mean = np.stack([np.bincount(owner, points[:, k]) for k in (0, 1)], axis=1) / np.maximum(count, 1)[:, None]
    x, y = (points - mean[owner]).T
    xx, xy, yy = (np.bincount(owner, product) for product in (x * x, x * y, y * y))
    row_size, column_size = grid.spacing
    # A sample has an extent of its own.
    own = np.diag([column_size**2, row_size**2]) / 12
    rims = _rims(labels, rows, columns, points, owner)
    blobs = []
    for label in np.flatnonzero(count).tolist():
        covariance = np.array([[xx[label], xy[label]], [xy[label], yy[label]]]) / count[label] + own
        rim = rims[label]
        blobs.append(
            Blob(
                label=label,
                center=mean[label],
                area=float(count[label]) * row_size * column_size,
                covariance=covariance,
                rim=rim[:: max(1, len(rim) // RIM_POINTS)],
                touching=label in touching,
                at_edge=int(np.count_nonzero(grid.on_film_edge(rim))) >= AT_EDGE,
            )
        )
    return blobs


def rim_of(region: Region, grid: Grid) -> Points:
    """Points of a region's rim, (N, 2); of no region none."""
    labels = region.astype(np.int32)
    rows, columns = np.nonzero(labels)
    points = grid.locate(np.column_stack((columns, rows)).astype(np.float64))
    return _rims(labels, rows, columns, points, labels[rows, columns]).get(1, points)


def _rims(
    labels: Labels, rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp], points: Points, owner: Labels
) -> dict[int, Points]:
    """By label the samples beside which another label, or the end of the mask, lies."""
    padded = np.pad(labels, 1)
    inner = np.ones(len(rows), dtype=bool)
    for down, right in ((0, 1), (2, 1), (1, 0), (1, 2)):
        inner &= padded[rows + down, columns + right] == owner
    rim, of = points[~inner], owner[~inner]
    order = np.argsort(of, kind="stable")
    names, starts = np.unique(of[order], return_index=True)
    return dict(zip(names.tolist(), np.split(rim[order], starts[1:])))


def typical_area(blobs: Sequence[Blob]) -> float:
    """The area-weighted median, which specks cannot pull down; a piece long towards its neighbour counts as several."""
    areas = []
    for blob in blobs:
        short, long, direction = blob.axes()
        # A flat body is 1.7 times as deep as high, but across the chain; two in one are 1.9 times as long as deep.
        spanned = max(1, round((long / max(short, 1e-9) + LAST_DISC) / STEP - 0.2))
        if spanned > 1 and _lies_across(blob, direction, blobs):
            spanned = 1
        areas.append((blob.area, blob.area / spanned))
    areas.sort(key=lambda pair: pair[1])
    weights = np.cumsum([area for area, _ in areas])
    return areas[int(np.searchsorted(weights, weights[-1] / 2))][1]


def _lies_across(blob: Blob, direction: Points, blobs: Sequence[Blob]) -> bool:
    """Whether the nearest piece of some size lies off a direction."""
    offsets = [other.center - blob.center for other in blobs if other is not blob and other.area > 0.2 * blob.area]
    if not offsets:
        return False
    nearest = min(offsets, key=lambda offset: float(np.linalg.norm(offset)))
    return abs(float(nearest @ direction)) < 0.7 * float(np.linalg.norm(nearest))


def with_spans(blobs: Sequence[Blob], typical: float) -> list[Blob]:
    """The pieces with the number of bodies that each is long, given the typical area of one."""
    depth = float(np.sqrt(typical)) / SIZE_OF_DEPTH
    spanned = []
    for blob in blobs:
        _, long, _ = blob.axes()
        fused = long > FUSED_LENGTH * depth and blob.area > FUSED_AREA * typical
        spanned.append(replace(blob, span=max(2, round((long / depth + LAST_DISC) / STEP)) if fused else 1))
    return spanned
