"""Landmarks from heat maps: peaks, their place to a fraction of a pixel, and how sharp they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from sagittal.inference.preparation import Letterbox

# A peak below this height is noise; peaks nearer than this many pixels of the grid are one.
LEAST_HEIGHT = 0.15
NEAREST = 5
# A film has at most some fifteen landmarks of a kind.
MOST_PEAKS = 40
# Half the window, in pixels of the grid, over which a peak's centroid is taken.
REACH = 4


@dataclass(frozen=True)
class LandmarkPeak:
    """A landmark as a network sees it: its kind (a landmark channel), film pixels (x, y), height in 0..1.

    `spread` is the standard deviation of the peak's own shape in film pixels, (along x, along y): a blurred peak is an
    uncertain landmark.
    """

    kind: str
    x: float
    y: float
    height: float
    spread: tuple[float, float]


def find_peaks(heat: Tensor, kinds: Sequence[str], letterbox: Letterbox) -> tuple[LandmarkPeak, ...]:
    """All peaks of (K, S, S) heat in 0..1, the highest of each kind first."""
    heat = heat.detach().float().cpu()
    highest = functional.max_pool2d(heat[None], 2 * NEAREST + 1, stride=1, padding=NEAREST)[0]
    channels, rows, columns = torch.nonzero((heat == highest) & (heat > LEAST_HEIGHT), as_tuple=True)
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
        peaks.append(_refined(heat[channel], row, column, kinds[channel], letterbox))
    return tuple(sorted(peaks, key=lambda peak: kinds.index(peak.kind)))


def _refined(heat: Tensor, row: int, column: int, kind: str, letterbox: Letterbox) -> LandmarkPeak:
    top, left = max(0, row - REACH), max(0, column - REACH)
    window = heat[top : row + REACH + 1, left : column + REACH + 1]
    # The foot of the peak belongs to the background.
    weight = (window - 0.25 * heat[row, column]).clamp(min=0)
    weight = weight / weight.sum()
    ys = torch.arange(top, top + window.shape[0], dtype=torch.float32)
    xs = torch.arange(left, left + window.shape[1], dtype=torch.float32)
    y, x = float(weight.sum(1) @ ys), float(weight.sum(0) @ xs)
    sd_y = float((weight.sum(1) @ (ys - y) ** 2) ** 0.5)
    sd_x = float((weight.sum(0) @ (xs - x) ** 2) ** 0.5)
    film_x, film_y = letterbox.to_film(x, y)
    scale_x = letterbox.shape[1] / letterbox.inner[1]
    scale_y = letterbox.shape[0] / letterbox.inner[0]
    return LandmarkPeak(kind, film_x, film_y, float(heat[row, column]), (sd_x * scale_x, sd_y * scale_y))
