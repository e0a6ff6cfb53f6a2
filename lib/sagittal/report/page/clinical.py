"""Clinical classes and scores, in columns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sagittal.report.page import ink
from sagittal.report.page.notes import Notes
from sagittal.report.page.sheet import Sheet, shortened, text_width
from sagittal.report.text import finding_value_text

COLUMNS, GAP, ROW = 3, 5.0, 4.1
SIZE = 6.8


def draw_clinical(
    sheet: Sheet,
    y: float,
    left: float,
    right: float,
    bottom: float,
    findings: Sequence[Mapping[str, Any]],
    notes: Notes,
) -> float:
    """Draw what fits above `bottom`; returns where the next section may start.

    A finding without value is a dash with the number of its note; where not all findings fit, the last place says so.
    """
    if not findings:
        return y
    sheet.text(left, y, "CLINICAL CLASSES AND SCORES (hints, not diagnoses)", 6.3, ink.MUTED, weight="bold")
    y += ROW + 0.4
    rows = min(math.ceil(len(findings) / COLUMNS), max(1, int((bottom - y) / ROW)))
    shown = findings if len(findings) <= rows * COLUMNS else findings[: rows * COLUMNS - 1]
    width = (right - left - (COLUMNS - 1) * GAP) / COLUMNS
    for place, finding in enumerate(shown):
        x, row = left + place // rows * (width + GAP), y + place % rows * ROW
        sheet.rule(row - 2.9, x, x + width, ink.RULE, 0.3)
        value = shortened(_value(finding, notes, 0.64 * width), SIZE, 0.64 * width, "bold")
        room = width - text_width(value, SIZE, "bold") - 2
        sheet.text(x, row, finding["name"], SIZE, ink.TEXT, width=room)
        sheet.text(x + width, row, value, SIZE, ink.FINDING_COLORS[finding["status"]], weight="bold", align="right")
    if len(shown) < len(findings):
        x = left + (COLUMNS - 1) * (width + GAP)
        words = f"… and {len(findings) - len(shown)} more in the JSON file"
        sheet.text(x, y + (rows - 1) * ROW, words, SIZE, ink.MUTED, width=width)
    return y + rows * ROW + 2.5


def _value(finding: Mapping[str, Any], notes: Notes, width: float) -> str:
    """The value with the number of the note that belongs to it; a grade too long for `width` mm stands in that note.

    What is abnormal is marked by more than its colour.
    """
    text, note = finding_value_text(finding), finding["reason"]
    if finding["grade"] and text_width(f"! {text} (99)", SIZE, "bold") > width:
        text = finding_value_text({**finding, "grade": None})
        note = "; ".join(part for part in (finding["grade"], note) if part)
    mark = "! " if finding["status"] == "abnormal" else ""
    return f"{mark}{text} ({notes.number(finding['name'], note)})" if note else mark + text
