"""A comparison of films as tables on the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sagittal import NOT_FOR_CLINICAL_USE
from sagittal.anatomy.comparison import Change, Comparison

VERDICT_STYLES = {"stable": "green", "unstable": "bold red", "open": "yellow"}
# Classes of the whole spine are told whether they changed or not.
ALWAYS = ("GAP", "Schwab PI-LL", "Schwab PT", "Roussouly")


def comparison_table(comparison: Comparison) -> RenderableType:
    """Parameters with their changes, classes, the motion of each segment if asked for, what contradicts itself."""
    tables = [_parameters(comparison), _classes(comparison)]
    if comparison.segments:
        tables.append(_segments(comparison))
    return Group(*tables, _words(comparison))


def _parameters(comparison: Comparison) -> Table:
    from sagittal.report.text import change_text, interval_text, quantity_text

    table = Table(header_style="dim")
    table.add_column("Parameter")
    for k, film in enumerate(comparison.films):
        table.add_column(Text(film.name), justify="right")
        if k:
            table.add_column("Change", justify="right", no_wrap=True)
            table.add_column("90 %", justify="right", no_wrap=True)
    for change in comparison.parameters:
        cells: list[Text] = []
        for k, value in enumerate(change.values):
            cells.append(Text(quantity_text(value, change.unit)))
            if k:
                # What is within the error of both measurements may be no change at all.
                style = {True: "bold", False: "dim", None: ""}[change.is_certain[k]]
                cells.append(Text(change_text(value, change.values[0], change.unit), style=style))
                cells.append(Text(interval_text(change.intervals_90[k]), style="dim"))
        table.add_row(Text(change.name, style="bold"), *cells)
    return table


def _classes(comparison: Comparison) -> Table:
    table = Table(header_style="dim")
    for heading in ("Class or score", *(film.name for film in comparison.films)):
        table.add_column(Text(heading))
    for change in comparison.findings:
        if change.name in ALWAYS or change.changes_class:
            style = "bold" if change.changes_class else ""
            table.add_row(Text(change.name, style="bold"), *(Text(cell, style=style) for cell in _grades(change)))
    return table


def _grades(change: Change) -> Iterator[str]:
    from sagittal.report.text import quantity_text

    for value, grade, reason in zip(change.values, change.grades, change.reasons, strict=True):
        if grade is None:
            yield f"absent: {reason}" if reason else quantity_text(value, change.unit)
        else:
            yield grade if value is None else f"{quantity_text(value, change.unit)}, {grade}"


def _segments(comparison: Comparison) -> Table:
    from sagittal.report.text import quantity_text

    table = Table(header_style="dim")
    reasons = _reasons_of_motion(comparison)
    for heading in ("Segment", "Disc turns", "Slips", "Slips", "Motion"):
        table.add_column(heading, justify="right" if heading in ("Disc turns", "Slips") else "left")
    for motion in comparison.segments:
        table.add_row(
            Text(motion.segment, style="bold"),
            Text(quantity_text(motion.angle, "deg")),
            Text(quantity_text(motion.slip_mm, "mm")),
            Text(quantity_text(motion.slip_percent, "%")),
            Text(
                " ".join([motion.verdict, *(f"({reasons.index(reason) + 1})" for reason in motion.reasons)]),
                style=VERDICT_STYLES[motion.verdict],
            ),
        )
    return table


def _reasons_of_motion(comparison: Comparison) -> list[str]:
    """Each once, in the order in which they come."""
    return list(dict.fromkeys(reason for motion in comparison.segments for reason in motion.reasons))


def _words(comparison: Comparison) -> Text:
    from sagittal.report.comparison import remarks_of

    words = Text()
    for number, reason in enumerate(_reasons_of_motion(comparison), 1):
        words.append(f"({number}) ", "yellow").append(f"{reason}\n")
    absent: dict[str, list[str]] = {}
    for change in comparison.parameters:
        for film, why in zip(comparison.films, change.reasons, strict=True):
            if why is not None:
                absent.setdefault(f"{film.name}: {why}", []).append(change.name)
    for reason, names in absent.items():
        words.append(f"{', '.join(names)} absent on {reason}\n")
    for flag in comparison.flags:
        words.append("Contradiction: ", "bold red").append(f"{flag}\n")
    for remark in remarks_of(comparison):
        words.append("Remark: ", "yellow").append(f"{remark}\n")
    return words.append(f"{NOT_FOR_CLINICAL_USE}.\n", "dim")
