"""Names of the bodies: counted upwards from the sacrum, or given by a label map's ids."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from sagittal.anatomy.blobs import Labels, Region, measure_blobs
from sagittal.anatomy.chain import Chain, Link, chain_directions, missed_between
from sagittal.anatomy.grid import Grid
from sagittal.anatomy.quality import Note

# Of a patient's own usual spacing so much is prior, in bodies.
PRIOR_WEIGHT = 2.0
# In half squared standard deviations: what it takes to suppose a body more missed, and by how much two numbers of
# missed bodies must differ for either to be believed.
RARE, DOUBT = 1.5, 1.0


@dataclass(frozen=True)
class NamedLevels:
    """Level name -> index into the chain's blobs, from the sacrum upwards; why levels in between are missing."""

    index: Mapping[str, int]
    missing: Mapping[str, str]
    notes: tuple[Note, ...] = ()


def name_levels(chain: Chain, names: Sequence[str], priors: Mapping[str, float]) -> NamedLevels:
    """Count upwards from the sacrum; a body that was missed leaves its name unused, so that no other shifts.

    Where it cannot be told whether a body was missed, no body above is named. `names` are the names of bodies from the
    sacrum upwards, `priors` the definitions' `spacing`.
    """
    index: dict[str, int] = {}
    missing: dict[str, str] = {}
    notes: list[Note] = []
    slot, below = 0, "the sacrum"
    for i, (blob, missed) in enumerate(zip(chain.blobs, _missed(chain, priors))):
        if missed is None:
            text = f"it cannot be told whether a body was missed above {below}: what lies above is not named"
            missing.update(dict.fromkeys(names[slot:], text))
            notes.append(Note(text))
            break
        for name in names[slot : slot + missed]:
            missing[name] = f"level {name} not found: there is a gap in the chain of bodies"
            notes.append(Note(missing[name]))
        own = names[slot + missed : slot + missed + blob.span]
        slot += missed + blob.span
        if len(own) < blob.span:
            notes.append(Note(f"bodies above {names[-1]} were left out", "remark"))
            break
        below = own[-1]
        if blob.span == 1:
            index[below] = i
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


def _missed(chain: Chain, priors: Mapping[str, float]) -> list[int | None]:
    """How many bodies were missed below each piece; None where that cannot be told."""
    if not chain.links:
        return []
    first, *others = chain.links
    spread, prior_step = priors["neighbours_spread"], 2 * priors["pitch"]
    whole = [link.spacing for link in others if not link.shortened]
    own = [s for s in whole if abs(s - priors["neighbours"]) < abs(s - priors["neighbours"] - prior_step)]
    usual = (PRIOR_WEIGHT * priors["neighbours"] + sum(own)) / (PRIOR_WEIGHT + len(own))
    # What is rim to rim counts twice in a spacing, once in a distance of centres.
    more = usual - priors["neighbours"]
    found = [_told(first, priors["sacrum"], priors["sacrum_spread"], priors["sacrum_step"] + more, priors)]
    return found + [_told(link, usual, spread, prior_step + more, priors) for link in others]


def _told(link: Link, usual: float, spread: float, step: float, priors: Mapping[str, float]) -> int | None:
    if link.shortened and link.spacing < usual:
        return 0
    unusual = missed_between(link.spacing, usual, spread, priors, step=step)
    costs = [off**2 / 2 + math.log(width) + RARE * k for k, (off, width) in enumerate(unusual)]
    best, second = np.argsort(costs)[:2].tolist()
    return best if costs[second] - costs[best] > DOUBT else None
