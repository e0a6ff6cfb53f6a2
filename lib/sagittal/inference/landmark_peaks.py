"""Landmarks from heat maps: peaks, their place to a fraction of a pixel, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from sagittal.anatomy.definitions import default_definitions
from sagittal.anatomy.network_landmark import Covariance
from sagittal.inference.preparation import Letterbox

# A peak below this height is noise; peaks nearer than this many pixels of the grid are one.
LEAST_HEIGHT = 0.05
NEAREST = 5
# A film has at most some fifteen landmarks of a kind.
MOST_PEAKS = 40
# Half the window, in pixels of the grid, over which a peak's centroid is taken.
REACH = 4
# A maximum within so many pixels of the picture's edge is none: the heat may rise beyond.
EDGE = 2


@dataclass(frozen=True)
class LandmarkPeak:
    """A landmark as a network sees it: its kind (a landmark channel), film pixels (x, y), height in 0..1.

    `covariance` is that of its place, ((xx, xy), (yx, yy)) in squared film pixels: as large as errors of peaks of that
    height were measured to be, and longer the way the peak itself is. `radius` in column widths is that of a femoral
    head whose disc was seen, and not its centre alone.
    """

    kind: str
    x: float
    y: float
    height: float
    covariance: Covariance
    radius: float | None = None


def find_peaks(
    heat: Tensor, kinds: Sequence[str], letterbox: Letterbox, calibration: Mapping[str, float] | None = None
) -> tuple[LandmarkPeak, ...]:
    """All peaks of (K, S, S) heat in 0..1, the highest of each kind first.

    `calibration` are the network's constants; None: those of a network of which nothing was measured.
    """
    calibration = default_definitions().calibration if calibration is None else calibration
    heat = heat.detach().float().cpu()
    highest = functional.max_pool2d(heat[None], 2 * NEAREST + 1, stride=1, padding=NEAREST)[0]
    channels, rows, columns = torch.nonzero((heat == highest) & (heat > LEAST_HEIGHT), as_tuple=True)
    (top, left), (height, width) = letterbox.offset, letterbox.inner
    inside = (rows >= top + EDGE) & (rows < top + height - EDGE)
    inside &= (columns >= left + EDGE) & (columns < left + width - EDGE)
    channels, rows, columns = channels[inside], rows[inside], columns[inside]
    heights = heat[channels, rows, columns]
    # A ruined network's heat is one plateau, of which every pixel is a maximum.
    most = torch.argsort(-heights, stable=True)[: MOST_PEAKS * len(kinds)]
    channels, rows, columns, heights = channels[most], rows[most], columns[most], heights[most]
    peaks, taken = [], set[tuple[int, int, int]]()
    for i in torch.argsort(-heights, stable=True).tolist():
        channel, row, column = int(channels[i]), int(rows[i]), int(columns[i])
        # Two pixels may be equally high: they are one peak.
        if any(c == channel and max(abs(r - row), abs(k - column)) <= NEAREST for c, r, k in taken):
            continue
        taken.add((channel, row, column))
        deviation = grid_deviation(kinds[channel], float(heat[channel, row, column]), calibration)
        peaks.append(_refined(heat[channel], row, column, kinds[channel], letterbox, deviation))
    return tuple(sorted(peaks, key=lambda peak: kinds.index(peak.kind)))


def grid_deviation(kind: str, height: float, calibration: Mapping[str, float]) -> float:
    """Standard deviation, along either axis of the network's grid, of the place of a peak of that height; pixels."""
    group = peak_group(kind)
    return float(calibration[f"{group}_deviation"] * max(height, LEAST_HEIGHT) ** -calibration[f"{group}_power"])


def peak_group(kind: str) -> str:
    """Kinds of landmarks that are calibrated together: corner, s1 or head."""
    return {"s1": "s1", "femoral": "head"}.get(kind.partition("_")[0], "corner")


def _refined(heat: Tensor, row: int, column: int, kind: str, letterbox: Letterbox, deviation: float) -> LandmarkPeak:
    top, left = max(0, row - REACH), max(0, column - REACH)
    window = heat[top : row + REACH + 1, left : column + REACH + 1]
    # The foot of the peak belongs to the background.
    weight = (window - 0.25 * heat[row, column]).clamp(min=0)
    weight = weight / weight.sum()
    ys = torch.arange(top, top + window.shape[0], dtype=torch.float32)
    xs = torch.arange(left, left + window.shape[1], dtype=torch.float32)
    y, x = float(weight.sum(1) @ ys), float(weight.sum(0) @ xs)
    down, across = ys - y, xs - x
    yy, xx = float(weight.sum(1) @ down**2), float(weight.sum(0) @ across**2)
    xy = float(down @ weight @ across)
    height = float(heat[row, column])
    # The peak's shape with the area of a circle.
    unit = deviation**2 / max((xx * yy - xy**2) ** 0.5, 1e-6)
    film_x, film_y = letterbox.to_film(x, y)
    wide = letterbox.shape[1] / letterbox.inner[1]
    high = letterbox.shape[0] / letterbox.inner[0]
    shared = unit * xy * wide * high
    covariance = ((unit * xx * wide**2, shared), (shared, unit * yy * high**2))
    return LandmarkPeak(kind, film_x, film_y, height, covariance)
