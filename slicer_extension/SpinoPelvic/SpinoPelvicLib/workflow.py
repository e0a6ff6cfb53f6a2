"""What the buttons do: requests run in a worker, their outcomes are handled when the main thread polls."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any

from .batch import Batch
from .client import Client
from .errors import FilmError, SegmentError, ServerError, ServerGoneError
from .film import imageIdOn, newImageId, setImageId
from .film_logic import SceneFilmLogic
from .outbox import Outbox, Waiting
from .ports import BatchItem, Busy, ServerState, TrainingState
from .replies import Inference, ServerInfo
from .signal import Signal
from .translation import _
from .worker import Worker

_UPLOADED = "SpinoPelvic.SentFromHere"


class ServerWorkflow:
    """Implements `ports.Workflow`. `outbox` is the folder of labels that wait; `createClient` is replaced by tests."""

    def __init__(
        self, films: SceneFilmLogic, outbox: Path, createClient: Callable[[str, str], Client] = Client
    ) -> None:
        self.serverChanged = Signal()
        self.busyChanged = Signal()
        self.said = Signal()
        self.failed = Signal()
        self.filmOpened = Signal()
        self.batchChanged = Signal()
        self._films = films
        self._outbox = Outbox(outbox)
        self._createClient = createClient
        self._worker, self._refresher = Worker(), Worker()
        self._client: Client | None = None
        self._info: ServerInfo | None = None
        self._server = ServerState(waiting=len(self._outbox.waiting()))
        self._busy: Busy | None = None
        self._batch: Batch | None = None

    @property
    def server(self) -> ServerState:
        return self._server

    @property
    def busy(self) -> Busy | None:
        return self._busy

    def poll(self) -> None:
        self._films.poll()
        self._refresher.poll()
        self._worker.poll()

    def close(self) -> None:
        self._worker.cancel()
        self._refresher.cancel()

    def cancel(self) -> None:
        if self._busy is None:
            return
        self._worker.cancel()
        if self._batch is not None:
            self._batch.cancel()
            self.batchChanged(self._batch.items)
        self._setBusy(None)
        self.said(_("Cancelled."))

    # the server

    def connect(self, address: str, token: str) -> None:
        self.disconnect()
        try:
            client = self._createClient(address, token)
        except ServerError as error:
            self._fail(_("Failed to connect."), error)
            return

        def connected(info: ServerInfo) -> None:
            self._client = client
            self._learn(info)
            self.said(self._server.versionNote)
            self.sendWaiting()

        self._start(_("Connecting ..."), client.info, connected, _("Failed to connect."))

    def disconnect(self) -> None:
        self._refresher.cancel()
        self._client, self._info = None, None
        self._setServer(ServerState(waiting=len(self._outbox.waiting())))

    def refresh(self) -> None:
        client = self._client
        if client is None or self._busy is not None or self._refresher.busy:
            return

        def gone(_error: Exception) -> None:
            # Silently: what the user asks for next tells why.
            self._setServer(replace(self._server, training=None))

        self._refresher.start(client.info, lambda info: self._learn(info) if client is self._client else None, gone)

    def trainNow(self, model: str) -> None:
        client = self._connected()
        if client is None:
            return

        def started(_reply: Any) -> None:
            self._setServer(replace(self._server, training=TrainingState(running=True, model=model)))
            self.said(_("The server trains {model}.").format(model=model))

        task = partial(client.train, model)
        self._start(_("Starting a training ..."), _cancellable(task), started, _("Failed to start a training."))

    # films

    def nextFilm(self, strategy: str) -> None:
        client = self._connected()
        if client is None:
            return
        folder = TemporaryDirectory()

        def fetch(cancelled: Event) -> tuple[str | None, Path | None]:
            imageId = client.nextFilm(strategy, cancelled)
            return imageId, imageId and client.downloadFilm(imageId, Path(folder.name), cancelled)

        def show(found: tuple[str | None, Path | None]) -> None:
            with folder:
                imageId, path = found
                if imageId is None or path is None:
                    self.said(_("There is no film left: all are labelled or skipped."))
                    return
                film = self._films.loadFilm(path, imageId)
                setImageId(client.address, film, imageId)
            self.said("")
            self.filmOpened(film)

        self._start(_("Fetching the next film ..."), fetch, show, _("Failed to fetch the next film."))

    def skip(self, film: Any, reason: str, strategy: str) -> None:
        client = self._connected()
        imageId = None if client is None else imageIdOn(client.address, film)
        if client is None or imageId is None:
            self._fail(_("Failed to skip the film."), ServerError(_("The server does not hold this film.")))
            return
        task = partial(client.skip, imageId, reason)
        self._start(
            _("Skipping ..."), _cancellable(task), lambda _reply: self._next(strategy), _("Failed to skip the film.")
        )

    def mustSend(self, film: Any) -> bool:
        return self._client is None or imageIdOn(self._client.address, film) is None

    def segment(self, film: Any, model: str) -> None:
        client = self._connected()
        if client is None:
            return
        labels = self._labelsOf(model)
        imageId = imageIdOn(client.address, film)
        failure = _("Failed to segment the film.")
        if imageId is not None:
            held = film.GetAttribute(_UPLOADED) is None
            task = partial(client.infer, model, imageId, labels)
            show = partial(self._showResult, film, held)
            self._start(_("Segmenting ..."), lambda cancelled: task(cancelled=cancelled), show, failure)
            return
        folder = TemporaryDirectory()
        path, newId = Path(folder.name) / "film.nrrd", newImageId()
        try:
            self._films.adoptFilm(film)
            self._films.writeFilm(film, path)
        except (FilmError, OSError) as error:
            folder.cleanup()
            self._fail(failure, error)
            return

        def sendAndInfer(cancelled: Event) -> tuple[str, Inference]:
            with folder:
                heldAs = client.uploadFilm(newId, path, cancelled)
            return heldAs, client.infer(model, heldAs, labels, cancelled)

        def shown(answer: tuple[str, Inference]) -> None:
            self._markSent(film, client, answer[0])
            self._showResult(film, False, answer[1])

        self._start(_("Sending and segmenting ..."), sendAndInfer, shown, failure)

    # labels

    def whyNotSubmit(self, film: Any) -> str:
        if film is None or not self._films.hasResult(film):
            return _("Segment a film first.")
        if self._client is None:
            return _("Connect to a server first.")
        if imageIdOn(self._client.address, film) is None:
            return _("This server does not hold the film: segment it here first.")
        return _("Wait until what runs has ended.") if self._busy is not None else ""

    def submit(self, film: Any, strategy: str) -> None:
        reason, failure = self.whyNotSubmit(film), _("Failed to submit.")
        client = self._client
        if reason or client is None:
            self._fail(failure, SegmentError(reason))
            return
        imageId = imageIdOn(client.address, film)
        folder = TemporaryDirectory()
        path = Path(folder.name) / "label.nrrd"
        try:
            params = self._films.writeLabel(film, path)
        except (SegmentError, OSError) as error:
            folder.cleanup()
            self._fail(failure, error)
            return

        def send(cancelled: Event) -> Any:
            with folder:
                try:
                    return client.submitLabel(imageId, path, params, cancelled)
                except ServerGoneError:
                    return self._outbox.keep(client.address, imageId, path, params)

        def sent(reply: Any) -> None:
            if isinstance(reply, Waiting):
                self._setServer(replace(self._server, waiting=len(self._outbox.waiting())))
                self.said(_("No server answers. The label is kept on this computer and sent at the next Connect."))
                return
            self.said(_acknowledgement(reply))
            self.refresh()
            self._next(strategy)

        self._start(_("Submitting ..."), send, sent, failure)

    def sendWaiting(self) -> None:
        client = self._client
        waiting = () if client is None else self._outbox.waiting(client.address)
        if client is None or not waiting:
            return

        def send(cancelled: Event) -> tuple[int, list[str]]:
            sent, refused = 0, []
            for entry in waiting:
                try:
                    client.submitLabel(entry.imageId, entry.label, entry.params, cancelled)
                except ServerGoneError:
                    break
                except ServerError as error:
                    # Kept: the server may take it once what it says is mended.
                    refused.append(str(error))
                    continue
                self._outbox.remove(entry)
                sent += 1
            return sent, refused

        def done(outcome: tuple[int, list[str]]) -> None:
            sent, refused = outcome
            self._setServer(replace(self._server, waiting=len(self._outbox.waiting())))
            if sent:
                self.said(_("{count} labels that waited were sent.").format(count=sent))
            if refused:
                self.failed(
                    _("The server refused {count} labels that waited:").format(count=len(refused)) + "\n" + refused[0]
                )
            self.refresh()

        self._start(_("Sending labels that wait ..."), send, done, _("Failed to send labels that wait."))

    # batch

    def runBatch(self, films: Sequence[Path], model: str) -> None:
        client = self._connected()
        if client is None or not films:
            return
        self._batch = Batch(films)
        self._nextOfBatch(client, model)

    def batchCsv(self) -> str:
        """The tables of all films of the last batch, as one CSV; empty before the first."""
        nodes = [] if self._batch is None else [item.node for item in self._batch.items if item.node is not None]
        texts = [self._films.asCsv(node) for node in nodes if self._films.hasResult(node)]
        return texts[0] + "".join(text.split("\n", 1)[1] for text in texts[1:]) if texts else ""

    def _nextOfBatch(self, client: Client, model: str) -> None:
        batch = self._batch
        place = None if batch is None else batch.begin()
        if batch is None or place is None:
            self._setBusy(None)
            if batch is not None:
                self.batchChanged(batch.items)
                self.said(batch.summary)
            return
        self.batchChanged(batch.items)
        folder = TemporaryDirectory()
        path, newId, labels = Path(folder.name) / "film.nrrd", newImageId(), self._labelsOf(model)
        try:
            film = self._films.loadFilm(batch.paths[place])
            self._films.writeFilm(film, path)
        except (FilmError, OSError) as error:
            folder.cleanup()
            batch.end(place, str(error))
            # Through the worker, so that a list of bad films does not block the window.
            self._worker.start(lambda _cancelled: None, lambda _none: self._nextOfBatch(client, model), self._say)
            self._setBusy(Busy(batch.summary, batch.fraction))
            return

        def sendAndInfer(cancelled: Event) -> tuple[str, Inference]:
            with folder:
                heldAs = client.uploadFilm(newId, path, cancelled)
            return heldAs, client.infer(model, heldAs, labels, cancelled)

        def shown(answer: tuple[str, Inference]) -> None:
            try:
                self._markSent(film, client, answer[0])
                self._films.showResult(film, answer[1])
                batch.end(place, "", film)
            except (FilmError, ServerError) as error:
                batch.end(place, str(error), film)
            self._nextOfBatch(client, model)

        def lost(error: Exception) -> None:
            batch.end(place, str(error), film)
            self._nextOfBatch(client, model)

        self._worker.start(sendAndInfer, shown, lost)
        self._setBusy(Busy(batch.summary, batch.fraction))

    # inside

    def _connected(self) -> Client | None:
        if self._busy is not None:
            return None
        if self._client is None:
            self._fail(_("There is no server."), ServerError(_("Enter an address and connect first.")))
        return self._client

    def _labelsOf(self, model: str) -> Any:
        return {} if self._info is None else self._info.labels.get(model, {})

    def _learn(self, info: ServerInfo) -> None:
        self._info = info
        assert self._client is not None
        self._setServer(
            ServerState(
                connected=True,
                address=self._client.address,
                name=info.name,
                version=info.version,
                versionNote=info.versionNote,
                models=info.models,
                strategies=info.strategies,
                films=info.films,
                labelled=info.labelled,
                skipped=info.skipped,
                canSkip=info.tellsStatus,
                training=info.training,
                waiting=len(self._outbox.waiting()),
            )
        )

    def _markSent(self, film: Any, client: Client, imageId: str) -> None:
        setImageId(client.address, film, imageId)
        # What the server reads of it is what was written here: the film's own header knows more.
        film.SetAttribute(_UPLOADED, "true")

    def _showResult(self, film: Any, heldByServer: bool, inference: Inference) -> None:
        if film.GetScene() is None:
            self.said(_("The film was removed from the scene."))
            return
        self._films.showResult(film, inference, heldByServer)
        sheet = self._films.sheet(film)
        self.said("\n".join((sheet.verdict, *sheet.remarks)))
        self.filmOpened(film)

    def _next(self, strategy: str) -> None:
        if strategy:
            self.nextFilm(strategy)

    def _start(self, text: str, task: Callable[[Event], Any], whenDone: Callable[[Any], None], failure: str) -> None:
        def done(result: Any) -> None:
            self._setBusy(None)
            try:
                whenDone(result)
            except (FilmError, SegmentError, ServerError, OSError) as error:
                self._fail(failure, error)

        def failed(error: Exception) -> None:
            self._setBusy(None)
            self._fail(failure, error)

        if self._worker.busy:
            return
        self._refresher.cancel()
        self._worker.start(task, done, failed)
        self.said(text)
        self._setBusy(Busy(text))

    def _fail(self, failure: str, error: Exception) -> None:
        # The type alone: the text may hold an address or a name.
        logging.error("SpinoPelvic: %s", type(error).__name__)
        self.said(failure)
        self.failed(f"{failure}\n\n{error}")

    def _say(self, error: Exception) -> None:
        self.said(str(error))

    def _setBusy(self, busy: Busy | None) -> None:
        self._busy = busy
        self.busyChanged(busy)

    def _setServer(self, server: ServerState) -> None:
        if server != self._server:
            self._server = server
            self.serverChanged(server)


def _cancellable(task: Callable[..., Any]) -> Callable[[Event], Any]:
    return lambda cancelled: task(cancelled=cancelled)


def _acknowledgement(reply: Any) -> str:
    """What the server says of a label that it took."""
    text = _("The server has the label.")
    if reply.get("server_version"):
        text = _("Sagittal {version} has the label ({label}).").format(
            version=reply["server_version"], label=reply.get("label_version") or "?"
        )
    if reply.get("pending") is not None and reply.get("train_after"):
        text += " " + _("{pending} of {wanted} new labels wait for the next training.").format(
            pending=reply["pending"], wanted=reply["train_after"]
        )
    return text


__all__ = ["BatchItem", "ServerWorkflow"]
