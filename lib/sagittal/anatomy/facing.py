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

    A steep sacrum reaches far behind the spine: what tells is how the bodies stand over each other, and the sacrum's
    own centre (2,) where there is but one. `bodies` are their centres (N, 2) from the sacrum upwards.
    """
    foot, upper = (bodies[0], bodies[1:]) if len(bodies) > 1 else (sacrum, bodies)
    x, y = upper.mean(axis=0) - foot
    tilt = abs(float(np.degrees(np.arctan2(x, -y))))
    if tilt > 120:
        return "the film is upside down: the sacrum lies above the vertebral bodies"
    return "the spine lies across the film: turn the film upright" if tilt > 60 else None
