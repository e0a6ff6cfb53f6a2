"""Slip of a body on the one below, and its grade.

Source: Meyerding 1932, Spondylolisthesis, Surg Gynecol Obstet 54:371, for the grades; the percentage, offset over
length of the lower plate, is known as Taillard's method (Taillard 1954).
"""

from __future__ import annotations

from sagittal.anatomy.clinical.finding import AbsentError, Finding, FindingStatus, absent
from sagittal.anatomy.clinical.limits import SlipLimits
from sagittal.anatomy.clinical.spine import Spine


def slip_findings(spine: Spine, limits: SlipLimits) -> tuple[Finding, ...]:
    """Of each segment the offset of the posterior walls along the lower superior end plate, in % of its length.

    Anterior slips are positive, posterior ones negative; the grade goes by the amount: I up to 25 %, II up to 50, III
    up to 75, IV up to 100, V above. A posterior offset of grade I is a hint only: Meyerding graded anterior slips, and
    most backs have some.

    Meyerding's grade I begins above 0, but nearly every segment has an offset of a few percent, and corners on a film
    are not told that well: below `least_percent` no slip is claimed, and the finding says why.
    """
    findings = []
    for upper, lower in spine.segments:
        name, title = f"slip {upper}{lower}", f"Slip of {upper} on {lower}, Meyerding"
        try:
            percent = 100 * slip_length(spine, upper, lower) / spine.superior(lower).length
        except AbsentError as absence:
            findings.append(absent(name, title, "%", str(absence)))
            continue
        if abs(percent) < limits.least_percent:
            why = f"under {limits.least_percent:g} % a film does not tell a slip from none; if one, it is grade I"
            findings.append(Finding(name, title, percent, "%", None, "none", "normal", why if percent else None))
        else:
            step = limits.grades.of(abs(percent))
            is_slight = percent < 0 and step == limits.grades.steps[0]
            reason = "posterior offset (retrolisthesis)" if percent < 0 else None
            status: FindingStatus = "hint" if is_slight else "abnormal"
            findings.append(Finding(name, title, percent, "%", None, step.grade, status, reason))
    return tuple(findings)


def slip_length(spine: Spine, upper: str, lower: str) -> float:
    """The same offset in film column widths, anterior positive.

    Raises:
        AbsentError: an end plate is missing.
    """
    plate, corner = spine.superior(lower), spine.inferior(upper).posterior
    forward = (plate.anterior - plate.posterior) / plate.length
    return float((corner - plate.posterior) @ forward)
