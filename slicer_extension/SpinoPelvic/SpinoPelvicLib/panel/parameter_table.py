"""A film's parameters: value, interval, range, status in colour and in words, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..ports import Row, Sheet
from ..translation import _
from .cell_table import Cell, CellTable, Line

_NAME, _VALUE, _INTERVAL, _RANGE, _STATUS, _NETWORK, _EARLIER, _CHANGE = range(8)
_COLORS = {"within": "good", "below": "bad", "above": "bad", "unranged": "muted"}


class ParameterTable:
    def __init__(self, table: Any) -> None:
        headings = (
            _("Parameter"),
            _("Value"),
            _("90 %"),
            _("Range"),
            _("Status"),
            _("Network"),
            _("Earlier"),
            _("Change"),
        )
        toolTips = {
            _INTERVAL: _("Interval that holds the value 9 times in 10, if the outline is right"),
            _RANGE: _("Standard range; the bar shows where the value and its interval lie in it"),
            _NETWORK: _("What the network itself estimates, beside the geometry"),
        }
        self._table = CellTable(table, headings, toolTips)

    def show(self, sheet: Sheet) -> None:
        hidden = set() if sheet.earlierName else {_EARLIER, _CHANGE}
        if not any(row.network for row in sheet.rows):
            hidden.add(_NETWORK)
        self._table.show(list(_linesOf(sheet)), frozenset(hidden))


def _linesOf(sheet: Sheet) -> Iterator[Line]:
    group = ""
    for row in sheet.rows:
        if row.group != group and row.group:
            yield (Cell(row.group, color="muted", bold=True),)
        group = row.group
        yield _lineOf(row)


def _lineOf(row: Row) -> Line:
    edited = _("rests on a landmark that was changed by hand") if row.edited else ""
    tip = "\n".join(text for text in (row.title, edited, row.reason) if text)
    name = Cell(row.name + (" ✎" if row.edited else ""), bold=True, toolTip=tip)
    if not row.value:
        text = _("not measurable: {reason}").format(reason=row.reason) if row.reason else _("not measurable")
        return name, Cell(text, color="muted", italic=True, toolTip=tip)
    mark = _COLORS.get(row.status, "")
    unit = row.unit if row.unit == "°" else f" {row.unit}".rstrip()
    return (
        name,
        Cell(row.value + unit, color=mark if row.outOfRange else "", bold=True, number=True, toolTip=tip),
        Cell(row.interval, color="muted", toolTip=tip),
        Cell(row.range, toolTip=tip, gauge=row.gauge),
        Cell(_statusText(row), color=mark, toolTip=tip),
        *(Cell(text, number=True, toolTip=tip) for text in (row.network, row.earlier, row.change)),
    )


def _statusText(row: Row) -> str:
    return {
        "within": "● " + _("within"),
        "below": "● " + _("below"),
        "above": "● " + _("above"),
        "unranged": _("no range"),
    }.get(row.status, row.status)
