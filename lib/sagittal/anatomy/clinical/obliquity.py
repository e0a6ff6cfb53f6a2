"""How far the centres of both femoral heads lie apart: a sign of an oblique pelvis.

Source: the limit of pelvic rotation beyond which PI is unreliable, 17.5 degrees, is published; heads apart by
head_distance_in_radii (about 180 mm for a radius of about 24 mm) seen at a rotation r lie that distance times sin(r)
apart on the film.
"""

from __future__ import annotations

import math

import numpy as np

from sagittal.anatomy.clinical.finding import Finding, absent
from sagittal.anatomy.clinical.limits import ObliquityLimits
from sagittal.anatomy.clinical.spine import Spine

NAME, TITLE = "head obliquity", "Distance of the centres of the femoral heads, in percent of their radius"


def obliquity_finding(spine: Spine, limits: ObliquityLimits) -> Finding:
    """The separation of both centres relative to the heads' mean radius, and the rotation that explains it.

    A tilted pelvis and the divergence of the rays part the heads too, so that the rotation is at most what is told.
    """
    heads = spine.landmarks.femoral_heads
    if len(heads) < 2:
        known = spine.parameters.get("PI")
        reason = (known.reason if known else None) or "no femoral head found"
        return absent(NAME, TITLE, "%", "only one femoral head found" if heads else reason)
    first, second = (spine.square(head.center) for head in heads)
    radius = (heads[0].radius + heads[1].radius) / 2
    if radius <= 0:
        return absent(NAME, TITLE, "%", "the femoral heads have no radius")
    separation = float(np.linalg.norm(first - second)) / radius
    sine = separation / limits.head_distance_in_radii
    rotation = math.degrees(math.asin(min(1.0, sine)))
    about = f"a rotation of the pelvis by {rotation:.0f} degrees at most"
    if sine > 1:
        about = "more than any rotation of the pelvis explains"
    if rotation <= limits.unreliable_rotation:
        return Finding(NAME, TITLE, 100 * separation, "%", None, None, "normal", about)
    reason = f"{about}: PI is unreliable beyond {limits.unreliable_rotation:g} degrees of rotation"
    return Finding(NAME, TITLE, 100 * separation, "%", None, "oblique", "hint", reason)
