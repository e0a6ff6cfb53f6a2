"""Landmark types. Frame of every point: (x, y) in pixels of the film, x right, y down, pixel centres at integers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sagittal.anatomy.grid import Points

Point = tuple[float, float]
Side = Literal["left", "right"]


@dataclass(frozen=True)
class EndPlate:
    """The two ends of a vertebral end plate as seen on the film."""

    anterior: Point
    posterior: Point

    @property
    def midpoint(self) -> Point:
        return (
            (self.anterior[0] + self.posterior[0]) / 2,
            (self.anterior[1] + self.posterior[1]) / 2,
        )


@dataclass(frozen=True)
class Body:
    """The four corners of a vertebral body, osteophytes and pedicles left out."""

    superior_anterior: Point
    superior_posterior: Point
    inferior_anterior: Point
    inferior_posterior: Point

    @property
    def superior(self) -> EndPlate:
        return EndPlate(self.superior_anterior, self.superior_posterior)

    @property
    def inferior(self) -> EndPlate:
        return EndPlate(self.inferior_anterior, self.inferior_posterior)


@dataclass(frozen=True)
class Circle:
    """A femoral head: the centre may lie outside the film; the radius is in pixels along x."""

    center: Point
    radius: float


@dataclass(frozen=True)
class Landmarks:
    """What was found on a film.

    `bodies` maps level names (L5, L4, .. upwards) to corners; a level that was not found is not in it.
    `femoral_heads` holds none, one or both, the more cranial centre first. `anterior` is the side of the film that
    the patient faces, None where it could not be told.
    """

    bodies: Mapping[str, Body]
    s1: EndPlate | None
    femoral_heads: tuple[Circle, ...]
    anterior: Side | None

    @property
    def hip_axis(self) -> Point | None:
        """Midpoint of both head centres; the centre of a single visible head; None without heads."""
        if not self.femoral_heads:
            return None
        n = len(self.femoral_heads)
        return (
            sum(head.center[0] for head in self.femoral_heads) / n,
            sum(head.center[1] for head in self.femoral_heads) / n,
        )


def posterior_sign(anterior: Side) -> float:
    """1 where the posterior side lies at greater x, -1 where it lies at smaller."""
    return 1.0 if anterior == "left" else -1.0


def slope_of(anterior: Point | Points, posterior: Point | Points, towards_posterior: float) -> float:
    """Degrees to the horizontal of a plate between two ends (x, y) on square pixels, positive when its posterior end is
    higher; `towards_posterior` is the `posterior_sign`."""
    backward = towards_posterior * (posterior[0] - anterior[0])
    return math.degrees(math.atan2(float(anterior[1] - posterior[1]), float(backward)))
