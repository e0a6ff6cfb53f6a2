"""What changed from the first film to each later one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sagittal.anatomy.comparison.compared_film import ComparedFilm

Interval = tuple[float, float]


@dataclass(frozen=True)
class Change:
    """A parameter or clinical finding on every film, in the films' order.

    `changes` are values less the first film's; `intervals_90` those of the changes, where both values have one;
    `grades` the classes of a finding; `reasons` why a value is absent. Each is None where there is nothing to say, as
    the first film's change is.
    """

    name: str
    unit: str
    values: tuple[float | None, ...]
    changes: tuple[float | None, ...]
    intervals_90: tuple[Interval | None, ...]
    grades: tuple[str | None, ...]
    reasons: tuple[str | None, ...]

    @property
    def is_certain(self) -> tuple[bool | None, ...]:
        """Whether each change is more than the error of both measurements; None without an interval."""
        return tuple(None if i is None else not i[0] <= 0 <= i[1] for i in self.intervals_90)

    @property
    def changes_class(self) -> bool:
        """Whether a finding is of another class on a later film than on the first that has one."""
        return len({grade for grade in self.grades if grade is not None}) > 1


def parameter_changes(films: Sequence[ComparedFilm]) -> tuple[Change, ...]:
    """Of every parameter, in the order of the first film."""
    return tuple(_parameter_change(name, films) for name in films[0].parameters)


def finding_changes(films: Sequence[ComparedFilm]) -> tuple[Change, ...]:
    """Of every clinical finding that any film has, in the order in which they come."""
    names = dict.fromkeys(name for film in films for name in film.findings)
    return tuple(_finding_change(name, films) for name in names)


def _parameter_change(name: str, films: Sequence[ComparedFilm]) -> Change:
    measured = [film.parameters.get(name) for film in films]
    values = tuple(None if p is None else p.value for p in measured)
    intervals = [None if p is None else p.interval_90 for p in measured]
    return Change(
        name=name,
        unit=next(p.unit for p in measured if p is not None),
        values=values,
        changes=_differences(values),
        intervals_90=(None, *(_interval(values, intervals, k) for k in range(1, len(films)))),
        grades=(None,) * len(films),
        reasons=tuple(_not_there(film, name) if p is None else p.reason for film, p in zip(films, measured)),
    )


def _finding_change(name: str, films: Sequence[ComparedFilm]) -> Change:
    found = [film.findings.get(name) for film in films]
    values = tuple(None if f is None else f.value for f in found)
    return Change(
        name=name,
        unit=next(f.unit for f in found if f is not None),
        values=values,
        changes=_differences(values),
        intervals_90=(None,) * len(films),
        grades=tuple(None if f is None else f.grade for f in found),
        reasons=tuple(
            _not_there(film, name) if f is None else f.reason if f.status == "absent" else None
            for film, f in zip(films, found)
        ),
    )


def _not_there(film: ComparedFilm, name: str) -> str:
    return f"the result of {film.name} does not have {name}: measure it again with this version"


def _differences(values: Sequence[float | None]) -> tuple[float | None, ...]:
    first = values[0]
    return (None, *(None if first is None or value is None else value - first for value in values[1:]))


def _interval(values: Sequence[float | None], intervals: Sequence[Interval | None], later: int) -> Interval | None:
    """That of a difference of two values whose errors are independent: their distances add as squares."""
    first, value, one, other = values[0], values[later], intervals[0], intervals[later]
    if first is None or value is None or one is None or other is None:
        return None
    change = value - first
    return (
        change - math.hypot(value - other[0], one[1] - first),
        change + math.hypot(other[1] - value, first - one[0]),
    )
