"""The X-ray beam: a point source that looks at the patient from the side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Beam:
    """Perspective from a point source.

    Frame: mm as the patient's mid-sagittal plane (z = 0) shows them on the film, x right, y down, z towards the source.
    `distance` is the source's distance from that plane and `center` (2,) where the central ray meets it.
    """

    distance: float
    center: Points

    def magnification(self, z: npt.ArrayLike) -> Points:
        """How much larger than the mid-plane a plane at z appears."""
        return np.asarray(self.distance / (self.distance - np.asarray(z, dtype=np.float64)))

    def project(self, points: Points, z: npt.ArrayLike) -> Points:
        """(.., 2) points at depth z (..) to where they appear in the mid-plane."""
        return np.asarray(self.center + (points - self.center) * self.magnification(z)[..., None])

    def place(self, seen: Points, z: float) -> Points:
        """The inverse of `project`: where at depth z a point lies that appears at `seen`."""
        return np.asarray(self.center + (seen - self.center) / self.magnification(z))
