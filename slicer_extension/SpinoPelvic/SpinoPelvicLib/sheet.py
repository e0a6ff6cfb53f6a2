"""What the tables show of a reading, beside an earlier film of the same subject. Without a scene."""

from __future__ import annotations

from collections.abc import Mapping

from .anatomy import ComparedFilm, Finding, ParameterValue, compare, default_definitions
from .ports import ClassRow, Row, Sheet
from .reading import Reading
from .text import changeText, findingText, intervalText, numberText, quantityText, rangeText, unitText
from .translation import _

EMPTY = Sheet(rows=(), classes=(), verdict="", remarks=(), model="", edited=(), earlierName="")


def sheetOf(reading: Reading, earlier: Reading | None = None, earlierName: str = "") -> Sheet:
    """The tables of a reading; with those of an earlier film each row has its value and the change since."""
    edited = reading.editedParameters
    changes = {} if earlier is None else _changes(earlier, reading)
    before = {} if earlier is None else earlier.parameters
    rows = tuple(
        _row(parameter, reading.network.get(name), name in edited, before.get(name), changes.get(name))
        for name, parameter in reading.parameters.items()
    )
    remarks = tuple(dict.fromkeys((*reading.reasons, *reading.warnings)))
    return Sheet(
        rows=rows,
        classes=tuple(_classRow(finding) for finding in reading.findings),
        verdict=reading.verdict,
        remarks=remarks,
        model=reading.model,
        edited=reading.edited,
        earlierName=earlierName if earlier is not None else "",
    )


def _row(
    parameter: ParameterValue,
    network: ParameterValue | None,
    edited: bool,
    before: ParameterValue | None,
    change: str | None,
) -> Row:
    definition = default_definitions().parameters.get(parameter.name)
    return Row(
        name=parameter.name,
        title="" if definition is None else definition.title,
        value="" if parameter.value is None else numberText(parameter.value),
        interval=intervalText(parameter.interval_90),
        unit=unitText(parameter.unit),
        range=rangeText(parameter.range),
        status=parameter.status,
        network="" if network is None or network.value is None else numberText(network.value),
        earlier="" if before is None else quantityText(before.value, before.unit),
        change=change or "",
        reason=parameter.reason or "",
        edited=edited,
        group=_group(parameter.name),
        gauge=_gauge(parameter),
    )


def _group(name: str) -> str:
    """The heading that a parameter stands under."""
    levels = ("S1", *default_definitions().levels_from_sacrum)
    if name in levels:
        return _("Body wedges")
    if any(name == upper + lower for lower, upper in zip(levels, levels[1:])):
        return _("Disc angles")
    return _("Spine and pelvis")


def _gauge(parameter: ParameterValue) -> tuple[float, float, float] | None:
    """Where low end, value and high end lie in the standard range, 0 .. 1 within it."""
    if parameter.value is None or parameter.range is None:
        return None
    low, high = parameter.range
    ends = parameter.interval_90 or (parameter.value, parameter.value)
    first, value, last = ((at - low) / (high - low) for at in (ends[0], parameter.value, ends[1]))
    return first, value, last


def _classRow(finding: Finding) -> ClassRow:
    return ClassRow(finding.name, finding.title, findingText(finding), finding.status, finding.reason or "")


def _changes(earlier: Reading, now: Reading) -> Mapping[str, str]:
    """What each parameter changed by, with the interval of the change where both values have one."""
    films = (ComparedFilm("earlier", earlier.parameters, {}), ComparedFilm("now", now.parameters, {}))
    texts = {}
    for change in compare(films).parameters:
        text = changeText(change.changes[1], change.unit)
        interval = change.intervals_90[1]
        texts[change.name] = f"{text} ({intervalText(interval)})" if text and interval is not None else text
    return texts
