"""A number and its class."""

from __future__ import annotations

from collections.abc import Callable

from sagittal.anatomy.clinical.finding import AbsentError, Finding, absent
from sagittal.anatomy.clinical.limits import Steps

Interval = tuple[float, float]


def graded(
    name: str, title: str, unit: str, steps: Steps, measure: Callable[[], float], *, interval: Interval | None = None
) -> Finding:
    """The finding of a number of `steps`, of which those without points are normal.

    `measure` gives the number or raises AbsentError. Where its 90 % interval reaches into other classes, the finding
    says so.
    """
    try:
        value = measure()
    except AbsentError as absence:
        return absent(name, title, unit, str(absence))
    step = steps.of(value)
    return Finding(
        name=name,
        title=title,
        value=value,
        unit=unit,
        bounds=None,
        grade=step.grade,
        status="abnormal" if step.points else "normal",
        reason=reaching(steps, value, interval),
    )


def reaching(steps: Steps, value: float, interval: Interval | None) -> str | None:
    """Which other classes the ends of an interval of a value lie in; None where they lie in the value's own."""
    if interval is None:
        return None
    own = steps.of(value).grade
    others = list(dict.fromkeys(grade for grade in (steps.of(end).grade for end in interval) if grade != own))
    if not others:
        return None
    low, high = interval
    return f"near a limit: the 90 % interval, {low:.1f} to {high:.1f}, reaches into {' and '.join(others)}"
