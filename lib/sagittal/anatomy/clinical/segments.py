"""Angles of motion segments, superior to superior end plate.

Source: field convention; the ranges hold what 9 of 10 films show.
"""

from __future__ import annotations

from collections.abc import Mapping

from sagittal.anatomy.clinical.finding import AbsentError, Finding, absent
from sagittal.anatomy.clinical.spine import Spine


def segmental_findings(spine: Spine, ranges: Mapping[str, tuple[float, float]]) -> tuple[Finding, ...]:
    """Of each segment the slope of the lower superior end plate less that of the upper one, positive in lordosis.

    It is the upper body's wedge and the disc below it together, and the sum of all is LL. No disease is defined by
    it: beyond its range it is a hint.
    """
    return tuple(_segmental(spine, upper, lower, ranges.get(upper + lower)) for upper, lower in spine.segments)


def _segmental(spine: Spine, upper: str, lower: str, bounds: tuple[float, float] | None) -> Finding:
    name, title = f"segmental {upper}{lower}", f"Segmental angle {upper}-{lower}, superior to superior end plate"
    try:
        angle = spine.slope(spine.superior(lower)) - spine.slope(spine.superior(upper))
    except AbsentError as absence:
        return absent(name, title, "deg", str(absence))
    angle -= 360 * round(angle / 360)
    if bounds is None:
        return Finding(name, title, angle, "deg", None, None, "unranged")
    low, high = bounds
    if low <= angle <= high:
        return Finding(name, title, angle, "deg", None, None, "normal")
    reason = f"9 of 10 films show {low:g} to {high:g} degrees"
    return Finding(name, title, angle, "deg", None, None, "hint", reason)
