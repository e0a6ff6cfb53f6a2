"""The chain of vertebral bodies: pieces of the mask and their order from the sacrum upwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sagittal.anatomy.grid import Grid, Points
from sagittal.anatomy.quality import Note

Labels = npt.NDArray[np.int32]
Region = npt.NDArray[np.bool_]

# Of the typical body's area; a crushed or half-visible body has more.
SPECK_AREA = 0.25
# Centre distance of neighbouring bodies in body heights: 1.2 to 1.7 (discs are .2 to .7 high).
PITCH = 1.35
# Pieces near the sacrum that may be the lowest body.
STARTS = 4
STEEPEST_TURN = float(np.cos(np.radians(65)))


@dataclass(frozen=True)
class Blob:
    """A connected piece of vertebra: its label, centre (x, y), area and covariance, and whether it was cut free."""

    label: int
    center: Points
    area: float
    covariance: Points
    touching: bool

    def extent(self, direction: Points) -> float:
        """Its length along a unit direction: that of the rectangle with the same variance."""
        return float(np.sqrt(12 * direction @ self.covariance @ direction))


@dataclass(frozen=True)
class Chain:
    """Bodies from the sacrum upwards. `labels` is (i, j) over the working grid; `directions` point cranially."""

    labels: Labels
    blobs: tuple[Blob, ...]
    directions: tuple[Points, ...]
    notes: tuple[Note, ...] = ()

    @property
    def heights(self) -> Points:
        return np.array([b.extent(d) for b, d in zip(self.blobs, self.directions)])

    @property
    def depths(self) -> Points:
        return np.array([b.extent(across(d)) for b, d in zip(self.blobs, self.directions)])


def order_chain(labels: Labels, touching: frozenset[int], sacrum: Points, grid: Grid) -> Chain:
    """Follow the pieces from the sacrum upwards; what is too small or lies off the chain is left out.

    Args:
        labels: (i, j) over the working grid, 0 = none.
        touching: labels that were cut from a neighbour.
        sacrum: (N, 2) points of the sacrum.
    """
    blobs = measure_blobs(labels, touching, grid)
    if not blobs:
        return Chain(labels, (), ())
    typical = _typical_area(blobs)
    left = [b for b in blobs if b.area >= SPECK_AREA * typical]
    specks = len(blobs) - len(left)
    followed, foot = _longest_chain(left, sacrum, typical)
    chain = _without_fragments(followed)
    specks += len(followed) - len(chain)
    aside = len(left) - len(followed)
    notes = []
    if specks:
        notes.append(Note(f"specks of vertebra left out: {specks}", "remark"))
    if aside:
        notes.append(Note(f"pieces of vertebra off the chain of bodies left out: {aside}"))
    return Chain(labels, tuple(chain), chain_directions([b.center for b in chain], foot), tuple(notes))


def measure_blobs(labels: Labels, touching: frozenset[int], grid: Grid) -> list[Blob]:
    """All labelled pieces by their moments."""
    rows, columns = np.nonzero(labels)
    points = grid.locate(np.column_stack((columns, rows)).astype(np.float64))
    owner = labels[rows, columns]
    count = np.bincount(owner)
    mean = np.stack([np.bincount(owner, points[:, k]) for k in (0, 1)], axis=1) / np.maximum(count, 1)[:, None]
    x, y = (points - mean[owner]).T
    xx, xy, yy = (np.bincount(owner, product) for product in (x * x, x * y, y * y))
    row_size, column_size = grid.spacing
    # A sample has an extent of its own.
    own = np.diag([column_size**2, row_size**2]) / 12
    blobs = []
    for label in np.flatnonzero(count).tolist():
        covariance = np.array([[xx[label], xy[label]], [xy[label], yy[label]]]) / count[label] + own
        area = float(count[label]) * row_size * column_size
        blobs.append(Blob(label, mean[label], area, covariance, label in touching))
    return blobs


def chain_directions(centers: Sequence[Points], foot: Points | None) -> tuple[Points, ...]:
    """The unit tangent of the chain at each centre, pointing cranially; at its ends it is extrapolated.

    `foot` is where the chain stands on the sacrum; it serves a chain of one body.
    """
    if len(centers) == 1:
        return (unit(centers[0] - foot) if foot is not None else np.array([0.0, -1.0]),)
    steps = [unit(b - a) for a, b in zip(centers, centers[1:])]
    inner = [unit(a + b) for a, b in zip(steps, steps[1:])]
    if not inner:
        return (steps[0], steps[0]) if steps else ()
    return (unit(2 * steps[0] - inner[0]), *inner, unit(2 * steps[-1] - inner[-1]))


def across(direction: Points) -> Points:
    """The unit direction to the right of a cranial one."""
    return np.array([-direction[1], direction[0]])


def unit(vector: Points) -> Points:
    length = float(np.linalg.norm(vector))
    return vector / length if length > 0 else np.array([0.0, -1.0])


def _longest_chain(blobs: Sequence[Blob], sacrum: Points, typical: float) -> tuple[list[Blob], Points]:
    """The chain that starts at the piece nearest to the sacrum, and where on it that stands.

    Another of the nearest pieces starts it where that gains bodies: a false piece beside the sacrum leads nowhere.
    """
    distances = [np.linalg.norm(sacrum - b.center, axis=1) for b in blobs]
    best: list[Blob] = []
    stand = sacrum[0]
    for i in np.argsort([float(d.min()) for d in distances])[:STARTS].tolist():
        foot = sacrum[int(np.argmin(distances[i]))]
        others = [*blobs[:i], *blobs[i + 1 :]]
        chain = _follow(blobs[i], others, unit(blobs[i].center - foot))
        if not best or sum(b.area for b in chain) > sum(b.area for b in best) + 1.5 * typical:
            best, stand = chain, foot
    return best, stand


def _follow(first: Blob, others: Sequence[Blob], direction: Points) -> list[Blob]:
    chain, left = [first], list(others)
    while left:
        offsets = np.array([b.center for b in left]) - chain[-1].center
        distances = np.linalg.norm(offsets, axis=1)
        turns = offsets @ direction / np.maximum(distances, 1e-9)
        # What lies ahead counts as nearer than what lies aside.
        costs = np.where(turns > STEEPEST_TURN, distances * (2 - turns), np.inf)
        best = int(np.argmin(costs))
        if not np.isfinite(costs[best]):
            break
        direction = unit(offsets[best])
        chain.append(left.pop(best))
    return chain


def _typical_area(blobs: Sequence[Blob]) -> float:
    """The area-weighted median, which specks cannot pull down; a long piece counts as the bodies it may span."""
    areas = []
    for blob in blobs:
        small, large = np.sqrt(np.linalg.eigvalsh(blob.covariance).clip(1e-12))
        areas.append((blob.area, blob.area / max(1, round(large / small / PITCH))))
    areas.sort(key=lambda pair: pair[1])
    weights = np.cumsum([area for area, _ in areas])
    return areas[int(np.searchsorted(weights, weights[-1] / 2))][1]


def _without_fragments(chain: Sequence[Blob]) -> list[Blob]:
    """Drop pieces under half their neighbour's area that lie too near to it to be a body of their own."""
    kept = list(chain)
    for blob in chain:
        i = kept.index(blob)
        for other in kept[max(0, i - 1) : i] + kept[i + 1 : i + 2]:
            near = np.linalg.norm(other.center - blob.center) < 0.65 * np.sqrt(other.area)
            if blob.area < 0.5 * other.area and near:
                kept.remove(blob)
                break
    return kept
