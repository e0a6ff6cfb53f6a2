"""Clinical classes, scores and indices: first what stands out, all of them on demand."""

from __future__ import annotations

from typing import Any

from ..ports import ClassRow, Sheet
from ..translation import _
from .cell_table import Cell, CellTable, Line

_COLORS = {"normal": "good", "abnormal": "bad", "hint": "caution"}
_STAND_OUT = ("abnormal", "hint")


class ClassTable:
    """`showAll` is the button that shows the other ones too."""

    def __init__(self, table: Any, showAll: Any) -> None:
        self._table = CellTable(table, (_("Class or score"), _("Finding")), {})
        self._showAll = showAll
        self._rows: tuple[ClassRow, ...] = ()
        showAll.toggled.connect(self._fill)

    def show(self, sheet: Sheet) -> None:
        self._rows = sheet.classes
        others = sum(row.status not in _STAND_OUT for row in self._rows)
        self._showAll.visible = others > 0
        self._showAll.text = _("Show {count} classes and scores that do not stand out").format(count=others)
        self._fill()

    def _fill(self, *_checked: Any) -> None:
        shown = [row for row in self._rows if self._showAll.checked or row.status in _STAND_OUT]
        self._table.show([_lineOf(row) for row in shown])


def _lineOf(row: ClassRow) -> Line:
    tip = "\n".join(text for text in (row.title, row.text, row.reason) if text)
    if row.status == "absent":
        text = _("not measurable: {reason}").format(reason=row.reason) if row.reason else _("not measurable")
        return Cell(row.name, bold=True, toolTip=tip), Cell(text, color="muted", italic=True, toolTip=tip)
    return Cell(row.name, bold=True, toolTip=tip), Cell(row.text, color=_COLORS.get(row.status, ""), toolTip=tip)
