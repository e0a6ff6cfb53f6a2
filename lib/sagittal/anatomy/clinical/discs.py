"""Heights of the discs, and their index against the bodies.

Source: disc height index as used since Masuda 2005, Spine 30:5 (in rabbits; the formula was not checked against its
text): disc height over the mean height of both neighbouring bodies, so that the film's magnification drops out. The
range holds what 9 of 10 films show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sagittal.anatomy.clinical.body_heights import BodyHeights
from sagittal.anatomy.clinical.finding import AbsentError, Finding, absent
from sagittal.anatomy.clinical.spine import Spine


@dataclass(frozen=True)
class DiscHeights:
    """Anterior and posterior height in film column widths; negative where the end plates cross."""

    anterior: float
    posterior: float

    @property
    def mean(self) -> float:
        return (self.anterior + self.posterior) / 2


def disc_heights(spine: Spine, upper: str, lower: str) -> DiscHeights:
    """Distances of the corners in front and behind, across the disc's middle plane: a slip does not heighten the disc.

    Raises:
        AbsentError: an end plate is missing, or the plates face away from each other.
    """
    above, below = spine.inferior(upper), spine.superior(lower)
    forward = (above.anterior - above.posterior) / above.length + (below.anterior - below.posterior) / below.length
    length = float(np.linalg.norm(forward))
    if length < 1:
        raise AbsentError(f"the end plates of the disc {upper}-{lower} stand at more than 120 degrees")
    across = np.array([-forward[1], forward[0]]) / length
    # Down the spine, whichever way the patient faces.
    down = across if across @ (below.middle - above.middle) > 0 else -across
    return DiscHeights(
        float((below.anterior - above.anterior) @ down), float((below.posterior - above.posterior) @ down)
    )


def disc_findings(spine: Spine, heights: Mapping[str, BodyHeights], bounds: tuple[float, float]) -> tuple[Finding, ...]:
    """Of each disc the mean of its anterior and posterior height, in % of the mean height of the bodies beside it.

    Below the range a disc is narrow by what is usual, which is a hint. The disc above S1 has one body beside it.
    """
    return tuple(_index(spine, upper, lower, heights, bounds) for upper, lower in spine.segments)


def _index(
    spine: Spine, upper: str, lower: str, heights: Mapping[str, BodyHeights], bounds: tuple[float, float]
) -> Finding:
    name, title = f"disc height index {upper}{lower}", f"Height of the disc {upper}-{lower} in percent of the bodies'"
    try:
        disc = disc_heights(spine, upper, lower)
        beside = [heights[level] for level in (upper, lower) if level in heights]
        if not beside:
            raise AbsentError(f"two corners of {upper} fall together")
    except AbsentError as absence:
        return absent(name, title, "%", str(absence))
    body = sum((other.anterior + other.posterior) / 2 for other in beside) / len(beside)
    index = 100 * disc.mean / body
    low, high = bounds
    if low <= index <= high:
        return Finding(name, title, index, "%", None, None, "normal")
    reason = f"9 of 10 films show {low:g} to {high:g} %"
    return Finding(name, title, index, "%", None, "narrow" if index < low else "high", "hint", reason)
