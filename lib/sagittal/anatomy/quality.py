"""What was noticed on the way, and the verdict that follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sagittal.anatomy.measurement import Quality

Weight = Literal["remark", "caution", "stop"]


@dataclass(frozen=True)
class Note:
    """A sentence for the user: a remark, a reason for caution, or a reason why nothing can be measured."""

    text: str
    weight: Weight = "caution"


def judge(notes: Iterable[Note]) -> Quality:
    """The verdict of the gravest note; its reasons are all notes that are more than a remark."""
    grave = [note for note in notes if note.weight != "remark"]
    reasons = tuple(note.text for note in grave)
    if any(note.weight == "stop" for note in grave):
        return Quality("not measurable", reasons)
    return Quality("measurable with caution" if grave else "measurable", reasons)
