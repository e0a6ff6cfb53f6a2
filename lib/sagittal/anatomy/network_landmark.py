"""Landmarks as a network sees them. Frame: film pixels (x, y)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from sagittal.anatomy.estimate import Estimate
from sagittal.anatomy.grid import Points

Covariance = tuple[tuple[float, float], tuple[float, float]]


class NetworkLandmark(Protocol):
    """A landmark as a network sees it: its kind (`landmark_channels`), place in film pixels, height of its peak in
    0..1, covariance of its place in squared film pixels; of a femoral head whose disc it sees the radius in column
    widths."""

    @property
    def kind(self) -> str: ...
    @property
    def x(self) -> float: ...
    @property
    def y(self) -> float: ...
    @property
    def height(self) -> float: ...
    @property
    def covariance(self) -> Covariance: ...
    @property
    def radius(self) -> float | None: ...


def of_kind(seen: Sequence[NetworkLandmark], kind: str) -> list[NetworkLandmark]:
    """Those of one kind, the highest first."""
    return sorted((peak for peak in seen if peak.kind == kind), key=lambda peak: -peak.height)


def square(peak: NetworkLandmark, aspect: float) -> Points:
    """Its place (2,) with square pixels; `aspect` is row over column size."""
    return np.array([peak.x, peak.y * aspect])


def estimate_of(peak: NetworkLandmark, aspect: float) -> Estimate:
    """Its place and covariance with square pixels."""
    scale = np.diag([1.0, aspect])
    return Estimate(square(peak, aspect), scale @ np.asarray(peak.covariance) @ scale)


def shares(peaks: Sequence[NetworkLandmark], noise: float) -> list[float]:
    """How likely each of all peaks of a kind that a film has once is the right one.

    The squared height against those of all others, and of a landmark that no peak shows, as high as `noise`: a faint
    peak without a rival says much, one among many equals little.
    """
    total = noise**2 + sum(peak.height**2 for peak in peaks)
    return [peak.height**2 / total for peak in peaks]
