"""The one-page report: film with its construction, table, clinical classes, change, notes."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from matplotlib import rc_context
from matplotlib.backends.backend_pdf import FigureCanvasPdf

from sagittal import NOT_FOR_CLINICAL_USE, __version__
from sagittal.anatomy.definitions import Definitions, default_definitions
from sagittal.report import style
from sagittal.report.film_panel import draw_film, film_view
from sagittal.report.page import ink
from sagittal.report.page.clinical import draw_clinical
from sagittal.report.page.notes import Notes, draw_notes
from sagittal.report.page.sheet import HEIGHT, WIDTH, Sheet, text_width, wrapped
from sagittal.report.page.tables import draw_levels, draw_parameters
from sagittal.report.result import result_as_json
from sagittal.report.text import film_text

if TYPE_CHECKING:
    from sagittal.inference import Inspection

LEFT, RIGHT = 12.0, WIDTH - 12.0
FILM_WIDTH, FILM_HEIGHT, GAP = 84.0, 130.0, 6.0
FOOT = HEIGHT - 15.0
# Of the reasons under the verdict; the others stand among the notes.
REASON_LINES, LINE = 3, 3.5
# Letters of 21 pixels of the picture (level names) are then 7 points high.
PEN = style.Scale(1 / 3)
FILM_DPI = 220


def report_pdf(
    inspection: Inspection,
    *,
    earlier: Mapping[str, Any] | None = None,
    printed_on: date | None = None,
    definitions: Definitions | None = None,
) -> bytes:
    """The report of a film on one page of A4; the same bytes for the same film and arguments.

    Args:
        inspection: what was found.
        earlier: a result (`result_as_json`) of an earlier film of the same patient, to tell the change since.
        printed_on: a date to print; none by default.
        definitions: default: those of the package.

    Raises:
        ValueError: a number of the inspection is not finite.
    """
    definitions = definitions or default_definitions()
    result = result_as_json(inspection)
    sheet = Sheet()
    notes = Notes(result)
    y = _draw_heading(sheet, inspection, earlier, printed_on)
    y = _draw_verdict(sheet, y, result, notes)
    _draw_film(sheet, y, inspection, definitions)
    left = LEFT + FILM_WIDTH + GAP
    below = draw_parameters(sheet, y, left, RIGHT, result, definitions, notes, earlier)
    below = draw_levels(sheet, below, left, RIGHT, result, definitions, notes, earlier)
    y = max(y + FILM_HEIGHT, below) + 7
    y = draw_clinical(sheet, y, LEFT, RIGHT, FOOT - 6 * LINE, result.get("clinical") or (), notes)
    draw_notes(sheet, y, LEFT, RIGHT, FOOT - 3, notes)
    _draw_foot(sheet, earlier)
    return _as_bytes(sheet, inspection.film.identity.name)


def _draw_heading(
    sheet: Sheet, inspection: Inspection, earlier: Mapping[str, Any] | None, printed_on: date | None
) -> float:
    notice = NOT_FOR_CLINICAL_USE.upper()
    size = 12.0
    width = text_width(notice, size, "bold") + 8
    sheet.box(RIGHT - width, 10, width, 9.5, facecolor="#fdecea", edgecolor=ink.NOTICE, linewidth=1.2)
    sheet.text(RIGHT - width / 2, 16.4, notice, size, ink.NOTICE, weight="bold", align="center")
    room = RIGHT - width - 4 - LEFT
    sheet.text(LEFT, 15, "Spino-pelvic measurements of a lateral X-ray", 11.5, ink.TEXT, width=room, weight="bold")
    sheet.text(LEFT, 20.5, inspection.film.identity.name, 10, ink.TEXT, width=room)
    facing = inspection.measurement.landmarks.anterior or inspection.film.anterior
    made = [film_text(inspection.film, facing), f"model {inspection.model}", f"sagittal {__version__}"]
    if printed_on is not None:
        made.append(printed_on.isoformat())
    sheet.text(LEFT, 25.5, "   ·   ".join(made), 7, ink.MUTED, width=RIGHT - LEFT)
    if earlier is not None:
        sheet.text(LEFT, 29.2, f"change since {_film_name(earlier)}", 7, ink.MUTED, width=RIGHT - LEFT)
    return 31.5


def _film_name(result: Mapping[str, Any]) -> str:
    """The stem of a result's film: its folders may name the patient."""
    path = str(result["film"]["path"] or "an earlier film")
    return path.replace("\\", "/").rpartition("/")[2].rpartition(".")[0] or path


def _draw_verdict(sheet: Sheet, y: float, result: Mapping[str, Any], notes: Notes) -> float:
    verdict, reasons = result["quality"]["verdict"], result["quality"]["reasons"]
    color = ink.VERDICT_COLORS[verdict]
    sheet.box(LEFT, y, RIGHT - LEFT, 6.5, facecolor=color + "1c", edgecolor=color, linewidth=0.8)
    sheet.text(LEFT + 3, y + 4.5, verdict.upper(), 8.5, color, weight="bold")
    y += 10.5
    left = REASON_LINES
    for reason in reasons:
        lines = wrapped(reason, 7, RIGHT - LEFT - 4)
        if len(lines) > left:
            notes.add("!", reason)
            left = 0
            continue
        sheet.text(LEFT, y, "·", 7, color, weight="bold")
        for line in lines:
            sheet.text(LEFT + 3, y, line, 7, ink.TEXT)
            y += LINE
        left -= len(lines)
    return y + (0.5 if reasons else -1)


def _draw_film(sheet: Sheet, top: float, inspection: Inspection, definitions: Definitions) -> None:
    """As large as its part of the page allows, in the film's true proportions."""
    left, right, upper, lower = film_view(inspection.film, inspection.measurement.landmarks)
    row, column = inspection.film.pixel_aspect
    slender = (lower - upper) * row / ((right - left) * column)
    width = min(FILM_WIDTH, FILM_HEIGHT / slender)
    place = sheet.panel(LEFT + (FILM_WIDTH - width) / 2, top, width, width * slender)
    draw_film(place, inspection.film, inspection.measurement, definitions, PEN)


def _draw_foot(sheet: Sheet, earlier: Mapping[str, Any] | None) -> None:
    sheet.rule(FOOT, LEFT, RIGHT, ink.RULE)
    sheet.text(LEFT, FOOT + 5, f"{NOT_FOR_CLINICAL_USE}.", 8.5, ink.NOTICE, weight="bold")
    words = "Angles in degrees, anterior and lordotic positive. 90 %: holds the true value in 9 of 10 films."
    if earlier is not None:
        words += " Δ: change since the earlier film."
    sheet.text(RIGHT, FOOT + 5, words, 6, ink.MUTED, align="right", width=RIGHT - LEFT - 45)
    sheet.text(RIGHT, FOOT + 8.5, f"sagittal {__version__}, no medical device", 6, ink.MUTED, align="right")


def _as_bytes(sheet: Sheet, name: str) -> bytes:
    file = io.BytesIO()
    FigureCanvasPdf(sheet.figure)
    # No date, so that a report can be compared byte by byte.
    about = {"Title": f"{name}: spino-pelvic measurements. {NOT_FOR_CLINICAL_USE}", "CreationDate": None}
    with rc_context({"pdf.fonttype": 42, "pdf.compression": 9}):
        sheet.figure.savefig(file, format="pdf", dpi=FILM_DPI, metadata={**about, "Creator": f"sagittal {__version__}"})
    return file.getvalue()
