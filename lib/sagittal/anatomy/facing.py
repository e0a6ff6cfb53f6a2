"""Which way the patient faces and lies, from where bodies, sacrum and heads are."""

from __future__ import annotations

import numpy as np

from sagittal.anatomy.grid import Points
from sagittal.anatomy.landmarks import Side

# Of a body's depth: less says nothing.
LEAST_OFFSET = 0.25


def anterior_side(sacrum: Points, lowest_body: Points, hips: Points | None, depth: float) -> Side | None:
    """The film's side that the patient faces, None where the geometry does not tell.

    The sacrum curves backwards from the bodies, and the femoral heads lie in front of its centre.

    Args:
        sacrum, lowest_body, hips: centres (x, y); hips None without heads.
        depth: depth of a body.
    """
    offset = float(sacrum[0] - lowest_body[0])
    if hips is not None:
        offset += float(sacrum[0] - hips[0])
    if abs(offset) < LEAST_OFFSET * depth:
        return None
    return "left" if offset > 0 else "right"


def lying(sacrum: Points, bodies: Points) -> str | None:
    """What is wrong with how the film lies, None where the spine stands upright over the sacrum.

    `sacrum` is its centre (2,), `bodies` the centres (N, 2).
    """
    x, y = bodies.mean(axis=0) - sacrum
    tilt = abs(float(np.degrees(np.arctan2(x, -y))))
    if tilt > 120:
        return "the film is upside down: the sacrum lies above the vertebral bodies"
    return "the spine lies across the film: turn the film upright" if tilt > 60 else None
