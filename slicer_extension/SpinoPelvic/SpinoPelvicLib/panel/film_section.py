"""The film: where it comes from, and what is known of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import qt

from ..errors import FilmError
from ..ports import FilmFacts, FilmLogic, Workflow
from ..translation import _
from . import settings
from .choices import choose, chosen, fillMenu, menuOf, offer
from .desktop import Desktop
from .look import colored, escaped, setIcons
from .view import View

FILE_TYPES = "(*.png *.jpg *.jpeg *.tif *.tiff *.nrrd *.nii *.nii.gz *.dcm *.dicom *.ima)"
_IMPORT, _OTHER = "import", "other"
_AS_FOUND = "as found"


class FilmSection:
    """`openFilm(film)` makes a film the one that the panel works on; `complain(text)` tells what failed."""

    def __init__(
        self,
        ui: Any,
        films: FilmLogic,
        workflow: Workflow,
        desktop: Desktop,
        openFilm: Callable[[Any], None],
        complain: Callable[[str], None],
    ) -> None:
        self._ui = ui
        self._films = films
        self._workflow = workflow
        self._desktop = desktop
        self._openFilm = openFilm
        self._complain = complain
        self._view = View()
        setIcons(
            ui,
            {
                "openButton": "Open",
                "dicomButton": "Dicom",
                "nextFilmButton": "Next",
                "skipButton": "Skip",
                "windowButton": "Window",
                "invertButton": "Invert",
            },
        )
        menuOf(ui.dicomButton, self._fillDicomMenu)
        menuOf(ui.skipButton, self._fillSkipMenu)
        ui.openButton.clicked.connect(self._onOpen)
        ui.nextFilmButton.clicked.connect(self.onNextFilm)
        ui.strategySelector.currentIndexChanged.connect(self._onStrategyChosen)
        ui.facingSelector.currentIndexChanged.connect(self._onFacingChosen)
        ui.windowButton.clicked.connect(self._onAutoWindow)
        ui.invertButton.clicked.connect(self._onInvert)

    @property
    def strategy(self) -> str:
        """Name of the chosen strategy; empty where the server has none."""
        return chosen(self._ui.strategySelector)

    def onNextFilm(self, *_unused: Any) -> None:
        if self._ui.nextFilmButton.enabled:
            self._workflow.nextFilm(self.strategy)

    def show(self, view: View) -> None:
        self._view = view
        ui, server = self._ui, view.server
        offer(
            ui.strategySelector,
            [(strategy.name, strategy.name.replace("_", " ")) for strategy in server.strategies],
            settings.read(settings.STRATEGY),
        )
        self._describeStrategy()
        for widget in (ui.strategyTitleLabel, ui.strategySelector, ui.nextFilmButton):
            widget.visible = server.connected
        ui.skipButton.visible = server.connected and server.canSkip
        ui.nextFilmButton.enabled = view.ready and bool(self.strategy)
        ui.skipButton.enabled = view.ready and view.film is not None and not self._workflow.mustSend(view.film)
        ui.skipButton.toolTip = (
            _("Tell the server that this film is not to be labelled, and why")
            if ui.skipButton.enabled
            else _("Only films of the server can be skipped")
        )
        for button in (ui.openButton, ui.dicomButton, ui.filmSelector):
            button.enabled = view.idle
        for widget in (ui.facingSelector, ui.windowButton, ui.invertButton):
            widget.enabled = view.film is not None
        self.showFacts()

    def showFacts(self) -> None:
        """What is known of the film; to be called again when that has changed."""
        film, label = self._view.film, self._ui.factsLabel
        if film is None:
            label.text = escaped(_("Open a film, or let the server choose the next one."))
            return
        try:
            facts = self._films.facts(film)
        except FilmError as error:
            label.text = colored(f"⚠ {error}", "bad", label)
            return
        label.text = _factsText(facts, label)
        self._showFacing(facts)

    def _showFacing(self, facts: FilmFacts) -> None:
        selector, sides = self._ui.facingSelector, {"left": _("left"), "right": _("right")}
        found = sides.get(facts.anterior, _("not known yet"))
        text = _("as found: {side}").format(side=found) if facts.anteriorRule != "user" else _("as found")
        offer(selector, [(_AS_FOUND, text), *sides.items()], _AS_FOUND)
        choose(selector, facts.anterior if facts.anteriorRule == "user" else _AS_FOUND)

    def _describeStrategy(self) -> None:
        for strategy in self._view.server.strategies:
            if strategy.name == self.strategy:
                self._ui.strategySelector.toolTip = strategy.description

    def _onStrategyChosen(self, _index: int) -> None:
        settings.write(settings.STRATEGY, self.strategy)
        self._describeStrategy()

    def _onOpen(self, *_unused: Any) -> None:
        paths = qt.QFileDialog.getOpenFileNames(
            self._ui.openButton, _("Open films"), settings.read(settings.FOLDER), _("Films") + " " + FILE_TYPES
        )
        for path in map(Path, paths):
            settings.write(settings.FOLDER, str(path.parent))
            self._open(path, path.stem)

    def _open(self, path: Path, name: str | None = None) -> None:
        try:
            self._openFilm(self._films.loadFilm(path, name))
        except (FilmError, OSError) as error:
            self._complain(str(error))

    def _fillDicomMenu(self, menu: Any) -> None:
        database = self._desktop.dicomDatabase()
        films = () if database is None else self._films.dicomFilms(database)
        found = {film.seriesUid: film for film in films}

        def pick(name: str) -> None:
            if name == _IMPORT:
                self._desktop.importDicom()
            else:
                self._open(found[name].path)

        choices = [(uid, film.title) for uid, film in found.items()]
        fillMenu(menu, [*choices, (_IMPORT, _("Import DICOM files ..."))], pick)

    def _fillSkipMenu(self, menu: Any) -> None:
        reasons = (
            _("Not a lateral film of the lumbar spine"),
            _("Too poor to be labelled"),
            _("Cut off, or hidden by metal"),
            _("There twice"),
        )
        fillMenu(menu, [*((reason, reason) for reason in reasons), (_OTHER, _("Other reason ..."))], self._skip)

    def _skip(self, reason: str) -> None:
        if reason == _OTHER:
            reason = qt.QInputDialog.getText(self._ui.skipButton, _("Skip"), _("Why is this film not to be labelled?"))
        if reason:
            self._workflow.skip(self._view.film, reason, self.strategy)

    def _onFacingChosen(self, _index: int) -> None:
        side = chosen(self._ui.facingSelector)
        if self._view.film is not None:
            self._films.setAnterior(self._view.film, None if side == _AS_FOUND else side)

    def _onAutoWindow(self, *_unused: Any) -> None:
        self._films.autoWindow(self._view.film)

    def _onInvert(self, *_unused: Any) -> None:
        self._films.invert(self._view.film)


def _factsText(facts: FilmFacts, label: Any) -> str:
    """A line with size and spacing and whence it is known, then warnings, as rich text."""
    size, rule = f"{facts.columns} × {facts.rows}", _("no spacing in the file")
    if facts.spacingMm is not None:
        row, column = facts.spacingMm
        size += f" · {column:.3g} mm" if abs(row - column) < 1e-6 else f" · {column:.3g} × {row:.3g} mm"
        rule = facts.spacingRule
    lines = [escaped(size) + " " + colored(rule, "muted", label)]
    if facts.inverted:
        lines.append(colored(_("Stored with dark bone (MONOCHROME1): shown with bright bone."), "muted", label))
    if not facts.lengthsTrusted:
        lines.append(colored("⚠ " + _("Lengths in mm cannot be trusted; angles can."), "caution", label))
    lines += [colored(f"⚠ {warning}", "caution", label) for warning in facts.warnings]
    return "<br>".join(lines)
