"""The table beside the film: verdict, parameters against their ranges, reasons of what is absent, warnings."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, Rectangle

from sagittal import NOT_FOR_CLINICAL_USE, __version__
from sagittal.anatomy.definitions import Definitions
from sagittal.anatomy.measurement import ParameterValue
from sagittal.report import style
from sagittal.report.class_lines import ClassLine, class_lines
from sagittal.report.result import all_warnings, result_as_json
from sagittal.report.text import film_text, range_text, value_text

if TYPE_CHECKING:
    from sagittal.inference import Inspection

LEFT, RIGHT = 36, style.PANEL_WIDTH - 36
VALUE, NETWORK, BAR, BAR_END, BOUNDS, STATUS = 356, 454, 486, 596, 692, 708
ROW, LEVEL_ROW, NOTE_LINE = 60, 40, 26
NOTES_END = style.HEIGHT - 92
LINE_LENGTH = 76
CLASS, CLASS_ROW, CLASS_LENGTH = 210, 30, 56
# Kept free for notes below the classes.
NOTES_LEAST = 4 * NOTE_LINE


def draw_table(axes: Axes, inspection: Inspection, definitions: Definitions) -> None:
    """Draw into axes that are PANEL_WIDTH x HEIGHT pixels, x right, y down."""
    axes.set(xlim=(0, style.PANEL_WIDTH), ylim=(style.HEIGHT, 0))
    axes.set_axis_off()
    panel = _Panel(axes)
    measurement = inspection.measurement
    levels = level_parameters(definitions)
    reasons = _Footnotes(measurement.parameters.values())
    y = _draw_heading(panel, inspection)
    y = _draw_ranges(panel, y, inspection, definitions, reasons, [n for n in definitions.parameters if n not in levels])
    y = _draw_levels(panel, y, inspection, levels, reasons)
    y = _draw_classes(panel, y, class_lines(result_as_json(inspection)["clinical"]))
    _draw_notes(panel, y, reasons, [w for w in all_warnings(inspection) if w not in measurement.quality.reasons])
    _draw_notice(panel)


def level_parameters(definitions: Definitions) -> list[str]:
    """Parameters of one body or one disc, in order: those are listed apart from the global ones."""
    chain = [*reversed(definitions.levels_from_sacrum), "S1"]
    names = {*chain, *(upper + lower for upper, lower in pairwise(chain))}
    return [name for name in definitions.parameters if name in names]


class _Panel:
    """Text and rules at pixel positions."""

    def __init__(self, axes: Axes) -> None:
        self.axes = axes

    def text(self, x: float, y: float, text: str, size: float = 22, color: str = style.TEXT, **more: object) -> None:
        self.axes.text(x, y, text, **style.PICTURE.lettering(size, color, va="center", **more))

    def rule(self, y: float) -> None:
        self.axes.plot((LEFT, RIGHT), (y, y), color=style.RULE, linewidth=style.PICTURE.points(1.5))

    def section(self, y: float, title: str) -> None:
        self.text(LEFT, y, title.upper(), 16, style.MUTED, weight="bold")


class _Footnotes:
    """Numbers the different reasons why parameters are absent."""

    def __init__(self, parameters: Iterable[ParameterValue]) -> None:
        self.names: dict[str, list[str]] = {}
        for parameter in parameters:
            if parameter.value is None:
                self.names.setdefault(parameter.reason or "not computed", []).append(parameter.name)

    def number(self, parameter: ParameterValue) -> int:
        return 1 + list(self.names).index(parameter.reason or "not computed")


def _draw_heading(panel: _Panel, inspection: Inspection) -> float:
    film, quality = inspection.film, inspection.measurement.quality
    panel.text(LEFT, 52, textwrap.shorten(film.identity.name, 40, placeholder=" ...") or "film", 32, weight="bold")
    about = film_text(film, inspection.measurement.landmarks.anterior or film.anterior)
    panel.text(LEFT, 92, textwrap.shorten(about, LINE_LENGTH + 6, placeholder=" ..."), 18, style.MUTED)
    panel.text(LEFT, 120, f"model {inspection.model}   ·   sagittal {__version__}", 18, style.MUTED)
    color = style.VERDICT_COLORS[quality.verdict]
    panel.axes.add_patch(
        FancyBboxPatch(
            (LEFT + 8, 150), RIGHT - LEFT - 16, 34, boxstyle="round,pad=8", facecolor=color + "2e", edgecolor=color
        )
    )
    panel.text(LEFT + 14, 167, quality.verdict.upper(), 20, color, weight="bold")
    y = 222.0
    for reason in quality.reasons[:5]:
        y = _paragraph(panel, y, "·", reason, style.TEXT, limit=2)
    return y + 8


def _draw_ranges(
    panel: _Panel,
    y: float,
    inspection: Inspection,
    definitions: Definitions,
    reasons: _Footnotes,
    names: Iterable[str],
) -> float:
    panel.section(y, "Parameters")
    panel.text(VALUE, y, "film", 16, style.MUTED, ha="right")
    if inspection.value_branch is not None:
        panel.text(NETWORK, y, "network", 16, style.MUTED, ha="right")
    panel.text(BOUNDS, y, "range", 16, style.MUTED, ha="right")
    y += 46
    for name in names:
        parameter = inspection.measurement.parameters[name]
        panel.rule(y - ROW / 2)
        panel.text(LEFT, y - 10, name, 24, weight="bold")
        panel.text(LEFT, y + 15, definitions.parameters[name].title, 16, style.MUTED)
        _draw_value(panel, VALUE, y, parameter, reasons, 28)
        if inspection.value_branch is not None:
            panel.text(NETWORK, y, value_text(inspection.value_branch.get(name)), 21, style.MUTED, ha="right")
        _draw_bar(panel, y, parameter)
        panel.text(STATUS, y, style.STATUS_WORDS[parameter.status], 18, style.STATUS_COLORS[parameter.status])
        y += ROW
    return y + 14


def _draw_value(panel: _Panel, x: float, y: float, parameter: ParameterValue, reasons: _Footnotes, size: float) -> None:
    color = style.STATUS_COLORS[parameter.status] if parameter.status in ("below", "above", "absent") else style.TEXT
    panel.text(x, y, value_text(parameter), size, color, ha="right", weight="bold")
    if parameter.value is None:
        panel.text(x + 5, y - 9, str(reasons.number(parameter)), 14, style.NOTICE)


def _draw_bar(panel: _Panel, y: float, parameter: ParameterValue) -> None:
    """The standard range as a band in the middle half of a scale, the value as a mark that stops at its ends."""
    if parameter.range is None:
        panel.text(BOUNDS, y, "none", 18, style.MUTED, ha="right")
        return
    lower, upper = parameter.range
    panel.text(BOUNDS, y, range_text(parameter.range), 18, style.MUTED, ha="right")
    width = BAR_END - BAR
    panel.axes.add_patch(Rectangle((BAR, y - 2), width, 4, facecolor=style.RULE))
    panel.axes.add_patch(Rectangle((BAR + width / 4, y - 5), width / 2, 10, facecolor="#34594a"))
    if parameter.value is not None:
        place = 0.25 + 0.5 * (parameter.value - lower) / (upper - lower)
        x = BAR + width * min(max(place, 0.0), 1.0)
        color = style.STATUS_COLORS[parameter.status]
        panel.axes.add_patch(Rectangle((x - 2.5, y - 10), 5, 20, facecolor=color))


def _draw_levels(panel: _Panel, y: float, inspection: Inspection, names: list[str], reasons: _Footnotes) -> float:
    """Body wedges in the left column, disc angles in the right one."""
    middle = (LEFT + RIGHT) / 2 + 20
    wedges = [name for name in names if inspection.measurement.landmarks.bodies.get(name) or len(name) < 4]
    columns = [(LEFT, "Body wedge", wedges), (middle, "Disc angle", [name for name in names if name not in wedges])]
    branch: Mapping[str, ParameterValue] = inspection.value_branch or {}
    end = y
    for x, title, group in columns:
        panel.text(x, y, title.upper(), 16, style.MUTED, weight="bold")
        row = y + 36
        for name in group:
            panel.text(x, row, name, 20, weight="bold")
            _draw_value(panel, x + 200, row, inspection.measurement.parameters[name], reasons, 21)
            if branch:
                panel.text(x + 300, row, value_text(branch.get(name)), 18, style.MUTED, ha="right")
            row += LEVEL_ROW
        end = max(end, row)
    return end + 12


def _draw_classes(panel: _Panel, y: float, lines: Sequence[ClassLine]) -> float:
    """One row a class, as many as leave room for notes; what is too long for a row is in the JSON file whole."""
    room = int((NOTES_END - NOTES_LEAST - y) // CLASS_ROW) - 1
    if room < 1:
        return y
    panel.section(y, "Clinical classes (hints, not diagnoses)")
    y += CLASS_ROW + 4
    for line in lines[:room]:
        panel.text(LEFT, y, line.title, 18, weight="bold")
        said = textwrap.shorten(line.text, CLASS_LENGTH, placeholder=" ...")
        panel.text(CLASS, y, said, 18, style.FINDING_COLORS[line.status])
        y += CLASS_ROW
    return y + 6


def _draw_notes(panel: _Panel, y: float, reasons: _Footnotes, warnings: list[str]) -> None:
    notes = [(str(i), f"{', '.join(names)}: {reason}") for i, (reason, names) in enumerate(reasons.names.items(), 1)]
    notes += [("!", warning) for warning in warnings]
    if not notes:
        return
    panel.rule(y - 10)
    y += 16
    for i, (mark, note) in enumerate(notes):
        if y > NOTES_END - 2 * NOTE_LINE and i < len(notes) - 1:
            panel.text(LEFT, y, f"... and {len(notes) - i} more notes in the JSON file", 17, style.MUTED)
            return
        y = _paragraph(panel, y, mark, note, style.TEXT, limit=max(1, int((NOTES_END - y) // NOTE_LINE)))


def _paragraph(panel: _Panel, y: float, mark: str, text: str, color: str, limit: int) -> float:
    panel.text(LEFT, y, mark, 17, style.NOTICE, weight="bold")
    for line in textwrap.wrap(text, LINE_LENGTH, max_lines=limit, placeholder=" ..."):
        panel.text(LEFT + 24, y, line, 17, color)
        y += NOTE_LINE
    return y + 4


def _draw_notice(panel: _Panel) -> None:
    y = style.HEIGHT - 48
    panel.rule(y - 32)
    panel.text(LEFT, y, NOT_FOR_CLINICAL_USE, 22, style.NOTICE, weight="bold")
    panel.text(RIGHT, y, "angles in degrees, anterior and lordotic positive", 15, style.MUTED, ha="right")
