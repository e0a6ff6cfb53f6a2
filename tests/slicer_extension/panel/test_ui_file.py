"""The .ui file as it is: everything in it explains itself and can be translated."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import PySide6  # noqa: F401 - Qt's methods are methods only in modules that import it
import pytest

UI = Path(__file__).parents[3] / "slicer_extension/SpinoPelvic/Resources/UI/SpinoPelvic.ui"
EXPLAINED = ("QPushButton", "QToolButton", "QLineEdit", "QComboBox", "qMRMLNodeComboBox", "QTableWidget")


def widgets() -> list[ElementTree.Element]:
    return list(ElementTree.parse(UI).iter("widget"))


def value(widget: ElementTree.Element, name: str) -> str:
    return next((p.findtext("string") or "" for p in widget.findall("property") if p.get("name") == name), "")


def test_every_control_has_a_tool_tip() -> None:
    controls = [widget for widget in widgets() if widget.get("class") in EXPLAINED]
    assert len(controls) > 25
    assert [widget.get("name") for widget in controls if not value(widget, "toolTip")] == []


@pytest.mark.usefixtures("qt_application")
def test_the_ui_binds_exactly_the_parameters_of_the_scene() -> None:
    from SpinoPelvicLib.parameters import SpinoPelvicParameters

    bound = {value(widget, "SlicerParameterName") for widget in widgets()} - {""}
    assert bound == {name for name in vars(SpinoPelvicParameters) if not name.startswith("_")} == {"film"}


def test_every_button_that_has_a_shortcut_tells_it(opened: Any) -> None:
    opened.settle()
    tips = {
        name: getattr(opened.ui, name).toolTip()
        for name in ("submitNextButton", "nextFilmButton", "undoButton", "redoButton", "copyButton", "segmentButton")
    }
    assert all("Ctrl+Shift+" in tip for tip in tips.values()), tips


def test_the_notice_is_to_be_seen_wherever_the_panel_is_scrolled(opened: Any) -> None:
    area, notice = opened.ui.scrollArea, opened.ui.noticeLabel
    opened.settle()
    area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())
    opened.settle()
    assert notice.text() == "Not for clinical use"
    assert notice.isVisible()
    assert not notice.visibleRegion().isEmpty()
    assert not area.isAncestorOf(notice)


def test_every_text_that_the_panel_sets_goes_through_the_translation(
    opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PySide6 import QtWidgets

    written = {value(widget, name) for widget in widgets() for name in ("text", "toolTip", "placeholderText")}
    for name, module in list(sys.modules.items()):
        if name.startswith("SpinoPelvicLib.") and hasattr(module, "_"):
            monkeypatch.setattr(module, "_", lambda text: f"‹{text}›")
    opened.panel._update()
    texts = {
        text
        for widget in opened.parent.findChildren(QtWidgets.QWidget)
        for text in (widget.toolTip(), widget.text() if hasattr(widget, "text") and callable(widget.text) else "")
        if any(letter.isalpha() for letter in text) and not text.startswith("http")
    }
    foreign = {text for text in texts if "‹" not in text and not any(text.startswith(w) for w in written if w)}
    assert foreign == set()
