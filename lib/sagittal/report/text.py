"""Numbers as a reader wants them."""

from __future__ import annotations

from sagittal.anatomy.measurement import ParameterValue
from sagittal.report.result import DECIMALS


def number_text(value: float, decimals: int) -> str:
    """A number with a true minus sign and no negative zero, rounded from what the JSON says."""
    return f"{round(round(value, DECIMALS), decimals) + 0.0:.{decimals}f}".replace("-", "−")


def quantity_text(value: float | None, unit: str) -> str:
    """One decimal and the unit (`deg` or `%`); a dash for what is absent."""
    if value is None:
        return "–"
    return number_text(value, 1) + ("°" if unit == "deg" else f" {unit}")


def value_text(parameter: ParameterValue | None) -> str:
    """A parameter's value as a reader wants it."""
    return quantity_text(None, "") if parameter is None else quantity_text(parameter.value, parameter.unit)
