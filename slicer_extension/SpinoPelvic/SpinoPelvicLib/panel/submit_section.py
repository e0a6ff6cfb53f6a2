"""Giving the corrected film back to the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..ports import Workflow
from ..translation import _
from .look import colored, makePrimary, setIcons, setToolTip
from .view import View


class SubmitSection:
    """`strategy()` is the chosen way to the next film."""

    def __init__(self, ui: Any, workflow: Workflow, strategy: Callable[[], str]) -> None:
        self._ui = ui
        self._workflow = workflow
        self._strategy = strategy
        self._view = View()
        makePrimary(ui.submitNextButton)
        setIcons(ui, {"submitNextButton": "Submit", "sendWaitingButton": "Send"})
        ui.submitButton.clicked.connect(self._onSubmit)
        ui.submitNextButton.clicked.connect(self.onSubmitAndNext)
        ui.sendWaitingButton.clicked.connect(self._onSendWaiting)

    def show(self, view: View) -> None:
        self._view = view
        ui = self._ui
        why = self._workflow.whyNotSubmit(view.film) or ("" if view.idle else _("Wait, or cancel what runs"))
        tips = {
            ui.submitButton: _("Send segments, landmarks and table as this film's final label"),
            ui.submitNextButton: _("Send the label, then fetch the next film"),
        }
        for button, tip in tips.items():
            button.enabled = not why
            setToolTip(button, why or tip)
        waiting = view.server.waiting
        ui.waitingLabel.text = colored(
            _("{count} labels wait on this computer until a server takes them.").format(count=waiting)
            if waiting != 1
            else _("One label waits on this computer until a server takes it."),
            "caution",
            ui.waitingLabel,
        )
        ui.waitingLabel.visible = ui.sendWaitingButton.visible = waiting > 0
        ui.sendWaitingButton.enabled = view.ready

    def onSubmitAndNext(self, *_unused: Any) -> None:
        if self._ui.submitNextButton.enabled:
            self._workflow.submit(self._view.film, self._strategy())

    def _onSubmit(self, *_unused: Any) -> None:
        self._workflow.submit(self._view.film, "")

    def _onSendWaiting(self, *_unused: Any) -> None:
        self._workflow.sendWaiting()
