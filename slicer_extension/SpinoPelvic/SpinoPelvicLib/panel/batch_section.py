"""Many films, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import qt
import slicer

from ..ports import BatchItem, Workflow
from ..translation import _
from . import report, settings
from .film_section import FILE_TYPES
from .look import color, setIcons
from .view import View

_STATUS_COLORS = {"done": "good", "failed": "bad", "cancelled": "caution", "waiting": "muted"}
_ENDED = ("done", "failed", "cancelled")


class BatchSection:
    """`model()` is the chosen model; `openFilm(film)` makes a film the one that the panel works on; `say` and
    `complain` tell what was done and what failed."""

    def __init__(
        self,
        ui: Any,
        workflow: Workflow,
        model: Callable[[], str],
        openFilm: Callable[[Any], None],
        say: Callable[[str], None],
        complain: Callable[[str], None],
    ) -> None:
        self._ui = ui
        self._workflow = workflow
        self._model = model
        self._openFilm = openFilm
        self._say = say
        self._complain = complain
        self._items: tuple[BatchItem, ...] = ()
        setIcons(ui, {"batchButton": "Batch", "batchCsvButton": "Table"})
        ui.batchSection.collapsed = True
        table = ui.batchTable
        table.setHorizontalHeaderLabels([_("Film"), _("Status")])
        table.verticalHeader().visible = False
        table.horizontalHeader().stretchLastSection = True
        table.itemDoubleClicked.connect(self._onDoubleClick)
        ui.batchButton.clicked.connect(self._onChoose)
        ui.batchCsvButton.clicked.connect(self._onCsv)

    def show(self, view: View) -> None:
        self._ui.batchButton.enabled = view.ready and bool(self._model())
        self._ui.batchButton.toolTip = (
            _("Choose films of this computer and run over them")
            if view.server.connected
            else _("Connect to a server first")
        )

    def showItems(self, items: tuple[BatchItem, ...]) -> None:
        table, bar = self._ui.batchTable, self._ui.batchProgressBar
        self._items = items
        table.rowCount = len(items)
        for row, item in enumerate(items):
            for column, text in enumerate((item.name, _statusText(item))):
                cell = table.item(row, column)
                if cell is None:
                    cell = qt.QTableWidgetItem()
                    table.setItem(row, column, cell)
                cell.setText(text)
                cell.setToolTip(item.note)
            mark = _STATUS_COLORS.get(item.status)
            table.item(row, 1).setData(qt.Qt.ForegroundRole, qt.QColor(color(mark, table)) if mark else None)
        table.visible = bar.visible = self._ui.batchCsvButton.visible = bool(items)
        self._ui.batchCsvButton.enabled = any(item.status == "done" for item in items)
        bar.maximum = max(len(items), 1)
        bar.value = sum(item.status in _ENDED for item in items)
        bar.format = _("{ended} of {all} films").format(ended=bar.value, all=len(items))

    def _onChoose(self, *_unused: Any) -> None:
        paths = qt.QFileDialog.getOpenFileNames(
            self._ui.batchButton, _("Choose films"), settings.read(settings.FOLDER), _("Films") + " " + FILE_TYPES
        )
        question = _("Send {count} films to {address}, without names and dates of the patients?").format(
            count=len(paths), address=self._workflow.server.address
        )
        if paths and slicer.util.confirmOkCancelDisplay(question):
            settings.write(settings.FOLDER, str(Path(paths[0]).parent))
            self._workflow.runBatch([Path(path) for path in paths], self._model())

    def _onCsv(self, *_unused: Any) -> None:
        write = partial(report.writeCsv, self._workflow.batchCsv())
        report.save(self._ui.batchCsvButton, _("Save the tables"), "csv", write, self._say, self._complain)

    def _onDoubleClick(self, cell: Any) -> None:
        film = self._items[cell.row()].node
        if film is not None:
            self._openFilm(film)


def _statusText(item: BatchItem) -> str:
    words = {
        "waiting": _("waiting"),
        "running": _("running ..."),
        "done": _("done"),
        "failed": _("failed"),
        "cancelled": _("cancelled"),
    }[item.status]
    return f"{words}: {item.note}" if item.note else words
