"""What was noticed on the way, and the verdict that follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from sagittal.anatomy.definitions import QualityLimits
from sagittal.anatomy.measurement import ParameterValue, Quality

Weight = Literal["remark", "caution", "stop"]


@dataclass(frozen=True)
class Note:
    """A sentence for the user: a remark, a reason for caution, or a reason why nothing can be measured."""

    text: str
    weight: Weight = "caution"


def uncertain_values(parameters: Mapping[str, ParameterValue], limits: QualityLimits) -> tuple[Note, ...]:
    """A note that names the judged parameters whose 90 % intervals are wide, graver where one says next to nothing."""
    wide: dict[str, float] = {}
    for name in limits.adult_spread:
        interval = parameters[name].interval_90 if name in parameters else None
        half = 0.0 if interval is None else (interval[1] - interval[0]) / 2
        if half > limits.caution_half_width:
            wide[name] = half
    if not wide:
        return ()
    named = ", ".join(f"{name} by {half:.0f}" for name, half in wide.items())
    weight: Weight = "stop" if max(wide.values()) > limits.stop_half_width else "caution"
    return (Note(f"values that may be off, in degrees (90 % interval): {named}", weight),)


def judge(notes: Iterable[Note]) -> Quality:
    """The verdict of the gravest note; its reasons are all notes that are more than a remark."""
    grave = [note for note in notes if note.weight != "remark"]
    reasons = tuple(note.text for note in grave)
    if any(note.weight == "stop" for note in grave):
        return Quality("not measurable", reasons)
    return Quality("measurable with caution" if grave else "measurable", reasons)
