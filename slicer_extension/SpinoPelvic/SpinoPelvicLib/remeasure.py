"""Edited segments measured anew by the bundled anatomy. Without a scene."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from .anatomy import Landmarks, default_definitions, measure_mask
from .masks import Masks
from .reading import Measured, Reading, Setting, changed


def remeasured(reading: Reading, masks: Masks, names: Iterable[str], setting: Setting) -> Reading:
    """The reading after the segments `names` were edited, added or removed: their landmarks are those of the masks.

    What a segment tells replaces what the hand had put there before; landmarks of other structures stay. Segments whose
    names are no structures are not measured.
    """
    structures = default_definitions().structures
    known = [name for name in names if name in structures]
    edited = tuple(f"segment {name}" for name in names)
    if not known:
        return changed(reading, reading.landmarks, edited, setting)
    measured = measure_mask(labelMapOf(masks), pixel_aspect=setting.pixelAspect, anterior=reading.landmarks.anterior)
    landmarks = _merged(reading.landmarks, measured.landmarks, known)
    source = Measured(measured.landmarks, dict(measured.parameters))
    return changed(replace(reading, sources=(reading.sources[0], source)), landmarks, edited, setting)


def labelMapOf(masks: Masks) -> np.ndarray:
    """(rows, columns) uint8 of structure ids; where segments overlap the lower id wins, so head 1 over head 2."""
    structures = default_definitions().structures
    shape = next(iter(masks.values())).shape if masks else (1, 1)
    labelMap = np.zeros(shape, np.uint8)
    known = [name for name in masks if name in structures]
    for name in sorted(known, key=lambda name: structures[name].id, reverse=True):
        labelMap[masks[name].unpacked()] = structures[name].id
    return labelMap


def _merged(before: Landmarks, measured: Landmarks, names: Iterable[str]) -> Landmarks:
    bodies, s1, heads = dict(before.bodies), before.s1, before.femoral_heads
    for name in names:
        if name == "sacrum":
            s1 = measured.s1
        elif name.startswith("femoral_head"):
            heads = measured.femoral_heads
        elif name in measured.bodies:
            bodies[name] = measured.bodies[name]
        else:
            bodies.pop(name, None)
    chain = ("L6", *default_definitions().levels_from_sacrum)
    ordered = {level: bodies[level] for level in chain if level in bodies}
    return Landmarks(ordered, s1, heads, before.anterior or measured.anterior)
