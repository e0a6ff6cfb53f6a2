"""What goes on and what came of it, at the foot of the panel: never a window in the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..ports import Busy
from .look import color


class StatusBar:
    def __init__(self, ui: Any, cancel: Callable[[], None]) -> None:
        self._ui = ui
        self._cancel = cancel
        ui.cancelButton.clicked.connect(self._onCancel)
        self.say("")

    def showBusy(self, busy: Busy | None) -> None:
        ui = self._ui
        ui.progressBar.visible = ui.cancelButton.visible = busy is not None
        if busy is None:
            return
        if busy.fraction is None:
            ui.progressBar.maximum = 0
        else:
            ui.progressBar.maximum = 1000
            ui.progressBar.value = round(1000 * busy.fraction)
        if busy.text:
            self.say(busy.text)

    def say(self, text: str) -> None:
        """Tell what was done: the first line, all of it as the tool tip."""
        self._show(text.split("\n", 1)[0], "")
        self._ui.statusLabel.toolTip = text

    def complain(self, text: str) -> None:
        """Tell what failed and what to do, until something else is told."""
        self._show(text, "bad")
        self._ui.statusLabel.toolTip = ""

    def _show(self, text: str, mark: str) -> None:
        ui = self._ui
        ui.statusLabel.text = text
        edge = f"border-left: 4px solid {color(mark, ui.statusFrame)};" if mark else ""
        ui.statusFrame.styleSheet = f"QFrame#statusFrame {{ {edge} }}"
        ui.statusLabel.styleSheet = f"color: {color(mark, ui.statusFrame)};" if mark else ""

    def _onCancel(self, *_unused: Any) -> None:
        self._cancel()
