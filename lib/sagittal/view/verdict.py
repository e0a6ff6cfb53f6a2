"""What the view means for the verdict on a film."""

from __future__ import annotations

from dataclasses import replace

from sagittal.anatomy.lateral_view import NOT_READ
from sagittal.anatomy.measurement import Measurement, Quality
from sagittal.view.kinds import TURN, View

UNREADABLE = "looks like a lateral lumbar X-ray that the network did not read well enough: correct its mask by hand"


def with_view(measurement: Measurement, view: View | None, said: str | None) -> Measurement:
    """The measurement with a verdict that takes into account what the picture looks like and what its file says.

    `view` is None where nobody looked, `said` why by its file the film is no lateral lumbar one, if it is not. Bodies
    that form a lumbar spine outweigh a doubt: it is then a caution, and never takes a value away. Where nothing could
    be measured, the doubt is the first reason; without a doubt it is that the network failed, or, where the picture
    does not clearly look lateral, that either holds.
    """
    unreadable = measurement.quality.verdict == "not measurable"
    doubts = [doubt for doubt in (said, _doubt(view) if view and view.is_doubted else None) if doubt is not None]
    reasons = measurement.quality.reasons
    if doubts and unreadable:
        first = [f"not a lateral lumbar X-ray: {doubt}" for doubt in doubts]
        return _judged(measurement, Quality("not measurable", (*first, *_shortened(reasons))))
    if doubts:
        first = [f"may be no lateral lumbar X-ray: {doubt}; look at the film" for doubt in doubts]
        return _judged(measurement, Quality("measurable with caution", (*first, *reasons)))
    if unreadable and view is not None:
        why = UNREADABLE if view.is_clear else NOT_READ
        return _judged(measurement, Quality("not measurable", (why, *_shortened(reasons))))
    return measurement


def _doubt(view: View) -> str:
    turn = TURN.get(view.looks_like)
    return f"the picture looks like {view.looks_like}" + (f": {turn}" if turn else "")


def _shortened(reasons: tuple[str, ...]) -> tuple[str, ...]:
    """Without the anatomy's own guess at what the picture may be."""
    return tuple(reason.removeprefix(f"{NOT_READ}: ") for reason in reasons)


def _judged(measurement: Measurement, quality: Quality) -> Measurement:
    """With another verdict, whose reasons are among the warnings too."""
    others = (warning for warning in measurement.warnings if warning not in measurement.quality.reasons)
    return replace(measurement, quality=quality, warnings=(*quality.reasons, *others))
