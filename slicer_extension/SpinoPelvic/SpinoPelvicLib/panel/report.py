"""Takes the table out: to the clipboard, as CSV, as a page of PDF with the film."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import qt

from ..translation import _
from . import settings

_PICTURE = "film.png"
_DOTS_PER_INCH = 150


def copy(text: str) -> None:
    qt.QApplication.clipboard().setText(text)


def save(
    parent: Any,
    title: str,
    ending: str,
    write: Callable[[Path], None],
    say: Callable[[str], None],
    complain: Callable[[str], None],
) -> None:
    """Ask where to, have it written there, and tell what came of it."""
    # No name of the film: it may be the patient's.
    proposal = str(Path(settings.read(settings.FOLDER)) / f"sagittal.{ending}")
    chosen = qt.QFileDialog.getSaveFileName(parent, title, proposal, f"*.{ending}")
    if not chosen:
        return
    path = Path(chosen).with_suffix(f".{ending}")
    try:
        write(path)
    except OSError as error:
        complain(_("{path} cannot be written: {reason}").format(path=path, reason=error.strerror or error))
    else:
        say(_("Saved as {path}.").format(path=path))


def writeCsv(text: str, path: Path) -> None:
    """
    Raises:
        OSError: the file cannot be written.
    """
    # The mark lets spreadsheets know that this is UTF-8.
    path.write_bytes(text.encode("utf-8-sig"))


def writePdf(reportHtml: Callable[[str], str], writePicture: Callable[[str], None], path: Path) -> None:
    """One A4 page: `reportHtml(picture)` gives its HTML, `writePicture(path)` writes the film's picture as PNG.

    Raises:
        OSError: the file cannot be written.
    """
    with TemporaryDirectory() as folder:
        picture = str(Path(folder) / _PICTURE)
        writePicture(picture)
        image = qt.QImage(picture)
    path.write_bytes(b"")  # Qt's writer does not say when it cannot.
    writer = qt.QPdfWriter(str(path))
    writer.setResolution(_DOTS_PER_INCH)
    writer.setPageSize(qt.QPageSize(qt.QPageSize.A4))
    document = qt.QTextDocument()
    # Else its sizes in points are those of the screen.
    document.documentLayout().setPaintDevice(writer)
    document.addResource(qt.QTextDocument.ImageResource, qt.QUrl(_PICTURE), image)
    document.setHtml(reportHtml(_PICTURE))
    document.pageSize = qt.QSizeF(writer.width(), writer.height())
    painter = qt.QPainter(writer)
    document.drawContents(painter)
    painter.end()
