"""Lengths in mm, for films whose spacing can be trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from sagittal.anatomy.clinical.body_heights import BodyHeights
from sagittal.anatomy.clinical.discs import disc_heights
from sagittal.anatomy.clinical.finding import AbsentError, Finding, absent
from sagittal.anatomy.clinical.genant import height_of
from sagittal.anatomy.clinical.slip import slip_length
from sagittal.anatomy.clinical.spine import Spine

KINDS = {"Ha": "Anterior", "Hm": "Middle", "Hp": "Posterior"}
Length = tuple[str, str, Callable[[], float]]


def length_findings(spine: Spine, heights: Mapping[str, BodyHeights], column_mm: float | None) -> tuple[Finding, ...]:
    """Slips (anterior positive), mean disc heights and body heights in mm.

    Args:
        spine: the landmarks.
        heights: of its bodies.
        column_mm: width of a pixel in the patient; None where it cannot be trusted: a single finding then says that
            lengths are absent.
    """
    if column_mm is None:
        reason = "the film has no spacing that is true to the patient; angles and ratios need none"
        return (absent("lengths", "Lengths in mm", "mm", reason),)
    return tuple(_finding(name, title, measure, column_mm) for name, title, measure in _lengths(spine, heights))


def _lengths(spine: Spine, heights: Mapping[str, BodyHeights]) -> Iterator[Length]:
    for upper, lower in spine.segments:
        yield f"slip length {upper}{lower}", f"Slip of {upper} on {lower}", partial(slip_length, spine, upper, lower)
    for upper, lower in spine.segments:
        title = f"Mean height of the disc {upper}-{lower}"
        yield f"disc height {upper}{lower}", title, partial(_mean_disc_height, spine, upper, lower)
    for level in spine.lumbar_levels:
        for kind, words in KINDS.items():
            yield f"{kind} {level}", f"{words} height of {level}", partial(height_of, spine, level, kind, heights)


def _finding(name: str, title: str, measure: Callable[[], float], column_mm: float) -> Finding:
    try:
        return Finding(name, title, column_mm * measure(), "mm", None, None, "unranged")
    except AbsentError as absence:
        return absent(name, title, "mm", str(absence))


def _mean_disc_height(spine: Spine, upper: str, lower: str) -> float:
    return disc_heights(spine, upper, lower).mean
