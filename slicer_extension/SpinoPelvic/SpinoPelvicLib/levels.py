"""Names of levels where the count was wrong: all of them one up, or one down. Without a scene."""

from __future__ import annotations

from dataclasses import replace

from .anatomy import Landmarks, default_definitions
from .errors import SegmentError
from .translation import _

S1 = "S1"


def shiftedNames(levels: tuple[str, ...], steps: int) -> dict[str, str]:
    """Old name -> new name of bodies, caudal first; empty where there is no name left, or nothing to rename.

    +1: each takes the name of the one above (L5 becomes L4), as where L5 was missed. -1: of the one below, as where S1
    was taken for L5; the lowest body then becomes S1.
    """
    if steps not in (1, -1):
        raise ValueError(f"levels are shifted by one step, got {steps}")
    upwards = default_definitions().levels_from_sacrum
    chain = (S1, *(("L6",) if "L6" in levels else ()), *upwards)
    places = sorted(chain.index(level) for level in levels if level in chain)
    if not places or places[-1] + steps >= len(chain):
        return {}
    return {chain[place]: chain[place + steps] for place in places}


def shiftedLandmarks(landmarks: Landmarks, steps: int) -> Landmarks:
    """Landmarks under their new names; a body that becomes S1 gives it its superior end plate.

    Raises:
        SegmentError: there is no name left.
    """
    names = shiftedNames(tuple(landmarks.bodies), steps)
    if not names:
        raise SegmentError(_("The levels cannot be renamed further: there is no name left."))
    bodies = {new: landmarks.bodies[old] for old, new in names.items() if new != S1}
    became = next((old for old, new in names.items() if new == S1), None)
    s1 = landmarks.s1 if became is None else landmarks.bodies[became].superior
    return replace(landmarks, bodies=bodies, s1=s1)


def shiftedSegments(names: tuple[str, ...], steps: int) -> dict[str, str]:
    """Old name -> new name of segments; the body that becomes S1 is part of the sacrum then."""
    known = default_definitions().structures
    levels = tuple(name for name in names if name in known and known[name].class_name == "vertebra")
    shifted = shiftedNames(levels, steps)
    return {name: {S1: "sacrum"}.get(shifted.get(name, name), shifted.get(name, name)) for name in names}
