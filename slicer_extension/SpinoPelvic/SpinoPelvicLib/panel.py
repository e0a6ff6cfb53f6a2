"""The panel: what the buttons do. Requests run in the worker; Qt and MRML are touched on the main thread alone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any

import qt
import slicer

from .anatomy import NOT_FOR_CLINICAL_USE
from .client import Client
from .film import imageIdOn, newImageId, setImageId
from .logic import SpinoPelvicSceneLogic
from .replies import Inference, ServerInfo
from .table import Row, statusText
from .translation import _
from .worker import Worker

_POLL_MILLISECONDS = 30
_STATUS_COLORS = {"below": "#d33a2c", "above": "#d33a2c", "within": "#2e8b57"}
_ADDRESS, _TOKEN = "SpinoPelvic/ServerAddress", "SpinoPelvic/ServerToken"


class Panel:
    """Joins the widgets of SpinoPelvic.ui with the logic and the server.

    `showFilm(film)` is called when another film is to be worked on; `createClient` is replaced by tests.
    """

    def __init__(
        self,
        ui: Any,
        logic: SpinoPelvicSceneLogic,
        showFilm: Callable[[Any], None],
        createClient: Callable[..., Client] = Client,
    ) -> None:
        self.ui = ui
        self.logic = logic
        self._showFilm = showFilm
        self._createClient = createClient
        self._worker = Worker()
        self._client: Client | None = None
        self._film: Any = None
        self._timer = qt.QTimer()
        self._timer.setInterval(_POLL_MILLISECONDS)
        self._timer.timeout.connect(self._worker.poll)
        self._timer.start()

        ui.notForClinicalUseLabel.setText(_(NOT_FOR_CLINICAL_USE))
        ui.addressEdit.setText(str(qt.QSettings().value(_ADDRESS, "http://127.0.0.1:8000")))
        ui.tokenEdit.setText(str(qt.QSettings().value(_TOKEN, "")))
        ui.parameterTable.setHorizontalHeaderLabels(
            [_("Parameter"), _("Value"), _("Unit"), _("Standard range"), _("Status"), _("Reason")]
        )
        ui.connectButton.clicked.connect(self.onConnect)
        ui.nextFilmButton.clicked.connect(self.onNextFilm)
        ui.segmentButton.clicked.connect(self.onSegment)
        ui.submitButton.clicked.connect(self.onSubmit)
        ui.cancelButton.clicked.connect(self.onCancel)
        self._update()

    def close(self) -> None:
        """Stop polling and give up what runs. The panel cannot be used afterwards."""
        self._timer.stop()
        self._worker.cancel()

    def setFilm(self, film: Any) -> None:
        """Show the table of another film, or none."""
        self._film = film
        self._fillTable(self.logic.parameterRows(film))
        self.ui.editedLabel.setVisible(False)
        self._update()

    def onSegmentsEdited(self) -> None:
        """The film's segments were changed by hand: the table is that of the automatic result."""
        self.ui.editedLabel.setVisible(True)

    def onConnect(self, *_unused: Any) -> None:
        with slicer.util.tryWithErrorDisplay(_("Failed to connect.")):
            client = self._createClient(self.ui.addressEdit.text, self.ui.tokenEdit.text)
            qt.QSettings().setValue(_ADDRESS, client.address)
            qt.QSettings().setValue(_TOKEN, self.ui.tokenEdit.text)
            self._client = None
            self._start(_("Connecting ..."), client.info, partial(self._connected, client), _("Failed to connect."))

    def onNextFilm(self, *_unused: Any) -> None:
        client, strategy = self._client, self.ui.strategySelector.currentText
        folder = TemporaryDirectory()

        def fetch(cancelled: Event) -> tuple[str | None, Path | None]:
            imageId = client.nextFilm(strategy, cancelled)
            return imageId, imageId and client.downloadFilm(imageId, Path(folder.name), cancelled)

        def show(found: tuple[str | None, Path | None]) -> None:
            with folder, slicer.util.tryWithErrorDisplay(_("Failed to show the film.")):
                imageId, path = found
                if imageId is None:
                    self._say(_("All films are labelled."))
                    return
                film = self.logic.loadFilm(path, imageId)
                setImageId(client.address, film, imageId)
                self._showFilm(film)
                self._say("")

        self._start(_("Fetching the next film ..."), fetch, show, _("Failed to fetch the next film."))

    def onSegment(self, *_unused: Any) -> None:
        """Segment the film, after sending it where the server does not hold it and the user agrees."""
        client, film, model = self._client, self._film, self.ui.modelSelector.currentText
        imageId = imageIdOn(client.address, film)
        if imageId is not None:
            infer = partial(client.infer, model, imageId)
            self._start(_("Segmenting ..."), infer, partial(self._showResult, film), _("Failed to segment the film."))
            return
        question = _("{address} does not hold this film. Send it there, without name and dates of the patient?")
        if not slicer.util.confirmOkCancelDisplay(question.format(address=client.address)):
            return
        with slicer.util.tryWithErrorDisplay(_("Failed to write the film."), waitCursor=True):
            folder = TemporaryDirectory()
            path = Path(folder.name) / "film.nrrd"
            self.logic.writeFilm(film, path)
            newId = newImageId()

        def sendAndInfer(cancelled: Event) -> tuple[str, Inference]:
            with folder:
                heldAs = client.uploadFilm(newId, path, cancelled)
            return heldAs, client.infer(model, heldAs, cancelled)

        def show(answer: tuple[str, Inference]) -> None:
            setImageId(client.address, film, answer[0])
            self._showResult(film, answer[1])

        self._start(_("Sending and segmenting ..."), sendAndInfer, show, _("Failed to segment the film."))

    def onSubmit(self, *_unused: Any) -> None:
        """Send the segments as the film's final label, then fetch the next film."""
        client, film = self._client, self._film
        imageId = imageIdOn(client.address, film)
        with slicer.util.tryWithErrorDisplay(_("Failed to submit."), waitCursor=True):
            folder = TemporaryDirectory()
            path = Path(folder.name) / "label.nrrd"
            params = self.logic.writeLabel(film, path)

        def send(cancelled: Event) -> Any:
            with folder:
                return client.submitLabel(imageId, path, params, cancelled)

        self._start(_("Submitting ..."), send, lambda _reply: self.onNextFilm(), _("Failed to submit."))

    def onCancel(self, *_unused: Any) -> None:
        if self._worker.busy:
            self._worker.cancel()
            self._say(_("Cancelled."))
            self._update()

    def _connected(self, client: Client, info: ServerInfo) -> None:
        self._client = client
        self._fill(self.ui.modelSelector, info.models)
        self._fill(self.ui.strategySelector, info.strategies)
        text = _("{name} {version}").format(name=info.name, version=info.version)
        if info.films is not None:
            text += "\n" + _("{labelled} of {films} films labelled").format(labelled=info.labelled, films=info.films)
        self._say(text)

    def _showResult(self, film: Any, inference: Inference) -> None:
        if film.GetScene() is None:
            self._say(_("The film was removed from the scene."))
            return
        with slicer.util.tryWithErrorDisplay(_("Failed to show the result."), waitCursor=True):
            self.logic.showResult(film, inference)
            self._showFilm(film)
            self._say("\n".join(self.logic.remarks(inference)))

    def _start(self, text: str, task: Callable[[Event], Any], whenDone: Callable[[Any], None], failure: str) -> None:
        def done(result: Any) -> None:
            try:
                whenDone(result)
            finally:
                self._update()

        def failed(error: Exception) -> None:
            # The type alone: the text may hold an address or a name.
            logging.error("SpinoPelvic: request failed (%s)", type(error).__name__)
            self._say(f"{failure} {error}")
            self._update()
            slicer.util.errorDisplay(f"{failure}\n\n{error}")

        self._worker.start(task, done, failed)
        self._say(text)
        self._update()

    def _update(self) -> None:
        """What can be clicked now."""
        ui, busy, film = self.ui, self._worker.busy, self._film
        ready = self._client is not None and not busy
        onServer = ready and film is not None and imageIdOn(self._client.address, film) is not None
        ui.connectButton.setEnabled(not busy)
        ui.filmSelector.setEnabled(not busy)
        ui.nextFilmButton.setEnabled(ready and ui.strategySelector.count > 0)
        ui.segmentButton.setEnabled(ready and film is not None and ui.modelSelector.count > 0)
        ui.submitButton.setEnabled(bool(onServer and self.logic.segmentation(film)))
        ui.cancelButton.setVisible(busy)
        ui.progressBar.setVisible(busy)

    def _say(self, text: str) -> None:
        self.ui.statusLabel.setText(text)

    def _fillTable(self, rows: list[Row]) -> None:
        table = self.ui.parameterTable
        table.setRowCount(len(rows))
        for index, row in enumerate(rows):
            texts = (row.name, row.value, row.unit, row.range, statusText(row.status), row.reason)
            for column, text in enumerate(texts):
                item = qt.QTableWidgetItem(text)
                item.setToolTip(row.reason)
                if row.status in _STATUS_COLORS and column in (1, 4):
                    item.setForeground(qt.QBrush(qt.QColor(_STATUS_COLORS[row.status])))
                table.setItem(index, column, item)
        table.resizeColumnsToContents()

    @staticmethod
    def _fill(selector: Any, names: tuple[str, ...]) -> None:
        """Offer other names, and keep the chosen one where it is still among them."""
        chosen = selector.currentText
        selector.clear()
        selector.addItems(list(names))
        if chosen in names:
            selector.setCurrentText(chosen)
