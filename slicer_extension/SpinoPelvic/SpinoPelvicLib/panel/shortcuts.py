"""Keyboard shortcuts of the panel, in force while the user is in the module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import qt
import slicer

from .look import setToolTip


class Shortcuts:
    """`actions` maps keys to what they do and to the button that does the same, whose tool tip tells the keys."""

    def __init__(self, actions: Mapping[str, tuple[Callable[..., None], Any]]) -> None:
        self._actions = actions
        self._shortcuts: list[Any] = []
        for keys, (_act, button) in actions.items():
            button.setProperty("keys", keys)
            setToolTip(button, button.toolTip)

    def enable(self) -> None:
        """Also in the slice view, so on the main window where there is one."""
        if self._shortcuts:
            return
        for keys, (act, button) in self._actions.items():
            shortcut = qt.QShortcut(slicer.util.mainWindow() or button.window())
            shortcut.key = qt.QKeySequence(keys)
            shortcut.activated.connect(act)
            self._shortcuts.append(shortcut)

    def disable(self) -> None:
        for shortcut in self._shortcuts:
            shortcut.enabled = False
            shortcut.deleteLater()
        self._shortcuts = []
