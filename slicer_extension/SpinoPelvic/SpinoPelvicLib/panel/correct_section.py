"""Corrections by hand: undo, reset, names of levels, landmarks that are missing or wrong."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ..errors import FilmError, SegmentError
from ..ports import FilmLogic, Sheet
from ..translation import _
from .choices import fillMenu, menuOf
from .desktop import Desktop
from .look import colored, escaped, setIcons
from .view import View


class CorrectSection:
    """`complain` tells what could not be done, and why."""

    def __init__(self, ui: Any, films: FilmLogic, desktop: Desktop, complain: Callable[[str], None]) -> None:
        self._ui = ui
        self._films = films
        self._desktop = desktop
        self._complain = complain
        self._view = View()
        setIcons(
            ui,
            {
                "undoButton": "Undo",
                "redoButton": "Redo",
                "resetButton": "Reset",
                "levelsUpButton": "LevelsUp",
                "levelsDownButton": "LevelsDown",
                "editSegmentsButton": "Edit",
                "placeButton": "Place",
                "removeButton": "Remove",
            },
        )
        menuOf(ui.placeButton, partial(self._fillMenu, films.missingLandmarks, films.placeLandmark))
        menuOf(ui.removeButton, partial(self._fillMenu, films.landmarks, films.removeLandmark))
        ui.undoButton.clicked.connect(self.onUndo)
        ui.redoButton.clicked.connect(self.onRedo)
        ui.resetButton.clicked.connect(partial(self._do, films.resetToAutomatic))
        ui.levelsUpButton.clicked.connect(partial(self._do, films.shiftLevels, 1))
        ui.levelsDownButton.clicked.connect(partial(self._do, films.shiftLevels, -1))
        ui.editSegmentsButton.clicked.connect(self._onEditSegments)

    def onUndo(self, *_unused: Any) -> None:
        if self._ui.undoButton.enabled:
            self._do(self._films.undo)

    def onRedo(self, *_unused: Any) -> None:
        if self._ui.redoButton.enabled:
            self._do(self._films.redo)

    def show(self, view: View) -> None:
        self._view = view
        self.showSheet(self._films.sheet(view.film))

    def showSheet(self, sheet: Sheet) -> None:
        """What can be corrected and what was; to be called again at every change."""
        ui, film = self._ui, self._view.film
        # While a request runs its answer would overwrite what is corrected now.
        usable = film is not None and self._view.idle and self._films.hasResult(film)
        ui.undoButton.enabled = usable and self._films.canUndo(film)
        ui.redoButton.enabled = usable and self._films.canRedo(film)
        ui.resetButton.enabled = usable and bool(sheet.edited)
        for widget in (ui.editSegmentsButton, ui.placeButton, ui.removeButton):
            widget.enabled = usable
        self._showShift(ui.levelsUpButton, film, usable, 1)
        self._showShift(ui.levelsDownButton, film, usable, -1)
        text = _("Changed by hand: {what}").format(what=", ".join(sheet.edited))
        ui.editedLabel.text = colored("✎ ", "caution", ui.editedLabel) + escaped(text)
        ui.editedLabel.visible = bool(sheet.edited)

    def _showShift(self, button: Any, film: Any, usable: bool, steps: int) -> None:
        names = self._films.shiftedLevels(film, steps) if usable else ()
        button.enabled = bool(names)
        shift = ", ".join(f"{old} → {new}" for old, new in names)
        button.toolTip = (
            _("The count was wrong: {shift}").format(shift=shift)
            if names
            else _("The levels of this film cannot be shifted that way")
        )

    def _fillMenu(self, names: Callable[[Any], Any], act: Callable[[Any, str], None], menu: Any) -> None:
        film = self._view.film
        fillMenu(menu, [(name, name) for name in names(film)], lambda name: self._do(act, name))
        if menu.isEmpty():
            menu.addAction(_("none")).enabled = False

    def _do(self, correct: Callable[..., None], *arguments: Any) -> None:
        # A click says whether the button is checked: of no interest here.
        wanted = [argument for argument in arguments if not isinstance(argument, bool)]
        try:
            correct(self._view.film, *wanted)
        except (FilmError, SegmentError) as error:
            self._complain(str(error))

    def _onEditSegments(self, *_unused: Any) -> None:
        film = self._view.film
        self._desktop.editSegments(film, self._films.segmentation(film))
