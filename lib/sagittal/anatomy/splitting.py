"""Bodies that touch in the mask, or something else: where to cut them free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from sagittal.anatomy.blobs import Blob, Labels, Region, measure_blobs, rim_of, typical_area, with_spans
from sagittal.anatomy.chain import Chain, across, order_chain
from sagittal.anatomy.grid import Grid, Points

# The least part of a body's share of a fused piece that a cut may leave.
SMALLEST_PART = 0.4
# Bridges and rods are thinner than this, in roots of a body's area; a piece that fills less than this part of the
# rectangle of its moments is no body alone.
THIN = 0.11
COMPACT = 0.86
# A square corner lies this many radii from where the disc fits.
REGROWN = 1.42
# Of the area of the largest piece.
DUST = 0.01
# A spine has 24 bodies; of what is in more pieces than these the largest are looked at, else noise takes minutes.
MOST_PIECES = 40
# Of a body's area: smaller pieces of sacrum, and its thin parts, are none for the chain to stand on.
SACRUM_PIECE = 0.3


def find_chain(vertebra: Region, sacrum: Region, grid: Grid, priors: Mapping[str, float]) -> Chain:
    """Order the bodies of a vertebra mask from the sacrum upwards, touching ones split, specks dropped.

    Both masks are (i, j) over the working grid; the sacrum must not be empty. `priors` are the definitions' `spacing`.
    """
    labels = _without_dust(np.asarray(ndimage.label(vertebra, structure=np.ones((3, 3)), output=np.int32)[0]))
    blobs = measure_blobs(labels, frozenset(), grid)
    if not blobs:
        return Chain(labels, (), ())
    labels, blobs = _without_appendages(labels, blobs, grid)
    labels, blobs = _split(labels, blobs, grid)
    return order_chain(labels, blobs, _stout_rim(sacrum, typical_area(blobs), grid), priors)


def _without_dust(labels: Labels) -> Labels:
    """Drop pieces that are nothing beside the largest one, even if that were all bodies in one; keep the largest."""
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    kept = np.zeros(len(sizes), dtype=bool)
    kept[np.argsort(-sizes, kind="stable")[:MOST_PIECES]] = True
    return np.asarray(np.where((kept & (sizes >= DUST * sizes.max()))[labels], labels, 0))


def _without_appendages(labels: Labels, blobs: list[Blob], grid: Grid) -> tuple[Labels, list[Blob]]:
    """Take thin bridges and rods off pieces that are no compact bodies; the parts that were joined are `touching`.

    What is left of such a piece is what a disc fits into, grown back by that disc's radius.
    """
    radius = THIN * float(np.sqrt(typical_area(blobs)))
    touching: frozenset[int] = frozenset()
    windows = ndimage.find_objects(labels)
    result, last = labels, int(labels.max())
    for blob in blobs:
        if blob.area > COMPACT * 12 * float(np.sqrt(max(np.linalg.det(blob.covariance), 0.0))):
            continue
        window = windows[blob.label - 1]
        parts, count = _stout_parts(labels[window] == blob.label, radius, grid.spacing)
        if count == 0:
            continue
        result = result.copy() if result is labels else result
        region = result[window]
        region[region == blob.label] = 0
        region[parts > 0] = parts[parts > 0] + last
        touching |= frozenset(range(last + 1, last + count + 1))
        last += count
    if result is labels:
        return labels, blobs
    result = _without_dust(result)
    return result, measure_blobs(result, touching, grid)


def _stout_parts(region: Region, radius: float, spacing: tuple[float, float]) -> tuple[Labels, int]:
    """Labels 1.. of the parts of a region that are not thin, and how many there are."""
    inside = np.pad(region, 1)
    core = ndimage.distance_transform_edt(inside, sampling=spacing) > radius
    parts, count = ndimage.label(core)
    if count == 0:
        return parts[1:-1, 1:-1], 0
    distance, nearest = ndimage.distance_transform_edt(~core, sampling=spacing, return_indices=True)
    return np.where(inside & (distance <= REGROWN * radius), parts[tuple(nearest)], 0)[1:-1, 1:-1], count


def _stout_rim(sacrum: Region, typical: float, grid: Grid) -> Points:
    """The rim of the sacrum, (N, 2), without rods and small pieces that were called so (of all, where all is thin)."""
    coarse = replace(grid, row_step=2 * grid.row_step, column_step=2 * grid.column_step)
    sparse = sacrum[::2, ::2]
    if not sparse.any():
        return rim_of(sacrum, grid)
    parts, count = _stout_parts(sparse, THIN * float(np.sqrt(typical)), coarse.spacing)
    areas = np.bincount(parts.ravel(), minlength=count + 1) * (coarse.spacing[0] * coarse.spacing[1])
    areas[0] = 0
    large = areas >= min(SACRUM_PIECE * typical, float(areas.max()))
    rim = rim_of(large[parts] if count else sparse, coarse)
    return rim[:: max(1, len(rim) // 400)]


def _split(labels: Labels, blobs: list[Blob], grid: Grid) -> tuple[Labels, list[Blob]]:
    """Cut pieces that are as long as several bodies at their waists, until none can be cut."""
    whole: set[int] = set()
    while True:
        fused = [b for b in with_spans(blobs, typical_area(blobs)) if b.span > 1 and b.label not in whole]
        if not fused:
            return labels, blobs
        touching = frozenset(b.label for b in blobs if b.touching)
        for blob in fused:
            parts = _cut_at_waists(labels == blob.label, blob.span, blob.axes()[2], grid)
            if parts is None:
                whole.add(blob.label)
                continue
            new = parts + int(labels.max())
            labels = np.where(parts > 0, new, labels)
            touching |= frozenset(np.unique(new[parts > 0]).tolist())
        blobs = measure_blobs(labels, touching, grid)


def _cut_at_waists(region: Region, span: int, direction: Points, grid: Grid) -> Labels | None:
    """Cut a region at its waists: seeds are what is left at rising depth from its rim, grown back by nearness.

    Returns labels 1.. of two parts or more, or None where there is no waist.
    """
    window = ndimage.find_objects(region.astype(np.int8))[0]
    inside = np.pad(region[window], 1)
    depth = ndimage.distance_transform_edt(inside, sampling=grid.spacing)
    smallest = SMALLEST_PART * np.count_nonzero(inside) / span
    for level in np.linspace(0.1, 0.98, 23) * depth.max():
        seeds, count = ndimage.label(depth > level)
        if count < 2:
            continue
        sizes = np.bincount(_grow(seeds, inside, grid).ravel())[1:]
        large = np.flatnonzero(sizes >= smallest) + 1
        if len(large) < 2 or not _are_stacked(seeds, large.tolist(), direction, grid):
            continue
        parts = np.zeros(region.shape, dtype=np.int32)
        parts[window] = _grow(np.where(np.isin(seeds, large), seeds, 0), inside, grid)[1:-1, 1:-1]
        return parts
    return None


def _grow(seeds: Labels, inside: Region, grid: Grid) -> Labels:
    """Each sample inside gets the label of the nearest seed."""
    nearest = ndimage.distance_transform_edt(
        seeds == 0, sampling=grid.spacing, return_distances=False, return_indices=True
    )
    return np.where(inside, seeds[tuple(nearest)], 0).astype(np.int32)


def _are_stacked(seeds: Labels, large: list[int], direction: npt.NDArray[np.float64], grid: Grid) -> bool:
    """Whether the parts follow each other along the chain rather than lie side by side."""
    centers = np.array(ndimage.center_of_mass(seeds > 0, seeds, large)) * np.array(grid.spacing)
    along = np.sort(centers[:, ::-1] @ direction)
    sideways = centers[:, ::-1] @ across(direction)
    return bool(np.min(np.diff(along)) > 0.5 * np.ptp(sideways) / (len(large) - 1))
