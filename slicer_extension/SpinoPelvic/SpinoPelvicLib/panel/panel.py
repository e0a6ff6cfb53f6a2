"""Joins the sections of SpinoPelvic.ui with the film logic and the workflow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import qt

from ..anatomy import NOT_FOR_CLINICAL_USE
from ..errors import FilmError
from ..ports import Busy, FilmLogic, Workflow
from ..translation import _
from .batch_section import BatchSection
from .correct_section import CorrectSection
from .desktop import Desktop
from .film_section import FilmSection
from .measure_section import MeasureSection
from .server_section import ServerSection
from .shortcuts import Shortcuts
from .status_bar import StatusBar
from .submit_section import SubmitSection
from .view import View

_POLL_MILLISECONDS = 30
_REFRESH_MILLISECONDS = 5000
_NOTICE_STYLE = "background-color: #f3c96b; color: #3d2a00; font-weight: bold;"


class Panel:
    """`openFilm(film)` is called when another film is to be worked on, and must call `setFilm`."""

    def __init__(
        self,
        ui: Any,
        films: FilmLogic,
        workflow: Workflow,
        desktop: Desktop,
        openFilm: Callable[[Any], None],
    ) -> None:
        self._films = films
        self._workflow = workflow
        self._desktop = desktop
        self._openFilm = openFilm
        self._film: Any = None
        self._view = View()
        ui.noticeLabel.text = _(NOT_FOR_CLINICAL_USE)
        ui.noticeLabel.styleSheet = _NOTICE_STYLE

        self._status = StatusBar(ui, workflow.cancel)
        say, complain = self._status.say, self._status.complain
        self._server = ServerSection(ui, workflow)
        self._filmSection = FilmSection(ui, films, workflow, desktop, openFilm, complain)
        self._measure = MeasureSection(ui, films, workflow, desktop, lambda: self._server.model, say, complain)
        self._correct = CorrectSection(ui, films, desktop, complain)
        self._submit = SubmitSection(ui, workflow, lambda: self._filmSection.strategy)
        self._batch = BatchSection(ui, workflow, lambda: self._server.model, openFilm, say, complain)
        self._sections = (self._server, self._filmSection, self._measure, self._correct, self._submit, self._batch)
        self._shortcuts = Shortcuts(
            {
                "Ctrl+Shift+A": (self._measure.onSegment, ui.segmentButton),
                "Ctrl+Shift+Return": (self._submit.onSubmitAndNext, ui.submitNextButton),
                "Ctrl+Shift+N": (self._filmSection.onNextFilm, ui.nextFilmButton),
                "Ctrl+Shift+Z": (self._correct.onUndo, ui.undoButton),
                "Ctrl+Shift+Y": (self._correct.onRedo, ui.redoButton),
                "Ctrl+Shift+C": (self._measure.onCopy, ui.copyButton),
            }
        )
        self._joins = (
            (workflow.serverChanged, self._update),
            (workflow.busyChanged, self._onBusy),
            (workflow.said, say),
            (workflow.failed, complain),
            (workflow.filmOpened, openFilm),
            (workflow.batchChanged, self._batch.showItems),
            (films.sheetChanged, self._onSheet),
            (films.factsChanged, self._onFacts),
        )
        for signal, slot in self._joins:
            signal.connect(slot)
        self._timers = [
            _startTimer(_POLL_MILLISECONDS, workflow.poll),
            _startTimer(_REFRESH_MILLISECONDS, workflow.refresh),
        ]
        self._update()

    def close(self) -> None:
        """Stop polling and listening. The panel cannot be used afterwards."""
        for timer in self._timers:
            timer.stop()
        for signal, slot in self._joins:
            signal.disconnect(slot)
        self._shortcuts.disable()

    def enter(self) -> None:
        """The user came to the module."""
        self._shortcuts.enable()
        self._server.connectAgain()

    def leave(self) -> None:
        """The user went to another module; what runs goes on."""
        self._shortcuts.disable()

    def setFilm(self, film: Any) -> None:
        """Work on another film, or on none."""
        if film is not None and film is not self._film:
            try:
                self._films.adoptFilm(film, self._desktop.dicomDatabase())
            except FilmError as error:
                self._status.complain(str(error))
                film = None
        self._film = film
        self._films.watch(film)
        if film is not None:
            self._desktop.showFilm(film)
        self._update()

    def _update(self, *_unused: Any) -> None:
        self._view = View(self._film, self._workflow.server, self._workflow.busy)
        for section in self._sections:
            section.show(self._view)
        self._status.showBusy(self._view.busy)

    def _onBusy(self, busy: Busy | None) -> None:
        if (busy is None) == self._view.idle:
            self._status.showBusy(busy)
        else:
            self._update()

    def _onSheet(self, film: Any) -> None:
        if film is self._film:
            sheet = self._films.sheet(film)
            self._measure.showSheet(sheet)
            self._correct.showSheet(sheet)

    def _onFacts(self, film: Any) -> None:
        if film is self._film:
            self._filmSection.showFacts()


def _startTimer(milliseconds: int, act: Callable[[], None]) -> Any:
    timer = qt.QTimer()
    timer.timeout.connect(act)
    timer.start(milliseconds)
    return timer
