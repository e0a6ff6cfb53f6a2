"""The server: where it is, what it offers, how far its data set is, and its training."""

from __future__ import annotations

from typing import Any

from ..ports import ServerState, TrainingState, Workflow
from ..translation import _
from . import settings
from .choices import chosen, offer
from .look import colored, escaped, setIcons
from .view import View


class ServerSection:
    def __init__(self, ui: Any, workflow: Workflow) -> None:
        self._ui = ui
        self._workflow = workflow
        self._wasConnected = False
        ui.addressEdit.text = settings.read(settings.ADDRESS, settings.DEFAULT_ADDRESS)
        ui.tokenEdit.text = settings.read(settings.TOKEN)
        setIcons(ui, {"trainButton": "Train"})
        ui.connectButton.clicked.connect(self.onConnect)
        ui.addressEdit.returnPressed.connect(self.onConnect)
        ui.tokenEdit.returnPressed.connect(self.onConnect)
        ui.modelSelector.currentIndexChanged.connect(self._onModelChosen)
        ui.trainButton.clicked.connect(self._onTrain)

    @property
    def model(self) -> str:
        """Name of the chosen model; empty where there is none."""
        return chosen(self._ui.modelSelector)

    def connectAgain(self) -> None:
        """Connect by itself where the last session was connected."""
        if settings.read(settings.CONNECTED) == "yes" and not self._workflow.server.connected:
            self.onConnect()

    def onConnect(self, *_unused: Any) -> None:
        """Connect, or part from the server that is connected."""
        if self._workflow.busy is not None:
            return
        if self._workflow.server.connected:
            settings.write(settings.CONNECTED, "")
            self._workflow.disconnect()
            return
        settings.write(settings.ADDRESS, self._ui.addressEdit.text.strip())
        settings.write(settings.TOKEN, self._ui.tokenEdit.text)
        self._workflow.connect(self._ui.addressEdit.text, self._ui.tokenEdit.text)

    def show(self, view: View) -> None:
        ui, server = self._ui, view.server
        if server.connected != self._wasConnected:
            self._wasConnected = server.connected
            if server.connected:
                settings.write(settings.CONNECTED, "yes")
            # Out of the way while all is well.
            ui.serverSection.collapsed = server.connected and not server.versionNote
        ui.serverSection.text = _heading(server)
        ui.connectButton.text = _("Disconnect") if server.connected else _("Connect")
        ui.connectButton.enabled = view.idle
        for edit in (ui.addressEdit, ui.tokenEdit):
            edit.enabled = view.idle and not server.connected
        ui.stateLabel.text = self._state(server)
        offer(
            ui.modelSelector,
            [(model.name, _modelText(model.name, model.version)) for model in server.models],
            settings.read(settings.MODEL),
        )
        ui.modelSelector.enabled = server.connected
        self._describeModel(server)
        self._showFilms(server)
        self._showTraining(server.training, view)

    def _state(self, server: ServerState) -> str:
        label = self._ui.stateLabel
        if not server.connected:
            return colored("● ", "muted", label) + escaped(_("not connected"))
        text = _("connected to {name} {version}").format(name=server.name, version=server.version)
        if server.versionNote:
            return colored("● ", "caution", label) + escaped(f"{text}\n{server.versionNote}")
        return colored("● ", "good", label) + escaped(text)

    def _describeModel(self, server: ServerState) -> None:
        model = next((model for model in server.models if model.name == self.model), None)
        words = [] if model is None else [model.description, _origin(model.origin)]
        self._ui.modelLabel.text = " · ".join(word for word in words if word)
        self._ui.modelLabel.visible = bool(self._ui.modelLabel.text)

    def _showFilms(self, server: ServerState) -> None:
        bar, known = self._ui.filmsProgressBar, server.films is not None
        bar.maximum = max(server.films or 0, 1)
        bar.value = min(server.labelled or 0, bar.maximum)
        text = _("{labelled} of {films} labelled").format(labelled=server.labelled or 0, films=server.films or 0)
        if server.skipped:
            text += ", " + _("{skipped} skipped").format(skipped=server.skipped)
        bar.format = text if known else ""
        for widget in (bar, self._ui.filmsTitleLabel):
            widget.visible = known

    def _showTraining(self, training: TrainingState | None, view: View) -> None:
        ui = self._ui
        for widget in (ui.trainingTitleLabel, ui.trainingLabel, ui.trainButton):
            widget.visible = view.server.connected
        ui.trainingLabel.text = trainingText(training)
        running = training is not None and training.running
        ui.trainButton.enabled = view.ready and bool(self.model) and not running
        bar = ui.trainingProgressBar
        bar.visible = running
        if running:
            bar.maximum = training.epochs or 0
            bar.value = training.epoch or 0
            bar.format = _("epoch {epoch} of {epochs}").format(epoch=training.epoch or 0, epochs=training.epochs or 0)

    def _onModelChosen(self, _index: int) -> None:
        settings.write(settings.MODEL, self.model)
        self._describeModel(self._workflow.server)

    def _onTrain(self, *_unused: Any) -> None:
        self._workflow.trainNow(self.model)


def trainingText(training: TrainingState | None) -> str:
    """The server's training in words."""
    if training is None:
        return _("the server does not tell")
    if training.running:
        text = _("{model} is learning").format(model=training.model) if training.model else _("running")
        return f"{text}, {_remaining(training.etaSeconds)}" if training.etaSeconds is not None else text
    parts = []
    if training.pending is not None and training.trainAfter:
        parts.append(
            _("starts after {left} more labels").format(left=max(training.trainAfter - training.pending, 0))
            if training.pending
            else _("starts after {count} new labels").format(count=training.trainAfter)
        )
    if training.last:
        parts.append(training.last)
    return "; ".join(parts) or _("not running")


def _remaining(seconds: float) -> str:
    if seconds < 90:
        return _("about {count} s left").format(count=max(round(seconds), 1))
    if seconds < 5400:
        return _("about {count} min left").format(count=round(seconds / 60))
    return _("about {count} h left").format(count=round(seconds / 3600))


def _heading(server: ServerState) -> str:
    if not server.connected:
        return _("Server")
    parts = [_("Server"), server.address.split("://")[-1]]
    if server.films is not None:
        parts.append(_("{labelled} of {films} labelled").format(labelled=server.labelled or 0, films=server.films))
    return "  ·  ".join(parts)


def _modelText(name: str, version: str) -> str:
    return f"{name}  ({version})" if version else name


def _origin(origin: str) -> str:
    return {"shipped": _("shipped"), "trained": _("trained on your labels")}.get(origin, origin)
