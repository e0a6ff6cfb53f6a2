"""The table says everything in words and colour, and changes only what has changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import PySide6  # noqa: F401 - Qt's methods are methods only in modules that import it
import pytest
from SpinoPelvicLib.ports import ClassRow, Row, Sheet

WITHIN = Row(
    name="PI",
    title="pelvic incidence",
    value="52.1",
    interval="49.8 .. 54.4",
    unit="°",
    range="34 .. 84",
    status="within",
    network="",
    earlier="",
    change="",
    reason="",
    edited=False,
    group="Pelvis",
    gauge=(0.32, 0.36, 0.41),
)
ABOVE = replace(
    WITHIN, name="LL", value="82.0", range="31 .. 79", status="above", gauge=(0.9, 1.06, 1.2), group="Spine"
)
ABSENT = replace(
    WITHIN, name="L4S1", value="", interval="", status="absent", reason="L4 was not found", gauge=None, group="Spine"
)
GAP = ClassRow("GAP", "GAP score", "4 to 7 of 13", "abnormal", "")
SHEET = Sheet((WITHIN, ABOVE, ABSENT), (GAP,), "measurable", (), "spine", (), "")


@pytest.fixture
def table(qt_application: Any) -> Iterator[Any]:
    from PySide6 import QtWidgets
    from SpinoPelvicLib.panel.parameter_table import ParameterTable

    section = QtWidgets.QWidget()
    widget = QtWidgets.QTableWidget(section)
    section.resize(500, 400)
    yield ParameterTable(widget), widget
    section.deleteLater()


def texts(widget: Any) -> list[list[str]]:
    return [
        [widget.item(row, column).text() for column in range(widget.columnCount()) if widget.item(row, column)]
        for row in range(widget.rowCount())
    ]


def test_values_stand_under_their_groups_with_unit_interval_range_and_status(table: Any) -> None:
    shown, widget = table
    shown.show(SHEET)
    assert texts(widget) == [
        ["Pelvis"],
        ["PI", "52.1°", "49.8 .. 54.4", "34 .. 84", "● within", "", "", ""],
        ["Spine"],
        ["LL", "82.0°", "49.8 .. 54.4", "31 .. 79", "● above", "", "", ""],
        ["L4S1", "not measurable: L4 was not found"],
    ]


def test_what_is_out_of_range_is_red_and_bold_and_lies_outside_its_bar(table: Any) -> None:
    shown, widget = table
    shown.show(SHEET)
    within, above = widget.item(1, 1), widget.item(3, 1)
    assert above.foreground().color().red() > 150 > above.foreground().color().green()
    assert above.font().bold()
    assert widget.item(1, 4).foreground().color().green() > 100
    assert within.foreground().color().red() == within.foreground().color().green()

    def reddish(row: int) -> int:
        from PySide6 import QtCore

        picture = widget.item(row, 3).data(QtCore.Qt.ItemDataRole.DecorationRole).toImage()
        # Right of the band, where a value above the range lies.
        x, y = round(0.78 * picture.width()), picture.height() // 2
        return picture.pixelColor(x, y).red() - picture.pixelColor(x, y).green()

    assert reddish(3) > 80
    assert reddish(1) < 20


def test_columns_without_anything_in_them_are_hidden(table: Any) -> None:
    shown, widget = table
    shown.show(SHEET)
    assert [widget.isColumnHidden(column) for column in (5, 6, 7)] == [True, True, True]
    changed = replace(WITHIN, network="50.3", earlier="49.0", change="+3.1")
    shown.show(replace(SHEET, rows=(changed, ABOVE, ABSENT), earlierName="before"))
    assert [widget.isColumnHidden(column) for column in (5, 6, 7)] == [False, False, False]
    assert texts(widget)[1][5:] == ["50.3", "49.0", "+3.1"]


def test_a_change_of_one_value_touches_one_row(table: Any) -> None:
    shown, widget = table
    shown.show(SHEET)
    touched: list[tuple[int, int]] = []
    widget.cellChanged.connect(lambda row, column: touched.append((row, column)))
    shown.show(replace(SHEET, rows=(replace(WITHIN, value="53.0", edited=True), ABOVE, ABSENT)))
    assert {row for row, _column in touched} == {1}
    assert texts(widget)[1][:2] == ["PI ✎", "53.0°"]


def test_a_value_that_becomes_absent_gives_its_reason_across_the_row(table: Any) -> None:
    shown, widget = table
    shown.show(SHEET)
    gone = replace(WITHIN, value="", interval="", status="absent", reason="no femoral head", gauge=None)
    shown.show(replace(SHEET, rows=(gone, ABOVE, ABSENT)))
    assert texts(widget)[1] == ["PI", "not measurable: no femoral head"]
    assert widget.columnSpan(1, 1) == 7
    shown.show(SHEET)
    assert texts(widget)[1][1] == "52.1°"
    assert widget.columnSpan(1, 1) == 1


def test_an_empty_sheet_shows_no_table(table: Any) -> None:
    shown, widget = table
    shown.show(SHEET)
    shown.show(Sheet((), (), "", (), "", (), ""))
    assert not widget.isVisible()
    assert widget.rowCount() == 0


def test_colours_are_readable_on_a_dark_desktop(table: Any) -> None:
    from PySide6 import QtGui

    shown, widget = table
    palette = widget.palette()
    palette.setColor(QtGui.QPalette.ColorRole.Base, QtGui.QColor(30, 30, 30))
    widget.setPalette(palette)
    shown.show(SHEET)
    assert widget.item(3, 1).foreground().color().lightness() > 150


def test_of_the_classes_only_those_that_stand_out_are_shown_until_all_are_wanted(qt_application: Any) -> None:
    from PySide6 import QtWidgets
    from SpinoPelvicLib.panel.class_table import ClassTable

    section = QtWidgets.QWidget()
    widget, showAll = QtWidgets.QTableWidget(section), QtWidgets.QCheckBox(section)
    slip = ClassRow("slip L4L5", "slip at L4-L5", "1.0 %, none", "normal", "")
    schwab = ClassRow("Schwab PT", "Schwab modifier of PT", "", "absent", "no femoral head")
    shown = ClassTable(widget, showAll)
    shown.show(replace(SHEET, classes=(GAP, slip, schwab)))
    assert texts(widget) == [["GAP", "4 to 7 of 13"]]
    assert "2 classes" in showAll.text()
    showAll.setChecked(True)
    assert texts(widget) == [
        ["GAP", "4 to 7 of 13"],
        ["slip L4L5", "1.0 %, none"],
        ["Schwab PT", "not measurable: no femoral head"],
    ]
