"""The one click, what came of it, and the table to take along."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import slicer

from ..ports import FilmLogic, Sheet, Workflow
from ..translation import _
from . import report
from .choices import chosen, menuOf, offer
from .class_table import ClassTable
from .desktop import Desktop
from .look import colored, makePrimary, setIcons, setToolTip
from .parameter_table import ParameterTable
from .view import View

_VERDICT_COLORS = {"measurable": "good", "measurable with caution": "caution", "not measurable": "bad"}
_NONE = ""


class MeasureSection:
    """`model()` is the chosen model; `say` and `complain` tell what was done and what failed."""

    def __init__(
        self,
        ui: Any,
        films: FilmLogic,
        workflow: Workflow,
        desktop: Desktop,
        model: Callable[[], str],
        say: Callable[[str], None],
        complain: Callable[[str], None],
    ) -> None:
        self._ui = ui
        self._films = films
        self._workflow = workflow
        self._desktop = desktop
        self._model = model
        self._say = say
        self._complain = complain
        self._view = View()
        self._table = ParameterTable(ui.parameterTable)
        self._classes = ClassTable(ui.classTable, ui.allClassesCheckBox)
        makePrimary(ui.segmentButton)
        setIcons(ui, {"segmentButton": "Segment", "copyButton": "Copy", "csvButton": "Table", "pdfButton": "Pdf"})
        menuOf(ui.showButton, self._fillShowMenu)
        ui.segmentButton.clicked.connect(self.onSegment)
        ui.earlierSelector.currentIndexChanged.connect(self._onEarlierChosen)
        ui.copyButton.clicked.connect(self.onCopy)
        ui.csvButton.clicked.connect(self._onCsv)
        ui.pdfButton.clicked.connect(self._onPdf)

    def show(self, view: View) -> None:
        self._view = view
        why = self._whyNotSegment()
        self._ui.segmentButton.enabled = not why
        setToolTip(self._ui.segmentButton, why or _("Have the server segment and measure the film"))
        self.showSheet(self._films.sheet(view.film))
        self._offerEarlier()

    def showSheet(self, sheet: Sheet) -> None:
        """What was measured; to be called again at every change."""
        self._table.show(sheet)
        self._classes.show(sheet)
        self._showVerdict(sheet)
        for widget in (self._ui.copyButton, self._ui.csvButton, self._ui.pdfButton, self._ui.showButton):
            widget.enabled = not sheet.isEmpty

    def onSegment(self, *_unused: Any) -> None:
        """Segment the film, after the user agreed that it is sent where the server does not hold it."""
        film = self._view.film
        if self._whyNotSegment():
            return
        question = _("{address} does not hold this film. Send it there, without name and dates of the patient?")
        if self._workflow.mustSend(film) and not slicer.util.confirmOkCancelDisplay(
            question.format(address=self._view.server.address)
        ):
            return
        self._workflow.segment(film, self._model())

    def onCopy(self, *_unused: Any) -> None:
        if self._ui.copyButton.enabled:
            report.copy(self._films.asText(self._view.film))
            self._say(_("The table is on the clipboard."))

    def _whyNotSegment(self) -> str:
        """Empty where the film can be segmented."""
        view = self._view
        if not view.server.connected:
            return _("Connect to a server first")
        if view.film is None:
            return _("Choose a film first")
        if not self._model():
            return _("The server offers no model that segments")
        return "" if view.idle else _("Wait, or cancel what runs")

    def _showVerdict(self, sheet: Sheet) -> None:
        label = self._ui.verdictLabel
        mark = _VERDICT_COLORS.get(sheet.verdict, "muted")
        lines = [f"<b>{colored('● ' + _(sheet.verdict), mark, label)}</b>"] if sheet.verdict else []
        lines += [colored(remark, "muted", label) for remark in sheet.remarks if remark != sheet.verdict]
        label.text = "<br>".join(lines)
        label.visible = bool(lines)

    def _offerEarlier(self) -> None:
        ui, film = self._ui, self._view.film
        candidates = () if film is None else self._films.earlierFilms(film)
        offer(
            ui.earlierSelector,
            [(_NONE, _("no earlier film")), *((node.GetID(), node.GetName()) for node in candidates)],
            _NONE,
        )
        earlier = self._films.earlierFilm(film) if film is not None else None
        blocked = ui.earlierSelector.blockSignals(True)
        ui.earlierSelector.currentIndex = max(ui.earlierSelector.findData(earlier.GetID() if earlier else _NONE), 0)
        ui.earlierSelector.blockSignals(blocked)
        for widget in (ui.earlierTitleLabel, ui.earlierSelector):
            widget.visible = bool(candidates)

    def _onEarlierChosen(self, _index: int) -> None:
        nodeId = chosen(self._ui.earlierSelector)
        self._films.setEarlierFilm(self._view.film, slicer.mrmlScene.GetNodeByID(nodeId) if nodeId else None)

    def _fillShowMenu(self, menu: Any) -> None:
        menu.clear()
        film = self._view.film
        parts = {
            "segments": _("Segments"),
            "end plates": _("End plates"),
            "heads": _("Femoral heads and hip axis"),
            "construction": _("Lines of PI, PT, SS and LL"),
        }
        for part, text in parts.items():
            action = menu.addAction(text)
            action.checkable = True
            action.checked = self._films.isVisible(film, part)
            action.toggled.connect(partial(self._films.setVisible, film, part))

    def _onCsv(self, *_unused: Any) -> None:
        write = partial(report.writeCsv, self._films.asCsv(self._view.film))
        report.save(self._ui.csvButton, _("Save the table"), "csv", write, self._say, self._complain)

    def _onPdf(self, *_unused: Any) -> None:
        html = partial(self._films.reportHtml, self._view.film)
        write = partial(report.writePdf, html, self._desktop.writePicture)
        report.save(self._ui.pdfButton, _("Save the page"), "pdf", write, self._say, self._complain)
