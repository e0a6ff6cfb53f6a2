"""Small tools of shape: rounded polygons, and polygons placed in a bone's own frame."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sagittal.simulator.projection.solid import Points


def rounded(polygon: npt.ArrayLike, times: int = 2) -> Points:
    """A closed polygon (N, 2) with its corners cut (Chaikin), (N * 2**times, 2)."""
    points = np.asarray(polygon, dtype=np.float64)
    for _ in range(times):
        following = np.roll(points, -1, axis=0)
        points = np.stack([0.75 * points + 0.25 * following, 0.25 * points + 0.75 * following], axis=1).reshape(-1, 2)
    return points


def jittered(polygon: npt.ArrayLike, spread: float, rng: np.random.Generator) -> Points:
    """A polygon (N, 2) whose points are moved by a normal spread."""
    points = np.asarray(polygon, dtype=np.float64)
    return np.asarray(points + rng.normal(0, spread, points.shape))
