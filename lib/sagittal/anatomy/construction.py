"""The lines by which a reader checks PI, PT, SS and LL, in pixels of the film, true where pixels are not square."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sagittal.anatomy.landmarks import EndPlate, Landmarks, Point

Line = tuple[Point, Point]
# Angles below the first have their label this far beside their legs, in radians.
NARROW, BESIDE = math.radians(12), math.radians(14)


@dataclass(frozen=True)
class Angle:
    """An angle to draw: the lines of its legs, an arc of (n, 2) points between them, and where its label goes."""

    name: str
    legs: tuple[Line, ...]
    arc: npt.NDArray[np.float64]
    label_at: Point


def pelvic_angles(landmarks: Landmarks, pixel_aspect: tuple[float, float]) -> tuple[Angle, ...]:
    """PI, PT and SS as far as the S1 end plate and the hip axis allow."""
    if landmarks.s1 is None:
        return ()
    plane = _Plane(pixel_aspect)
    plate = landmarks.s1
    middle, forward = plane.place(plate.midpoint), plane.direction(plate.posterior, plate.anterior)
    length = plane.distance(plate.anterior, plate.posterior)
    angles = [_sacral_slope(plane, plate, middle, forward, length)]
    if landmarks.hip_axis is not None and plane.distance(landmarks.hip_axis, plate.midpoint) > 0:
        hip = plane.place(landmarks.hip_axis)
        angles += [_pelvic_incidence(plane, middle, forward, hip), _pelvic_tilt(plane, middle, forward, hip, length)]
    return tuple(angles)


def lordosis_angle(landmarks: Landmarks, pixel_aspect: tuple[float, float]) -> Angle | None:
    """LL as Cobb drew it: the end plates of L1 and S1 prolonged to the back, their perpendiculars, and the arc where
    these cross; without the arc where they do not cross between the plates. None without one of the plates or the side.
    """
    if landmarks.s1 is None or "L1" not in landmarks.bodies or landmarks.anterior is None:
        return None
    plane = _Plane(pixel_aspect)
    upper, lower = landmarks.bodies["L1"].superior, landmarks.s1
    length = plane.distance(lower.anterior, lower.posterior)
    if not length or not plane.distance(upper.anterior, upper.posterior):
        return None
    ends, normals, legs = [], [], []
    for plate, turn in ((upper, 1.0), (lower, -1.0)):
        backward = plane.direction(plate.anterior, plate.posterior)
        end = plane.place(plate.posterior) + 0.5 * length * backward
        # The side towards the other plate: the lower one's perpendicular goes up, the upper one's down.
        normal = np.array([-backward[1], backward[0]])
        normals.append(normal if normal[1] * turn > 0 else -normal)
        ends.append(end)
        legs.append(plane.line(plane.place(plate.anterior), end))
    label_at = plane.pixel((ends[0] + ends[1]) / 2)
    across = float(normals[0][0] * normals[1][1] - normals[0][1] * normals[1][0])
    if abs(across) < math.sin(math.radians(3)):
        return Angle("LL", tuple(legs), np.empty((0, 2)), label_at)
    along = np.linalg.solve(np.column_stack([normals[0], -normals[1]]), ends[1] - ends[0])
    reach = float(np.hypot(*(ends[1] - ends[0])))
    if along.min() < 0 or along.max() > 2 * reach:
        return Angle("LL", tuple(legs), np.empty((0, 2)), label_at)
    crossing = ends[0] + along[0] * normals[0]
    legs += [plane.line(end, crossing + 0.3 * length * normal) for end, normal in zip(ends, normals)]
    return plane.angle("LL", crossing, normals[0], -normals[1], 0.25 * length, tuple(legs), backward)


class _Plane:
    """The film in square units, and back to its pixels."""

    def __init__(self, pixel_aspect: tuple[float, float]) -> None:
        self._scale = np.array([pixel_aspect[1], pixel_aspect[0]], dtype=np.float64)

    def place(self, point: Point) -> npt.NDArray[np.float64]:
        return np.asarray(point, dtype=np.float64) * self._scale

    def direction(self, start: Point, end: Point) -> npt.NDArray[np.float64]:
        step = self.place(end) - self.place(start)
        return np.asarray(step / max(float(np.hypot(*step)), 1e-9))

    def distance(self, first: Point, second: Point) -> float:
        return float(np.hypot(*(self.place(first) - self.place(second))))

    def pixel(self, place: npt.NDArray[np.float64]) -> Point:
        x, y = place / self._scale
        return float(x), float(y)

    def line(self, start: npt.NDArray[np.float64], end: npt.NDArray[np.float64]) -> Line:
        return self.pixel(start), self.pixel(end)

    def angle(
        self,
        name: str,
        vertex: npt.NDArray[np.float64],
        first: npt.NDArray[np.float64],
        second: npt.NDArray[np.float64],
        radius: float,
        legs: tuple[Line, ...],
        free: npt.NDArray[np.float64],
    ) -> Angle:
        """An arc about `vertex` from direction `first` the short way to `second`, its label a little further out.

        Between the legs of a narrow angle there is no room for a label: it goes beside them, to where `free` points.
        """
        start = math.atan2(first[1], first[0])
        turn = (math.atan2(second[1], second[0]) - start + math.pi) % (2 * math.pi) - math.pi
        bearings = start + turn * np.linspace(0, 1, 33)
        unit = np.column_stack([np.cos(bearings), np.sin(bearings)])
        arc = (vertex + radius * unit) / self._scale
        label = unit[16]
        if abs(turn) < NARROW:
            outside = start + np.array([min(turn, 0.0) - BESIDE, max(turn, 0.0) + BESIDE])
            label = max(np.column_stack([np.cos(outside), np.sin(outside)]), key=lambda side: float(side @ free))
        return Angle(name, legs, arc, self.pixel(vertex + 1.22 * radius * label))


def _sacral_slope(
    plane: _Plane, plate: EndPlate, middle: npt.NDArray[np.float64], forward: npt.NDArray[np.float64], length: float
) -> Angle:
    level = np.array([math.copysign(1.0, forward[0]), 0.0])
    legs = (
        plane.line(middle, middle + 1.5 * length * level),
        plane.line(plane.place(plate.anterior), middle + 1.5 * length * forward),
    )
    return plane.angle("SS", middle, level, forward, 1.3 * length, legs, np.array([0.0, 1.0]))


def _pelvic_incidence(
    plane: _Plane, middle: npt.NDArray[np.float64], forward: npt.NDArray[np.float64], hip: npt.NDArray[np.float64]
) -> Angle:
    reach = float(np.hypot(*(hip - middle)))
    # Of the two perpendiculars the one that points into the sacrum, which is the one on the side of the hips.
    caudal = np.array([-forward[1], forward[0]])
    caudal = caudal if caudal[1] >= 0 else -caudal
    legs = (plane.line(middle, middle + 0.75 * reach * caudal), plane.line(middle, hip))
    return plane.angle("PI", middle, caudal, (hip - middle) / reach, 0.5 * reach, legs, forward)


def _pelvic_tilt(
    plane: _Plane,
    middle: npt.NDArray[np.float64],
    forward: npt.NDArray[np.float64],
    hip: npt.NDArray[np.float64],
    length: float,
) -> Angle:
    reach = float(np.hypot(*(hip - middle)))
    up = np.array([0.0, -1.0])
    legs = (plane.line(hip, hip + (hip[1] - middle[1] + 0.2 * length) * up),)
    return plane.angle("PT", hip, up, (middle - hip) / reach, 0.42 * reach, legs, forward)
