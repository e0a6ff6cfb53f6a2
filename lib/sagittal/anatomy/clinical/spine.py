"""The spine on square pixels: end plates as vectors, neighbours in their order, and why one is missing.

Frame: (x, y) in film column widths, x right, y down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sagittal.anatomy.clinical.finding import AbsentError
from sagittal.anatomy.landmarks import EndPlate, Landmarks, Point, posterior_sign, slope_of
from sagittal.anatomy.measurement import ParameterValue
from sagittal.anatomy.parameters import LUMBAR_LEVELS

Vector = npt.NDArray[np.float64]
THORACIC_LEVELS = ("T8", "T9", "T10", "T11", "T12")


@dataclass(frozen=True)
class Plate:
    """The ends of an end plate, (2,) each."""

    anterior: Vector
    posterior: Vector

    @property
    def middle(self) -> Vector:
        return np.asarray((self.anterior + self.posterior) / 2)

    @property
    def length(self) -> float:
        return float(np.linalg.norm(self.anterior - self.posterior))


@dataclass(frozen=True)
class Spine:
    """Landmarks of a film with the size of its pixels; `parameters` know why a landmark is missing.

    `pixel_aspect` is the size of a pixel (along rows' axis, along columns' axis), any unit.
    """

    landmarks: Landmarks
    parameters: Mapping[str, ParameterValue]
    pixel_aspect: tuple[float, float]

    @property
    def aspect(self) -> float:
        """Row over column size."""
        return self.pixel_aspect[0] / self.pixel_aspect[1]

    @property
    def lumbar_levels(self) -> tuple[str, ...]:
        """L1 to L5, and L6 where there is one."""
        return (*LUMBAR_LEVELS, "L6") if "L6" in self.landmarks.bodies else LUMBAR_LEVELS

    @property
    def segments(self) -> tuple[tuple[str, str], ...]:
        """Neighbours, (upper, lower), from L1 down to S1."""
        levels = (*self.lumbar_levels, "S1")
        return tuple(zip(levels, levels[1:]))

    @property
    def bodies_downwards(self) -> tuple[str, ...]:
        """Names of the bodies that were found, from the top."""
        return tuple(n for n in (*THORACIC_LEVELS, *self.lumbar_levels) if n in self.landmarks.bodies)

    def square(self, point: Point) -> Vector:
        return np.array([point[0], point[1] * self.aspect])

    def superior(self, name: str) -> Plate:
        """The superior end plate of a body, or that of S1.

        Raises:
            AbsentError: there is none, or it has no length.
        """
        if name == "S1":
            if self.landmarks.s1 is None:
                raise AbsentError(self._reason("SS", "no S1 end plate found"))
            return self._plate(name, self.landmarks.s1)
        self.require(name)
        return self._plate(name, self.landmarks.bodies[name].superior)

    def inferior(self, name: str) -> Plate:
        """The inferior end plate of a body; raises as `superior`."""
        self.require(name)
        return self._plate(name, self.landmarks.bodies[name].inferior)

    def slope(self, plate: Plate) -> float:
        """Degrees to the horizontal, positive when the posterior end is higher.

        Raises:
            AbsentError: nobody knows which side is anterior.
        """
        if self.landmarks.anterior is None:
            raise AbsentError(self._reason("SS", "the anterior side could not be told"))
        return slope_of(plate.anterior, plate.posterior, posterior_sign(self.landmarks.anterior))

    def require(self, name: str) -> None:
        """Raises AbsentError where a body was not found."""
        if name not in self.landmarks.bodies:
            raise AbsentError(self._reason(name, f"level {name} not found"))

    def _plate(self, name: str, plate: EndPlate) -> Plate:
        found = Plate(self.square(plate.anterior), self.square(plate.posterior))
        if found.length == 0:
            raise AbsentError(f"both ends of an end plate of {name} fall together")
        return found

    def _reason(self, parameter: str, otherwise: str) -> str:
        known = self.parameters.get(parameter)
        return otherwise if known is None else known.reason or otherwise
