"""Landmarks to spino-pelvic parameters.

Angles are in degrees and signed; `slope` is positive when the posterior end is higher. Definitions and standard
ranges come from the package's definitions (Legaye 1998, Schwab 2012, Yilgor 2017).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from sagittal.anatomy.definitions import Definitions, ParameterDefinition, default_definitions
from sagittal.anatomy.landmarks import EndPlate, Landmarks, posterior_sign, slope_of
from sagittal.anatomy.measurement import ParameterValue, Status

LUMBAR_LEVELS = ("L1", "L2", "L3", "L4", "L5")


class _AbsentError(Exception):
    """Raised while a parameter is computed; its message is the reason that the user reads."""


def parameters_from_landmarks(
    landmarks: Landmarks,
    *,
    pixel_aspect: tuple[float, float] = (1.0, 1.0),
    definitions: Definitions | None = None,
    missing: Mapping[str, str] | None = None,
) -> Mapping[str, ParameterValue]:
    """Compute every parameter of the definitions, in their order.

    Args:
        landmarks: points in film pixels.
        pixel_aspect: size of a pixel (along rows' axis, along columns' axis), any unit; angles are those on the film
            as it was exposed, not on a squeezed grid.
        definitions: default: those of the package.
        missing: why a landmark is missing, by name (a level, "S1", "femoral_heads", "anterior"), where more is known
            than that it was not found.

    Returns:
        name -> value; a parameter that cannot be measured has no value but a reason.

    Raises:
        ValueError: pixel_aspect is not two positive numbers.
    """
    row_size, column_size = pixel_aspect
    if not (0 < row_size < math.inf and 0 < column_size < math.inf):
        raise ValueError(f"pixel_aspect must be two positive numbers (row, column size), got {pixel_aspect}")
    definitions = definitions or default_definitions()
    angles = _Angles(landmarks, row_size / column_size, definitions.ldi_minimum_lordosis, missing or {})
    values = {name: _parameter_value(definition, angles) for name, definition in definitions.parameters.items()}
    return MappingProxyType(values)


def status_of(value: float, limits: tuple[float, float] | None) -> Status:
    """Where a value lies in its standard range; both limits belong to the range, nothing is rounded."""
    if limits is None:
        return "unranged"
    if value < limits[0]:
        return "below"
    return "above" if value > limits[1] else "within"


def _parameter_value(definition: ParameterDefinition, angles: _Angles) -> ParameterValue:
    try:
        value = angles.parameter(definition.name)
    except _AbsentError as absence:
        return ParameterValue(definition.name, None, definition.unit, definition.range, "absent", str(absence))
    return ParameterValue(definition.name, value, definition.unit, definition.range, status_of(value, definition.range))


class _Angles:
    """The formulas, over one set of landmarks."""

    def __init__(
        self, landmarks: Landmarks, aspect: float, ldi_minimum_lordosis: float, missing: Mapping[str, str]
    ) -> None:
        self._landmarks = landmarks
        self._aspect = aspect
        self._ldi_minimum_lordosis = ldi_minimum_lordosis
        self._missing = missing

    def parameter(self, name: str) -> float:
        formula = {
            "PI": self.pelvic_incidence,
            "PT": self.pelvic_tilt,
            "SS": self.sacral_slope,
            "LL": lambda: self.lordosis("L1"),
            "L4S1": lambda: self.lordosis("L4"),
            "PI-LL": lambda: self.pelvic_incidence() - self.lordosis("L1"),
            "LDI": self.lordosis_distribution,
            # Ideal lordosis 0.62 PI + 29: Yilgor 2017.
            "RLL": lambda: self.lordosis("L1") - (0.62 * self.pelvic_incidence() + 29),
        }.get(name)
        if formula is not None:
            return formula()
        return self.body_wedge(name) if name in LUMBAR_LEVELS else self.disc_angle(name[:2], name[2:])

    def sacral_slope(self) -> float:
        return self._slope("S1", self._s1())

    def pelvic_tilt(self) -> float:
        hip_x, hip_y = self._hip_axis()
        s1_x, s1_y = self._s1().midpoint
        backward, upward = self._towards_posterior() * (s1_x - hip_x), (hip_y - s1_y) * self._aspect
        if backward == 0 and upward == 0:
            raise _AbsentError("the hip axis falls on the S1 midpoint")
        return math.degrees(math.atan2(backward, upward))

    def pelvic_incidence(self) -> float:
        return _wrapped(self.pelvic_tilt() + self.sacral_slope())

    def lordosis(self, level: str) -> float:
        # S1 first: its absence explains more than a missing level does.
        sacral_slope = self.sacral_slope()
        return _wrapped(sacral_slope - self._slope(level, self._superior(level)))

    def lordosis_distribution(self) -> float:
        lordosis = self.lordosis("L1")
        if lordosis < self._ldi_minimum_lordosis:
            raise _AbsentError(f"undefined for LL under {self._ldi_minimum_lordosis:g} degrees (LL is {lordosis:.1f})")
        return 100 * self.lordosis("L4") / lordosis

    def body_wedge(self, level: str) -> float:
        return _wrapped(self._slope(level, self._inferior(level)) - self._slope(level, self._superior(level)))

    def disc_angle(self, upper: str, lower: str) -> float:
        if lower == "S1" and "L6" in self._landmarks.bodies:
            raise _AbsentError("L6 lies between L5 and S1")
        above = self._slope(upper, self._inferior(upper))
        below = self.sacral_slope() if lower == "S1" else self._slope(lower, self._superior(lower))
        return _wrapped(below - above)

    def _slope(self, name: str, plate: EndPlate) -> float:
        towards_posterior = self._towards_posterior()
        if plate.anterior == plate.posterior:
            raise _AbsentError(f"both ends of an end plate of {name} fall together")
        front, back = ((x, y * self._aspect) for x, y in (plate.anterior, plate.posterior))
        return slope_of(front, back, towards_posterior)

    def _towards_posterior(self) -> float:
        if self._landmarks.anterior is None:
            raise _AbsentError(self._missing.get("anterior", "the anterior side could not be told"))
        return posterior_sign(self._landmarks.anterior)

    def _superior(self, level: str) -> EndPlate:
        self._require(level)
        return self._landmarks.bodies[level].superior

    def _inferior(self, level: str) -> EndPlate:
        self._require(level)
        return self._landmarks.bodies[level].inferior

    def _require(self, level: str) -> None:
        if level not in self._landmarks.bodies:
            raise _AbsentError(self._missing.get(level, f"level {level} not found"))

    def _s1(self) -> EndPlate:
        if self._landmarks.s1 is None:
            raise _AbsentError(self._missing.get("S1", "no S1 end plate found"))
        return self._landmarks.s1

    def _hip_axis(self) -> tuple[float, float]:
        hip_axis = self._landmarks.hip_axis
        if hip_axis is None:
            raise _AbsentError(self._missing.get("femoral_heads", "no femoral head found"))
        return hip_axis


def _wrapped(degrees: float) -> float:
    """The same direction in (-180, 180]; an angle that is in range is returned as it is."""
    if degrees > 180:
        return degrees - 360
    return degrees + 360 if degrees <= -180 else degrees
