"""Numbers, ranges and findings in the words that the user reads. Without a scene."""

from __future__ import annotations

from collections.abc import Sequence

from .anatomy import Finding
from .translation import _


def numberText(value: float, decimals: int = 1) -> str:
    """A number with a true minus sign and no negative zero, rounded from two decimals as the server's results are."""
    return f"{round(round(value, 2), decimals) + 0.0:.{decimals}f}".replace("-", "−")


def unitText(unit: str) -> str:
    return "°" if unit == "deg" else unit


def quantityText(value: float | None, unit: str) -> str:
    """One decimal and the unit; empty for what is absent."""
    if value is None:
        return ""
    return numberText(value) + ("°" if unit == "deg" else f" {unit}".rstrip())


def intervalText(interval: Sequence[float] | None) -> str:
    """Both ends; empty where there is none."""
    if interval is None:
        return ""
    return _("{low} to {high}").format(low=numberText(interval[0]), high=numberText(interval[1]))


def rangeText(limits: Sequence[float] | None) -> str:
    """Both ends of a standard range; empty where there is none."""
    if limits is None:
        return ""
    low, high = (f"{limit:g}".replace("-", "−") for limit in limits)
    return _("{low} to {high}").format(low=low, high=high)


def changeText(change: float | None, unit: str) -> str:
    """A change with its sign; empty where there is none."""
    text = quantityText(change, unit)
    return text if not text or text.startswith("−") else f"+{text}"


def statusText(status: str) -> str:
    """A parameter's status in words."""
    return {
        "within": _("within range"),
        "below": _("below range"),
        "above": _("above range"),
        "unranged": _("no standard range"),
        "absent": _("not measurable"),
    }.get(status, status)


def findingText(finding: Finding) -> str:
    """A finding's value or bounds, and its grade."""
    parts = []
    if finding.value is not None:
        parts.append(_shortQuantity(finding.value, finding.unit))
    elif finding.bounds is not None:
        low, high = (_shortQuantity(bound, finding.unit) for bound in finding.bounds)
        parts.append(low if low == high else _("{low} to {high}").format(low=low, high=high))
    if finding.grade:
        parts.append(finding.grade)
    return ", ".join(parts)


def _shortQuantity(value: float, unit: str) -> str:
    """Whole numbers without decimals where they are scores."""
    return numberText(value, 0) if not unit and float(value).is_integer() else quantityText(value, unit)
