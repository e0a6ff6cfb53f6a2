"""Bodies that touch in the mask: how many a piece spans, and where to cut it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from sagittal.anatomy.chain import PITCH, Chain, Labels, Region, across, measure_blobs, order_chain
from sagittal.anatomy.grid import Grid

# Two bodies and their disc are longer than this in lengths of one body, and one body is shorter than this in depths.
FUSED_LENGTH = 1.55
FUSED_ELONGATION = 1.2
# The least part of a body's share of a fused piece that a cut may leave.
SMALLEST_PART = 0.4
# Bridges and rods are thinner than this, in square roots of a body's area; a piece that fills less than this part of
# the rectangle of its moments is no body alone.
THIN = 0.11
COMPACT = 0.86
# A square corner lies this many radii from where the disc fits.
REGROWN = 1.42
# Of the area of the largest piece.
DUST = 0.01


def find_chain(vertebra: Region, sacrum: Region, grid: Grid) -> Chain:
    """Order the bodies of a vertebra mask from the sacrum upwards, touching ones split, specks dropped.

    Both masks are (i, j) over the working grid; the sacrum must not be empty.
    """
    sacrum_points = grid.locate(np.argwhere(sacrum)[:, ::-1].astype(np.float64))
    sacrum_points = sacrum_points[:: max(1, len(sacrum_points) // 3000)]
    labels = _without_dust(np.asarray(ndimage.label(vertebra, structure=np.ones((3, 3)), output=np.int32)[0]))
    labels, touching = _without_appendages(labels, grid)
    while True:
        chain = order_chain(labels, touching, sacrum_points, grid)
        parts = _split_one(chain, grid)
        if parts is None:
            return chain
        new = parts + int(labels.max())
        labels = np.where(parts > 0, new, labels)
        touching |= frozenset(np.unique(new[parts > 0]).tolist())


def _without_dust(labels: Labels) -> Labels:
    """Drop pieces that are nothing beside the largest one, even if that were all bodies in one."""
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    return np.asarray(np.where((sizes >= DUST * sizes.max())[labels], labels, 0))


def _without_appendages(labels: Labels, grid: Grid) -> tuple[Labels, frozenset[int]]:
    """Take thin bridges and rods off pieces that are no compact bodies; the parts that were joined are `touching`.

    What is left of such a piece is what a disc fits into, grown back by that disc's radius.
    """
    blobs = measure_blobs(labels, frozenset(), grid)
    if not blobs:
        return labels, frozenset()
    radius = THIN * float(np.sqrt(np.median([blob.area for blob in blobs])))
    touching: frozenset[int] = frozenset()
    windows = ndimage.find_objects(labels)
    result, last = labels, int(labels.max())
    for blob in blobs:
        if blob.area > COMPACT * 12 * float(np.sqrt(max(np.linalg.det(blob.covariance), 0.0))):
            continue
        window = windows[blob.label - 1]
        inside = np.pad(labels[window] == blob.label, 1)
        core = ndimage.distance_transform_edt(inside, sampling=grid.spacing) > radius
        parts, count = ndimage.label(core)
        if count == 0:
            continue
        distance, nearest = ndimage.distance_transform_edt(~core, sampling=grid.spacing, return_indices=True)
        grown = np.where(inside & (distance <= REGROWN * radius), parts[tuple(nearest)], 0)[1:-1, 1:-1]
        result = result.copy() if result is labels else result
        region = result[window]
        region[region == blob.label] = 0
        region[grown > 0] = grown[grown > 0] + last
        touching |= frozenset(range(last + 1, last + count + 1))
        last += count
    return (_without_dust(result), touching) if result is not labels else (labels, touching)


def single_height(chain: Chain) -> float:
    """Height of one body, from the pieces that are not elongated along the chain."""
    heights = chain.heights
    single = heights < FUSED_ELONGATION * chain.depths
    if single.any():
        return float(np.median(heights[single]))
    # All pieces are fused: a body is about four fifths as high as the column is thick.
    return 0.8 * float(np.median([np.sqrt(12 * np.linalg.eigvalsh(b.covariance)[0]) for b in chain.blobs]))


def spans(chain: Chain) -> list[int]:
    """How many bodies each piece of the chain is long."""
    if not chain.blobs:
        return []
    single = single_height(chain)
    counts = []
    for height, depth in zip(chain.heights, chain.depths):
        fused = height > FUSED_LENGTH * single and height > FUSED_ELONGATION * depth
        # n bodies and n - 1 discs.
        counts.append(max(2, round((height / single + PITCH - 1) / PITCH)) if fused else 1)
    return counts


def _split_one(chain: Chain, grid: Grid) -> Labels | None:
    """Parts 1.. of the first piece that is as long as two bodies and can be cut; None when there is none."""
    for blob, span, direction in zip(chain.blobs, spans(chain), chain.directions):
        if span > 1:
            parts = _cut_at_waists(chain.labels == blob.label, span, direction, grid)
            if parts is not None:
                return parts
    return None


def _cut_at_waists(region: Region, span: int, direction: npt.NDArray[np.float64], grid: Grid) -> Labels | None:
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
