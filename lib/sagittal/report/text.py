"""Numbers and what else a reader sees in the words that he wants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sagittal.anatomy.measurement import ParameterValue
from sagittal.films.film import Film
from sagittal.report.result import DECIMALS


def number_text(value: float, decimals: int) -> str:
    """A number with a true minus sign and no negative zero, rounded from what the JSON says."""
    return f"{round(round(value, DECIMALS), decimals) + 0.0:.{decimals}f}".replace("-", "−")


def quantity_text(value: float | None, unit: str) -> str:
    """One decimal and the unit (`deg`, `%`, `mm` or none); a dash for what is absent."""
    if value is None:
        return "–"
    return number_text(value, 1) + ("°" if unit == "deg" else f" {unit}".rstrip())


def value_text(parameter: ParameterValue | None) -> str:
    """A parameter's value as a reader wants it."""
    return quantity_text(None, "") if parameter is None else quantity_text(parameter.value, parameter.unit)


def interval_text(interval: Sequence[float] | None) -> str:
    """An interval's ends; a dash where there is none."""
    return "–" if interval is None else f"{number_text(interval[0], 1)} to {number_text(interval[1], 1)}"


def range_text(bounds: Sequence[float] | None) -> str:
    """A standard range's ends; empty where there is none."""
    return "" if bounds is None else "{:g} to {:g}".format(*bounds).replace("-", "−")


def change_text(value: float | None, before: float | None, unit: str) -> str:
    """What a value changed by, with its sign; a dash where either is absent."""
    if value is None or before is None:
        return "–"
    change = quantity_text(value - before, unit)
    return change if change.startswith("−") else f"+{change}"


def finding_value_text(finding: Mapping[str, Any]) -> str:
    """A clinical finding's value or bounds, and its grade."""
    value, bounds, unit = finding["value"], finding["bounds"], finding["unit"]
    parts = []
    if value is not None:
        parts.append(_short_quantity(value, unit))
    elif bounds is not None:
        low, high = (_short_quantity(bound, unit) for bound in bounds)
        parts.append(low if low == high else f"{low} to {high}")
    return ", ".join([*parts, *([finding["grade"]] if finding["grade"] else [])]) or "–"


def finding_text(finding: Mapping[str, Any]) -> str:
    """A clinical finding in one line, with the reason where it is absent or rests on something."""
    if finding["status"] == "absent":
        return f"{finding['name']}: absent: {finding['reason']}"
    text = f"{finding['name']}: {finding_value_text(finding)} ({finding['status']})"
    return f"{text}: {finding['reason']}" if finding["reason"] else text


def _short_quantity(value: float, unit: str) -> str:
    """As `quantity_text`, whole numbers without decimals where they are scores."""
    return number_text(value, 0) if not unit and float(value).is_integer() else quantity_text(value, unit)


def film_text(film: Film, anterior: str | None) -> str:
    """A film's size, the side it faces, and its spacing with the rule that it came from."""
    rows, columns = film.shape
    spacing = "no spacing"
    if film.spacing_mm is not None:
        row, column = film.spacing_mm
        size = f"{column:.3g} mm" if row == column else f"{column:.3g} x {row:.3g} mm"
        spacing = f"{size} ({film.spacing_rule.value})"
    facing = f"faces {anterior}" if anterior else "facing unknown"
    return f"{columns} x {rows} px   ·   {facing}   ·   {spacing}"
