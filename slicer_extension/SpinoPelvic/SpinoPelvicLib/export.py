"""The tables as text for the clipboard, as CSV, and as the HTML of a page. Without a scene and without Qt."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from html import escape

from .anatomy import NOT_FOR_CLINICAL_USE, __version__
from .ports import FilmFacts, Row, Sheet
from .text import statusText
from .translation import _

CSV_COLUMNS = (
    "film",
    "parameter",
    "value",
    "interval_90",
    "unit",
    "range",
    "status",
    "network",
    "earlier",
    "change",
    "changed_by_hand",
    "reason",
    "notice",
)
_COLORS = {"below": "#b3261e", "above": "#b3261e", "within": "#1b6e3c", "abnormal": "#b3261e", "hint": "#8a5a00"}


def sheetAsText(sheet: Sheet, facts: FilmFacts) -> str:
    """Tab-separated, as spreadsheets paste it, with verdict, remarks, classes and the notice."""
    lines = [facts.name, factsText(facts), sheet.verdict, *sheet.remarks, ""]
    lines.append("\t".join(_headings(sheet)))
    lines += ["\t".join(_cells(row, sheet)) for row in sheet.rows]
    told = [row for row in sheet.classes if row.status != "absent"]
    lines += ["", *(f"{row.title}\t{row.text}\t{row.reason}".rstrip() for row in told)]
    lines += ["", _(NOT_FOR_CLINICAL_USE)]
    return "\n".join(line for line in lines if line is not None) + "\n"


def sheetAsCsv(sheet: Sheet, film: str) -> str:
    """A row a parameter, RFC 4180; plain ASCII minus signs, so that programs read the numbers."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(CSV_COLUMNS)
    for row in sheet.rows:
        cells = (row.value, row.interval, row.unit.replace("°", "deg"), row.range)
        later = (row.network, row.earlier, row.change)
        edited = "yes" if row.edited else ""
        line = (film, row.name, *cells, row.status, *later, edited, row.reason, NOT_FOR_CLINICAL_USE)
        writer.writerow([cell.replace("−", "-") for cell in line])
    return text.getvalue()


def sheetAsHtml(sheet: Sheet, facts: FilmFacts, pictureUrl: str) -> str:
    """One A4 page in the HTML that QTextDocument draws; `pictureUrl` names the film's picture."""
    notice = escape(_(NOT_FOR_CLINICAL_USE))
    classes = [row for row in sheet.classes if row.status in ("abnormal", "hint")]
    return f"""<html><head><style>
body {{ font-family: sans-serif; font-size: 8pt; color: #202020; }}
h1 {{ font-size: 13pt; margin: 0; }} h2 {{ font-size: 9pt; margin: 6px 0 2px 0; }}
th {{ text-align: left; color: #5a5a5a; font-weight: normal; }} td, th {{ padding: 1px 6px 1px 0; font-size: 7.5pt; }}
.notice {{ color: #b3261e; font-weight: bold; }} .quiet {{ color: #5a5a5a; }}
</style></head><body>
<p class="notice">{notice.upper()}</p>
<h1>{escape(_("Spino-pelvic measurements of a lateral X-ray"))}</h1>
<p>{escape(facts.name)}<br><span class="quiet">{escape(factsText(facts))}</span><br>
<span class="quiet">{escape(_("Model"))} {escape(sheet.model)} &#183; Sagittal {escape(__version__)}</span></p>
<p><b>{escape(sheet.verdict)}</b>{"".join(f"<br>&#183; {escape(remark)}" for remark in sheet.remarks)}</p>
<table width="100%"><tr><td width="42%" valign="top"><img src="{escape(pictureUrl, quote=True)}" width="270"></td>
<td valign="top">{_parameterTable(sheet)}</td></tr></table>
{_classTable(classes)}
{_handNote(sheet)}
<p class="notice">{notice}. <span class="quiet">{escape(_("Sagittal is no medical device."))}</span></p>
</body></html>"""


def factsText(facts: FilmFacts) -> str:
    """A film's size, spacing with its rule, and the side that the patient faces with who said so."""
    parts = [f"{facts.columns} x {facts.rows} px"]
    if facts.spacingMm is None:
        parts.append(_("no spacing: lengths in mm cannot be told"))
    else:
        row, column = facts.spacingMm
        size = f"{column:.4g} mm" if row == column else f"{column:.4g} x {row:.4g} mm"
        trust = "" if facts.lengthsTrusted else ", " + _("lengths cannot be trusted")
        parts.append(f"{size} ({facts.spacingRule}{trust})")
    if facts.anterior is not None:
        side = {"left": _("faces left"), "right": _("faces right")}[facts.anterior]
        parts.append(f"{side} ({facts.anteriorRule})" if facts.anteriorRule else side)
    if facts.inverted:
        parts.append(_("stored with dark bone, inverted"))
    return " · ".join(parts)


def _headings(sheet: Sheet) -> list[str]:
    headings = [_("Parameter"), _("Value"), _("90 % interval"), _("Standard range"), _("Status"), _("Network")]
    headings += [_("Earlier"), _("Change")] if sheet.earlierName else []
    return [*headings, _("Note")]


def _cells(row: Row, sheet: Sheet) -> list[str]:
    value = row.value + (row.unit if row.unit == "°" else f" {row.unit}") if row.value else "–"
    cells = [row.name, value, row.interval, row.range, statusText(row.status), row.network]
    cells += [row.earlier, row.change] if sheet.earlierName else []
    note = "; ".join(text for text in (_("changed by hand") if row.edited else "", row.reason) if text)
    return [*cells, note]


def _parameterTable(sheet: Sheet) -> str:
    colors = {row.name: _COLORS.get(row.status) for row in sheet.rows}
    lines = [_line(_cells(row, sheet), "td", {1: colors[row.name], 4: colors[row.name]}) for row in sheet.rows]
    return f'<table cellspacing="0">{_line(_headings(sheet), "th")}{"".join(lines)}</table>'


def _classTable(rows: Sequence) -> str:
    if not rows:
        return ""
    lines = [_line((row.title, row.text, row.reason), "td", {1: _COLORS.get(row.status)}) for row in rows]
    return f'<h2>{escape(_("Classes that stand out"))}</h2><table cellspacing="0">{"".join(lines)}</table>'


def _handNote(sheet: Sheet) -> str:
    if not sheet.edited:
        return ""
    return f"<p>{escape(_('Changed by hand: {names}.').format(names=', '.join(sheet.edited)))}</p>"


def _line(cells: Iterable[str], tag: str, colors: dict[int, str | None] | None = None) -> str:
    marked = []
    for index, cell in enumerate(cells):
        color = (colors or {}).get(index)
        text = escape(cell)
        marked.append(f"<{tag}>" + (f'<font color="{color}">{text}</font>' if color else text) + f"</{tag}>")
    return f"<tr>{''.join(marked)}</tr>"
