"""A comparison of films as JSON, and as a table for a statistics program."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from sagittal import NOT_FOR_CLINICAL_USE, __version__
from sagittal.anatomy.comparison import Change, Comparison, SegmentMotion
from sagittal.report.result import finite_number

SCHEMA_VERSION = 1
ONE_SUBJECT = "that these films are of one patient was not checked: whoever compares them says so"
COLUMNS = ("kind", "name", "unit", "film", "value", "change", "change_low", "change_high", "grade", "reason", "remark")


def comparison_as_json(comparison: Comparison) -> dict[str, Any]:
    """Everything as plain Python types, numbers rounded to 0.01. Lists run along the films, in their order.

    Raises:
        ValueError: a number is not finite.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "software_version": __version__,
        "not_for_clinical_use": True,
        "films": [{"name": f.name, "age_years": f.age_years, "subject": f.subject} for f in comparison.films],
        "remarks": list(remarks_of(comparison)),
        "flags": list(comparison.flags),
        "parameters": {change.name: _change(change) for change in comparison.parameters},
        "clinical": {change.name: _change(change) | {"grades": list(change.grades)} for change in comparison.findings},
        "segments": [_segment(segment) for segment in comparison.segments],
    }


def remarks_of(comparison: Comparison) -> tuple[str, ...]:
    """What a reader must know of how the films came together."""
    subjects = {film.subject for film in comparison.films}
    if None in subjects:
        return (ONE_SUBJECT,)
    return ("these are films of different patients",) if len(subjects) > 1 else ()


def comparison_as_csv(comparison: Comparison) -> str:
    """A row a film and parameter or clinical finding; UTF-8, RFC 4180, decimal points. What is absent is empty."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for kind, changes in (("parameter", comparison.parameters), ("clinical", comparison.findings)):
        for change in changes:
            writer.writerows(_rows(kind, change, [film.name for film in comparison.films]))
    return text.getvalue()


def _change(change: Change) -> dict[str, Any]:
    return {
        "unit": change.unit,
        "values": _numbers(change.values),
        "changes": _numbers(change.changes),
        "changes_interval_90": [None if i is None else _numbers(i) for i in change.intervals_90],
        "reasons": list(change.reasons),
    }


def _segment(motion: SegmentMotion) -> dict[str, Any]:
    angle, mm, percent = _numbers((motion.angle, motion.slip_mm, motion.slip_percent))
    return {
        "name": motion.segment,
        "angle_change": angle,
        "slip_change_mm": mm,
        "slip_change_percent": percent,
        "verdict": motion.verdict,
        "reasons": list(motion.reasons),
    }


def _rows(kind: str, change: Change, films: Sequence[str]) -> Iterator[tuple[object, ...]]:
    values, changes = _numbers(change.values), _numbers(change.changes)
    for k, film in enumerate(films):
        low, high = _numbers(change.intervals_90[k] or (None, None))
        measured = (values[k], changes[k], low, high, change.grades[k], change.reasons[k])
        yield (kind, change.name, change.unit, film, *measured, NOT_FOR_CLINICAL_USE)


def _numbers(values: Sequence[float | None]) -> list[float | None]:
    return [None if value is None else finite_number(value) for value in values]
