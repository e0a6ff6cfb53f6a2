"""Tables that are changed cell by cell, so that they follow a dragged landmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import qt

from .look import color

GAUGE_PIXELS = (52, 12)
_ROW_PIXELS = 22
_PADDING = 10
_MARGINS = 24


@dataclass(frozen=True)
class Cell:
    """`gauge` is where low end, value and high end lie in the standard range (0 .. 1), `color` one of `look`."""

    text: str = ""
    color: str = ""
    bold: bool = False
    italic: bool = False
    number: bool = False
    toolTip: str = ""
    gauge: tuple[float, float, float] | None = None


Line = tuple[Cell, ...]
"""Cells from the first column; where they are fewer than columns, the last reaches to the end of the table."""


class CellTable:
    """A QTableWidget as high as its lines, that shows nothing while it has none."""

    def __init__(self, table: Any, headings: Sequence[str], toolTips: Mapping[int, str]) -> None:
        self._table = table
        self._lines: list[Line] = []
        self._hidden: frozenset[int] = frozenset()
        table.columnCount = len(headings)
        table.setHorizontalHeaderLabels(list(headings))
        for column, tip in toolTips.items():
            table.horizontalHeaderItem(column).setToolTip(tip)
        table.verticalHeader().visible = False
        table.verticalHeader().defaultSectionSize = _ROW_PIXELS
        table.horizontalHeader().highlightSections = False
        table.iconSize = qt.QSize(*GAUGE_PIXELS)
        table.minimumHeight = table.maximumHeight = 0
        table.visible = False

    def show(self, lines: list[Line], hidden: frozenset[int] = frozenset()) -> None:
        """Show these lines, without the `hidden` columns."""
        sameShape = [len(line) for line in lines] == [len(line) for line in self._lines]
        if not sameShape:
            self._layOut(lines)
        for row, line in enumerate(lines):
            for column, cell in enumerate(line):
                if not sameShape or cell != self._lines[row][column]:
                    self._set(row, column, cell)
        self._lines = lines
        if not sameShape or hidden != self._hidden:
            self._hidden = hidden
            self._fit()

    def _layOut(self, lines: list[Line]) -> None:
        """Rows and spans for lines of another shape."""
        table = self._table
        table.clearSpans()
        table.rowCount = len(lines)
        for row, line in enumerate(lines):
            for column in range(len(line), table.columnCount):
                table.takeItem(row, column)
            span = table.columnCount - len(line) + 1
            if span > 1:
                table.setSpan(row, len(line) - 1, 1, span)

    def _set(self, row: int, column: int, cell: Cell) -> None:
        table = self._table
        item = table.item(row, column)
        if item is None:
            item = qt.QTableWidgetItem()
            table.setItem(row, column, item)
        item.setText(cell.text)
        item.setToolTip(cell.toolTip)
        font = table.font
        font.setBold(cell.bold)
        font.setItalic(cell.italic)
        item.setFont(font)
        item.setData(qt.Qt.ForegroundRole, qt.QColor(color(cell.color, table)) if cell.color else None)
        item.setData(qt.Qt.DecorationRole, _gaugePicture(cell.gauge, table) if cell.gauge else None)
        item.setTextAlignment((qt.Qt.AlignRight if cell.number else qt.Qt.AlignLeft) | qt.Qt.AlignVCenter)

    def _fit(self) -> None:
        table, header = self._table, self._table.horizontalHeader()
        for column in range(table.columnCount):
            table.setColumnHidden(column, column in self._hidden)
        # A stretched column is not made narrower.
        header.stretchLastSection = False
        for column in range(table.columnCount):
            header.resizeSection(column, max(self._widthOf(column), header.sectionSizeHint(column)))
        scrolls = table.horizontalScrollBarPolicy != qt.Qt.ScrollBarAlwaysOff
        if not scrolls:
            # The last column takes what is left; its tool tips tell the rest.
            header.resizeSection(table.columnCount - 1, header.sectionSizeHint(table.columnCount - 1))
        needed = header.length()
        header.stretchLastSection = True
        height = header.sizeHint.height() + table.rowCount * _ROW_PIXELS + 4
        # The table's own width is not known while it is hidden.
        if scrolls and needed > table.parentWidget().width - _MARGINS:
            height += table.style().pixelMetric(qt.QStyle.PM_ScrollBarExtent)
        table.minimumHeight = table.maximumHeight = height
        table.visible = table.rowCount > 0

    def _widthOf(self, column: int) -> int:
        """Pixels that the texts of a column need, those that reach across columns left out: Qt counts these too."""
        plain, bold = self._table.font, self._table.font
        bold.setBold(True)
        metrics = {False: qt.QFontMetrics(plain), True: qt.QFontMetrics(bold)}
        cells = [line[column] for line in self._lines if column + 1 < len(line) or len(line) == self._table.columnCount]
        widths = [
            metrics[cell.bold].boundingRect(cell.text).width() + (GAUGE_PIXELS[0] + 4 if cell.gauge else 0)
            for cell in cells
        ]
        return max(widths, default=0) + _PADDING


def _gaugePicture(gauge: tuple[float, float, float], widget: Any) -> qt.QPixmap:
    """The standard range as a band in the middle, the interval as a bar, the value as a dot; clipped at the ends."""
    low, value, high = (min(max(0.25 + 0.5 * at, 0.04), 0.96) for at in gauge)
    scale = 2
    width, height = GAUGE_PIXELS
    picture = qt.QPixmap(width * scale, height * scale)
    picture.setDevicePixelRatio(scale)
    picture.fill(qt.QColor(0, 0, 0, 0))
    painter = qt.QPainter(picture)
    painter.setRenderHint(qt.QPainter.Antialiasing)
    painter.setPen(qt.Qt.NoPen)
    muted = qt.QColor(color("muted", widget))
    for left, right, thickness, opacity in ((0.0, 1.0, 2, 0.25), (0.25, 0.75, 6, 0.35)):
        painter.setOpacity(opacity)
        painter.setBrush(qt.QBrush(muted))
        painter.drawRect(qt.QRectF(left * width, (height - thickness) / 2, (right - left) * width, thickness))
    mark = qt.QColor(color("good" if 0 <= gauge[1] <= 1 else "bad", widget))
    painter.setBrush(qt.QBrush(mark))
    painter.setOpacity(0.45)
    painter.drawRect(qt.QRectF(low * width, height / 2 - 1.5, max((high - low) * width, 1.0), 3))
    painter.setOpacity(1.0)
    painter.drawEllipse(qt.QRectF(value * width - 3.5, height / 2 - 3.5, 7, 7))
    painter.end()
    return picture
