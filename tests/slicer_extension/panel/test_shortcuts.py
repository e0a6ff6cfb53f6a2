"""Keys do what the buttons do, while the user is in the module."""

from __future__ import annotations

from typing import Any

import PySide6  # noqa: F401 - Qt's methods are methods only in modules that import it
import pytest


@pytest.fixture
def press(opened: Any) -> Any:
    """press(key): Ctrl+Shift and a key."""
    from PySide6 import QtCore, QtTest

    def press(key: Any) -> None:
        opened.parent.activateWindow()
        opened.settle()
        modifiers = QtCore.Qt.KeyboardModifier.ControlModifier | QtCore.Qt.KeyboardModifier.ShiftModifier
        QtTest.QTest.keyClick(opened.parent, key, modifiers)
        opened.settle()

    return press


def test_keys_copy_the_table_only_where_there_is_one_and_only_in_the_module(opened: Any, press: Any) -> None:
    from PySide6 import QtCore

    key, clipboard = QtCore.Qt.Key.Key_C, opened.desktop.clipboard()
    clipboard.setText("before")
    press(key)
    assert clipboard.text() == "before"
    opened.measure()
    press(key)
    assert "PI" in clipboard.text()
    assert "Not for clinical use" in clipboard.text()
    clipboard.setText("before")
    opened.widget.exit()
    press(key)
    assert clipboard.text() == "before"


def test_keys_undo_and_redo(opened: Any, press: Any) -> None:
    from PySide6 import QtCore

    film = opened.measure()
    opened.films.shiftLevels(film, -1) if opened.films.shiftedLevels(film, -1) else opened.films.shiftLevels(film, 1)
    assert opened.ui.undoButton.isEnabled()
    press(QtCore.Qt.Key.Key_Z)
    assert not opened.ui.undoButton.isEnabled()
    assert opened.ui.redoButton.isEnabled()
    press(QtCore.Qt.Key.Key_Y)
    assert opened.ui.undoButton.isEnabled()
