"""Names of the bodies: counted upwards from the sacrum, or given by a label map's ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from sagittal.anatomy.chain import PITCH, Chain, Labels, Region, chain_directions, measure_blobs
from sagittal.anatomy.grid import Grid
from sagittal.anatomy.quality import Note
from sagittal.anatomy.splitting import single_height, spans

# Centres of the next body but one lie at least 2.4 body heights away, those of neighbours at most 1.75.
WIDEST_PITCH = 1.95
# The same against the usual distance of neighbours.
GAP = 1.55
# L5's centre lies .5 to 1.1 body heights from the nearest point of the sacrum, L4's at least 1.6.
SACRAL_GAP = 1.4


@dataclass(frozen=True)
class NamedLevels:
    """Level name -> index into the chain's blobs, from the sacrum upwards; why levels in between are missing."""

    index: Mapping[str, int]
    missing: Mapping[str, str]
    notes: tuple[Note, ...] = ()


def name_levels(chain: Chain, sacrum: Region, grid: Grid, names: Sequence[str]) -> NamedLevels:
    """Count upwards from the sacrum; a body that was missed leaves its name unused, so that no other shifts.

    `names` are the names of bodies from the sacrum upwards, `sacrum` is (i, j) over the working grid.
    """
    index: dict[str, int] = {}
    missing: dict[str, str] = {}
    notes: list[Note] = []
    slot = 0
    for i, (skipped, span) in enumerate(zip(_skipped(chain, sacrum, grid), spans(chain))):
        for name in names[slot : slot + skipped]:
            missing[name] = f"level {name} not found: there is a gap in the chain of bodies"
            notes.append(Note(missing[name]))
        own = names[slot + skipped : slot + skipped + span]
        slot += skipped + span
        if len(own) < span:
            notes.append(Note(f"bodies above {names[-1]} were left out", "remark"))
        elif span == 1:
            index[own[0]] = i
        else:
            text = f"{' and '.join(own)} are one piece in the mask and could not be told apart"
            missing.update(dict.fromkeys(own, text))
            notes.append(Note(text))
    return NamedLevels(index, missing, tuple(notes))


def named_by_ids(
    structures: npt.NDArray[np.uint8], ids: Mapping[str, int], sacrum: Region, grid: Grid
) -> tuple[Chain, NamedLevels]:
    """Bodies of a label map, (i, j) over the working grid, named by their ids: the largest piece of each.

    `ids` are names and ids of bodies from the sacrum upwards.
    """
    labels: Labels = np.zeros(structures.shape, dtype=np.int32)
    for level in ids.values():
        pieces, count = ndimage.label(structures == level)
        if count:
            labels[pieces == 1 + int(np.argmax(np.bincount(pieces.ravel())[1:]))] = level
    by_id = {blob.label: blob for blob in measure_blobs(labels, frozenset(), grid)}
    found = [name for name, level in ids.items() if level in by_id]
    blobs = tuple(by_id[ids[name]] for name in found)
    foot = grid.locate(np.argwhere(sacrum)[:, ::-1].astype(np.float64)).mean(axis=0) if sacrum.any() else None
    chain = Chain(labels, blobs, chain_directions([blob.center for blob in blobs], foot))
    return chain, NamedLevels({name: i for i, name in enumerate(found)}, {})


def _skipped(chain: Chain, sacrum: Region, grid: Grid) -> list[int]:
    """How many bodies are missing below each piece."""
    if not chain.blobs:
        return []
    single = single_height(chain)
    # Distances run between the nearest bodies of two pieces, should a piece hold several.
    excess = [(span - 1) / 2 * PITCH * single for span in spans(chain)]
    centers = [blob.center for blob in chain.blobs]
    points = grid.locate(np.argwhere(sacrum)[:, ::-1].astype(np.float64))
    to_sacrum = float(np.min(np.linalg.norm(points - centers[0], axis=1))) - excess[0]
    distances = [
        float(np.linalg.norm(b - a)) - below - above
        for a, b, below, above in zip(centers, centers[1:], excess, excess[1:])
    ]
    lowest = _pitch_near(-1, distances, single)
    skipped = [max(1, round(to_sacrum / lowest - 0.6)) if to_sacrum > SACRAL_GAP * single else 0]
    for i, distance in enumerate(distances):
        pitch = _pitch_near(i, distances, single)
        is_gap = distance > GAP * pitch and distance > WIDEST_PITCH * single
        skipped.append(max(1, round(distance / pitch) - 1) if is_gap else 0)
    return skipped


def _pitch_near(place: int, distances: Sequence[float], single: float) -> float:
    """The usual distance of neighbours at a place of the chain: it shrinks from the lumbar to the thoracic spine.

    The mean of the nearest distance below and above that is no gap itself.
    """
    usual = [(i, d) for i, d in enumerate(distances) if i != place and d < WIDEST_PITCH * single]
    below = [d for i, d in usual if i < place][-1:]
    above = [d for i, d in usual if i > place][:1]
    near = below + above
    return float(np.mean(near)) if near else PITCH * single
