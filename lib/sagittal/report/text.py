"""Numbers as a reader wants them."""

from __future__ import annotations

from sagittal.anatomy.measurement import ParameterValue


def number_text(value: float, decimals: int) -> str:
    """A number with a true minus sign and no negative zero."""
    return f"{round(value, decimals) + 0.0:.{decimals}f}".replace("-", "−")


def value_text(parameter: ParameterValue | None) -> str:
    """A value as a reader wants it: one decimal, its unit, a dash where it is absent."""
    if parameter is None or parameter.value is None:
        return "–"
    return number_text(parameter.value, 1) + ("°" if parameter.unit == "deg" else f" {parameter.unit}")
