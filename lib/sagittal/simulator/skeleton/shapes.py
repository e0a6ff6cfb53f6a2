"""Small tools of shape: rounded polygons, and polygons placed in a bone's own frame."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sagittal.simulator.patient import SimulatedBody
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


def rim_shear(body: SimulatedBody, depth: float) -> Points:
    """(2,) by how much a vertebra of usual breadth is sheared for each mm of depth, so that its rims lie apart."""
    return np.asarray(body.rim_offset / (1.4 * depth))


class VertebraFrame:
    """A vertebra's own frame: depths behind its posterior wall, body heights below its superior end plate."""

    def __init__(self, body: SimulatedBody, depth: float) -> None:
        c = body.corners
        self._origin = np.array(c.superior_posterior)
        upper = np.array(c.superior_posterior) - np.array(c.superior_anterior)
        lower = np.array(c.inferior_posterior) - np.array(c.inferior_anterior)
        self._back = (upper + lower) / 2
        self._back = self._back / np.linalg.norm(self._back) * depth
        self._down = (
            np.array(c.inferior_posterior)
            - self._origin
            + np.array(c.inferior_anterior)
            - np.array(c.superior_anterior)
        ) / 2
        self._basis = np.stack([self._back, self._down])

    def place(self, outline: Points) -> Points:
        return np.asarray(self._origin + outline @ self._basis)

    def place_many(self, outlines: Points) -> Points:
        return np.asarray(self._origin + outlines @ self._basis)

    def local(self, points: Points) -> Points:
        return np.asarray((points - self._origin) @ np.linalg.inv(self._basis))
