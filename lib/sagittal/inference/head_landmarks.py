"""Femoral heads from a network's maps of their union and overlap: landmarks with a radius, which part the mask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from torch import Tensor

from sagittal.anatomy.definitions import default_definitions
from sagittal.anatomy.head_discs import find_discs
from sagittal.inference.landmark_peaks import LandmarkPeak, grid_deviation
from sagittal.inference.preparation import Letterbox

HEAD = "femoral_head"


def with_discs(
    peaks: Sequence[LandmarkPeak], maps: Tensor, letterbox: Letterbox, calibration: Mapping[str, float] | None = None
) -> tuple[LandmarkPeak, ...]:
    """Landmarks with those of heads replaced by the discs of (2, S, S) maps in 0..1; as they are where these show none.

    A network without the maps gives (0, S, S).
    """
    heads = head_landmarks(maps, letterbox, calibration) if len(maps) else ()
    return (*(peak for peak in peaks if peak.kind != HEAD), *heads) if heads else tuple(peaks)


def head_landmarks(
    maps: Tensor, letterbox: Letterbox, calibration: Mapping[str, float] | None = None
) -> tuple[LandmarkPeak, ...]:
    """The heads in film pixels, the more cranial first; their height is how surely they are seen.

    `calibration` are the network's constants; None: those of a network of which nothing was measured.
    """
    calibration = default_definitions().calibration if calibration is None else calibration
    (top, left), (rows, columns) = letterbox.offset, letterbox.inner
    union, overlap = maps[:, top : top + rows, left : left + columns].detach().double().cpu().numpy()
    wide, high = letterbox.shape[1] / columns, letterbox.shape[0] / rows
    heads = []
    for disc in find_discs(union, overlap):
        x, y = letterbox.to_film(float(disc.center[0]) + left, float(disc.center[1]) + top)
        variance = grid_deviation(HEAD, disc.sureness, calibration) ** 2
        covariance = ((variance * wide**2, 0.0), (0.0, variance * high**2))
        heads.append(LandmarkPeak(HEAD, x, y, disc.sureness, covariance, disc.radius * wide))
    return tuple(heads)


def part_heads(mask: npt.NDArray[np.uint8], landmarks: Sequence[LandmarkPeak], aspect: float) -> None:
    """Give the heads' pixels of a (rows, columns) class mask to the heads whose discs were seen; head 1 lies in front.

    Args:
        mask: class ids, changed in place.
        landmarks: in film pixels; without any disc nothing is changed.
        aspect: row over column size of a pixel.
    """
    classes = default_definitions().classes
    ids = [classes[f"femoral_head_{k}"].id for k in (1, 2)]
    discs = [peak for peak in landmarks if peak.radius is not None]
    rows, columns = np.nonzero(np.isin(mask, ids))
    if not discs or not rows.size:
        return
    beyond = [np.hypot(columns - disc.x, (rows - disc.y) * aspect) - (disc.radius or 0.0) for disc in discs]
    first = (beyond[0] <= 0) | (beyond[0] <= beyond[-1])
    mask[rows, columns] = np.where(first, *ids)
