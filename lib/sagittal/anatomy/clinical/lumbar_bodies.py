"""How many lumbar bodies there are: five, or six.

Source: levels are named by counting upwards from the sacrum, a convention; ribs and transitional vertebrae, which
would prove the names, are not looked at.
"""

from __future__ import annotations

from sagittal.anatomy.clinical.finding import Finding, absent
from sagittal.anatomy.clinical.spine import Spine

NAME, TITLE = "lumbar bodies", "Number of lumbar bodies"
CONVENTION = "counted upwards from the sacrum; ribs and transitional vertebrae are not looked at"


def lumbar_bodies_finding(spine: Spine) -> Finding:
    """Five or six; absent where one of them was not found, which says nothing of the patient."""
    missing = [level for level in spine.lumbar_levels if level not in spine.landmarks.bodies]
    if missing:
        return absent(NAME, TITLE, "", f"not all of them were found: {', '.join(missing)} missing")
    if "L6" in spine.landmarks.bodies:
        return Finding(NAME, TITLE, 6.0, "", None, None, "hint", f"LL includes L6; {CONVENTION}")
    return Finding(NAME, TITLE, 5.0, "", None, None, "normal", CONVENTION)
