"""Parameters of the whole spine with range, interval, status and change; below them those of every body and disc."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagittal.anatomy.definitions import Definitions
from sagittal.report import style
from sagittal.report.page import ink
from sagittal.report.page.notes import Notes
from sagittal.report.page.sheet import Sheet, text_width
from sagittal.report.table_panel import level_parameters
from sagittal.report.text import change_text, interval_text, quantity_text, range_text

ROW, LEVEL_ROW = 8.3, 4.8
HEAD = 6.3

Result = Mapping[str, Any]


def draw_parameters(
    sheet: Sheet,
    y: float,
    left: float,
    right: float,
    result: Result,
    definitions: Definitions,
    notes: Notes,
    earlier: Result | None,
) -> float:
    """Draw between `left` and `right` mm from `y` down; returns where it ends."""
    value, interval, bounds = (
        left + part * (right - left) for part in ((0.50, 0.74, 1.0), (0.41, 0.64, 0.815))[bool(earlier)]
    )
    for x, word in ((value, "film"), (interval, "90 %"), (bounds, "range"), *(((right, "Δ"),) if earlier else ())):
        sheet.text(x, y + 2, word, 6.3, ink.MUTED, align="right")
    sheet.text(left, y + 2, "PARAMETERS", 6.3, ink.MUTED, weight="bold")
    y += HEAD
    levels = level_parameters(definitions)
    for name in (name for name in definitions.parameters if name not in levels):
        parameter = result["parameters"][name]
        sheet.rule(y - 2.9, left, right, ink.RULE, 0.4)
        sheet.text(left, y + 0.4, name, 9, ink.TEXT, weight="bold")
        room = interval - left - 14
        sheet.text(left, y + 3.7, definitions.parameters[name].title, 6, ink.MUTED, width=room)
        _draw_value(sheet, value, y + 0.6, name, parameter, notes, 10.5)
        sheet.text(interval, y + 0.6, interval_text(parameter["interval_90"]), 7.5, ink.TEXT, align="right")
        sheet.text(bounds, y + 0.6, range_text(parameter["range"]) or "none", 7.5, ink.MUTED, align="right")
        word = style.STATUS_WORDS[parameter["status"]]
        sheet.text(bounds, y + 3.9, word, 6.5, ink.STATUS_COLORS[parameter["status"]], align="right", weight="bold")
        if earlier is not None:
            before = earlier["parameters"].get(name, {}).get("value")
            sheet.text(
                right,
                y + 0.6,
                change_text(parameter["value"], before, parameter["unit"]),
                8,
                ink.TEXT,
                align="right",
                weight="bold",
            )
            sheet.text(
                right,
                y + 3.9,
                "" if before is None else f"was {quantity_text(before, parameter['unit'])}",
                6,
                ink.MUTED,
                align="right",
            )
        y += ROW
    return y + 1


def draw_levels(
    sheet: Sheet,
    y: float,
    left: float,
    right: float,
    result: Result,
    definitions: Definitions,
    notes: Notes,
    earlier: Result | None,
) -> float:
    """Body wedges in the left half, disc angles in the right one; returns where it ends."""
    names = level_parameters(definitions)
    levels = {*definitions.levels_from_sacrum, *definitions.structures}
    middle = (left + right) / 2 + 2
    halves = [
        (left, middle - 4, "BODY WEDGE", [name for name in names if name in levels]),
        (middle, right, "DISC ANGLE", [name for name in names if name not in levels]),
    ]
    end = y
    for start, stop, title, group in halves:
        sheet.text(start, y + 2, title, 6.3, ink.MUTED, weight="bold")
        row = y + HEAD
        for name in group:
            parameter = result["parameters"][name]
            sheet.rule(row - 3.1, start, stop, ink.RULE, 0.3)
            sheet.text(start, row, name, 7.5, ink.TEXT, weight="bold")
            _draw_value(sheet, start + 0.52 * (stop - start), row, name, parameter, notes, 8)
            beside = interval_text(parameter["interval_90"])
            if earlier is not None:
                before = earlier["parameters"].get(name, {}).get("value")
                beside = "Δ " + change_text(parameter["value"], before, parameter["unit"])
            sheet.text(stop, row, beside, 6.5, ink.MUTED, align="right", width=0.44 * (stop - start))
            row += LEVEL_ROW
        end = max(end, row)
    return end


def _draw_value(
    sheet: Sheet, x: float, y: float, name: str, parameter: Mapping[str, Any], notes: Notes, size: float
) -> None:
    """Right-aligned; what is absent is a dash with the number of its note."""
    status = parameter["status"]
    color = ink.STATUS_COLORS[status] if status in ("below", "above", "absent") else ink.TEXT
    shown = quantity_text(parameter["value"], parameter["unit"])
    sheet.text(x, y, shown, size, color, align="right", weight="bold")
    if parameter["value"] is None:
        number = str(notes.number(name, parameter["reason"]))
        sheet.text(x - text_width(shown, size, "bold") - 0.8, y - 1, number, 5.5, ink.HINT, align="right")
