"""What a clinical class, score or index says of a film."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sagittal.anatomy.measurement import ParameterValue

FindingStatus = Literal["normal", "abnormal", "hint", "unranged", "absent"]


@dataclass(frozen=True)
class Finding:
    """One class, score or index.

    `value` is a number of `unit` (`deg`, `%`, `mm` or none); `bounds` stands for it where only its limits can be told.
    `grade` is the class in words. `status`: "hint" is what a reader should look at and decide himself, "unranged" a
    number without limits; "absent" has neither value nor bounds nor grade, and `reason` says why. Of any other status
    `reason` says, where it is given, what the finding rests on or leaves open.
    """

    name: str
    title: str
    value: float | None
    unit: str
    bounds: tuple[float, float] | None
    grade: str | None
    status: FindingStatus
    reason: str | None = None


class AbsentError(Exception):
    """Raised while a finding is computed; its message is the reason that the user reads."""


def absent(name: str, title: str, unit: str, reason: str) -> Finding:
    """A finding that cannot be told, and why."""
    return Finding(name, title, None, unit, None, None, "absent", reason)


def required(parameters: Mapping[str, ParameterValue], name: str) -> float:
    """The value of a parameter.

    Raises:
        AbsentError: it has none, for its own reason.
    """
    parameter = parameters.get(name)
    if parameter is None:
        raise AbsentError(f"{name} was not computed")
    if parameter.value is None:
        raise AbsentError(parameter.reason or f"{name} is absent")
    return parameter.value
