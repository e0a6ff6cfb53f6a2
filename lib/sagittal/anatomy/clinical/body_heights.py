"""Heights of a vertebral body: anterior (Ha), middle (Hm) and posterior (Hp)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sagittal.anatomy.clinical.finding import AbsentError
from sagittal.anatomy.clinical.spine import Spine, Vector

# The middle is a band of this part of the body's depth: a single line would follow every notch of the mask.
BAND, LINES = 0.16, 9
# How far beyond the corners the mask is followed, in heights of the body.
REACH = 0.35
# Outside of these parts of Ha and Hp the mask is not that of the body alone.
PLAUSIBLE = (0.2, 1.5)


@dataclass(frozen=True)
class BodyHeights:
    """In film column widths. `middle` is None where it cannot be told, and `why_no_middle` says why."""

    anterior: float
    middle: float | None
    posterior: float
    why_no_middle: str | None = None


def corner_heights(spine: Spine, level: str) -> tuple[float, float]:
    """(Ha, Hp): distances of the superior from the inferior corner in front and behind, osteophytes left out.

    Raises:
        AbsentError: the body was not found or has no height.
    """
    superior, inferior = spine.superior(level), spine.inferior(level)
    anterior = float(np.linalg.norm(inferior.anterior - superior.anterior))
    posterior = float(np.linalg.norm(inferior.posterior - superior.posterior))
    if anterior == 0 or posterior == 0:
        raise AbsentError(f"two corners of {level} fall together")
    return anterior, posterior


def body_heights(
    spine: Spine, label_map: npt.NDArray[np.uint8] | None, ids: Mapping[str, int]
) -> dict[str, BodyHeights]:
    """Heights of every body that was found.

    Args:
        spine: the landmarks.
        label_map: (rows, columns) structure ids on the film's grid, for Hm; None: there is no Hm.
        ids: structure ids of the levels.
    """
    found = {}
    for level in spine.bodies_downwards:
        try:
            anterior, posterior = corner_heights(spine, level)
        except AbsentError:
            continue
        if label_map is None:
            found[level] = BodyHeights(anterior, None, posterior, "no mask is given that shows the body's outline")
            continue
        middle = _middle_height(spine, level, label_map, ids[level])
        low, high = PLAUSIBLE[0] * min(anterior, posterior), PLAUSIBLE[1] * max(anterior, posterior)
        if middle is None or not low < middle < high:
            found[level] = BodyHeights(anterior, None, posterior, "the mask does not show the body's outline there")
        else:
            found[level] = BodyHeights(anterior, middle, posterior)
    return found


def _middle_height(spine: Spine, level: str, label_map: npt.NDArray[np.uint8], label: int) -> float | None:
    """Extent of a body's label along lines from plate to plate, the median of those through its middle.

    The ends of a line are where it first enters and last leaves it: holes and notches between do not count.
    """
    superior, inferior = spine.superior(level), spine.inferior(level)
    height = float(np.linalg.norm(inferior.middle - superior.middle))
    if height == 0:
        return None
    offsets = np.linspace(-BAND / 2, BAND / 2, LINES)[:, None]
    tops = superior.middle + offsets * (superior.posterior - superior.anterior)
    bottoms = inferior.middle + offsets * (inferior.posterior - inferior.anterior)
    along = np.linspace(-REACH, 1 + REACH, max(3, round(4 * (1 + 2 * REACH) * height)))
    points = tops[:, None] + along[None, :, None] * (bottoms - tops)[:, None]
    inside = _sampled(label_map, points, spine.aspect) == label
    crossing = inside.any(axis=1)
    if np.count_nonzero(crossing) <= LINES // 2:
        return None
    first = along[inside.argmax(axis=1)]
    last = along[inside.shape[1] - 1 - inside[:, ::-1].argmax(axis=1)]
    lengths = (last - first + along[1] - along[0]) * np.linalg.norm(bottoms - tops, axis=1)
    return float(np.median(lengths[crossing]))


def _sampled(label_map: npt.NDArray[np.uint8], points: Vector, aspect: float) -> npt.NDArray[np.uint8]:
    """The pixel under each of (.., 2) points in film column widths; background outside the film."""
    columns = np.rint(points[..., 0]).astype(int)
    rows = np.rint(points[..., 1] / aspect).astype(int)
    height, width = label_map.shape
    on_film = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    return np.where(on_film, label_map[rows.clip(0, height - 1), columns.clip(0, width - 1)], 0)
