"""A drawn patient: landmarks from stated angles, and the mask that they outline."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import settings
from sagittal.anatomy import Body, Circle, EndPlate, Landmarks
from sagittal.simulator.config import load_simulator_config
from sagittal.simulator.film import SimulatedTruth, simulate_truth
from skimage import draw

# Masks are drawn in pixels, so that errors depend on the example: the same ones in every run.
repeatable = settings(deadline=None, max_examples=25, derandomize=True)
LEVELS = ("L5", "L4", "L3", "L2", "L1", "T12", "T11")
DEPTH = 78.0


@dataclass(frozen=True)
class Patient:
    """Facing left, in pixels of a film of 900 x 620. Wedges and discs run from L5 and L5S1 upwards."""

    sacral_slope: float = 38.0
    pelvic_tilt: float = 12.0
    wedges: Sequence[float] = (4.0, 2.0, 0.0, -1.0, -2.0, -3.0, -3.0)
    discs: Sequence[float] = (14.0, 9.0, 8.0, 7.0, 5.0, 3.0, 2.0)
    disc_height: float = 20.0
    levels: Sequence[str] = LEVELS
    s1_middle: tuple[float, float] = (330.0, 590.0)
    hip_distance: float = 225.0
    head_radii: tuple[float, float] = (44.0, 48.0)
    head_offset: tuple[float, float] = (30.0, -38.0)
    shape: tuple[int, int] = (900, 620)

    def landmarks(self) -> Landmarks:
        middle, slope = np.array(self.s1_middle), math.radians(self.sacral_slope)
        s1 = _plate(middle, slope, 0.92 * DEPTH)
        bodies, below, below_slope = {}, middle, slope
        for level, wedge, disc in zip(LEVELS, self.wedges, self.discs, strict=True):
            inferior_slope = below_slope - math.radians(disc)
            superior_slope = inferior_slope - math.radians(wedge)
            inferior = below + self.disc_height * _cranial((below_slope + inferior_slope) / 2)
            below = inferior + 0.78 * DEPTH * _cranial((superior_slope + inferior_slope) / 2)
            below_slope = superior_slope
            upper, lower = _plate(below, superior_slope, DEPTH), _plate(inferior, inferior_slope, DEPTH)
            if level in self.levels:
                bodies[level] = Body(upper.anterior, upper.posterior, lower.anterior, lower.posterior)
        tilt = math.radians(self.pelvic_tilt)
        hip = middle + self.hip_distance * np.array([-math.sin(tilt), math.cos(tilt)])
        offset = np.array(self.head_offset) / 2
        centers = sorted((hip + offset, hip - offset), key=lambda c: float(c[1]))
        heads = tuple(Circle(tuple(c), r) for c, r in zip(centers, self.head_radii, strict=True))
        return Landmarks(bodies, s1, heads, "left")

    def sacrum(self) -> npt.NDArray[np.float64]:
        """Outline of a wedge that tapers from the S1 plate and curves forward."""
        s1 = self.landmarks().s1
        slope = math.radians(self.sacral_slope)
        at, heading = np.array(self.s1_middle), math.atan2(*_cranial(slope)[::-1]) + math.pi - math.radians(22)
        front, back = [s1.anterior], [s1.posterior]
        for i in range(1, 25):
            heading += math.radians(2.2)
            at = at + 11 * np.array([math.cos(heading), math.sin(heading)])
            half = 0.46 * DEPTH * (1 - i / 30) * np.array([-math.sin(heading), math.cos(heading)])
            front.append(tuple(at + half))
            back.append(tuple(at - half))
        return np.array(front + back[::-1])

    def mask(self, front_head: int = 1) -> npt.NDArray[np.uint8]:
        """Class mask; the head in front hides the other one."""
        return draw_landmarks(self.landmarks(), self.sacrum(), self.shape, front_head)


def draw_landmarks(
    landmarks: Landmarks, sacrum: npt.NDArray[np.float64], shape: tuple[int, int], front_head: int = 1
) -> npt.NDArray[np.uint8]:
    mask = np.zeros(shape, dtype=np.uint8)
    fill(mask, sacrum, 2)
    for body in landmarks.bodies.values():
        fill(mask, corners(body), 1)
    heads = list(enumerate(landmarks.femoral_heads, start=1))
    for number, head in sorted(heads, key=lambda pair: pair[0] == front_head):
        mask[draw.disk(head.center[::-1], head.radius, shape=shape)] = 2 + number
    return mask


def fill(mask: npt.NDArray[np.uint8], polygon: npt.ArrayLike, value: int) -> None:
    """Fill a polygon of (x, y) points."""
    x, y = np.asarray(polygon).T
    mask[draw.polygon(y, x, mask.shape)] = value


def corners(body: Body) -> list[tuple[float, float]]:
    return [body.superior_anterior, body.superior_posterior, body.inferior_posterior, body.inferior_anterior]


def moved(landmarks: Landmarks, move: Callable[[float, float], tuple[float, float]], **changes: object) -> Landmarks:
    """Landmarks with every point moved."""

    def plate(p: EndPlate) -> EndPlate:
        return EndPlate(move(*p.anterior), move(*p.posterior))

    bodies = {
        n: Body(
            move(*b.superior_anterior),
            move(*b.superior_posterior),
            move(*b.inferior_anterior),
            move(*b.inferior_posterior),
        )
        for n, b in landmarks.bodies.items()
    }
    heads = tuple(Circle(move(*h.center), h.radius) for h in landmarks.femoral_heads)
    s1 = plate(landmarks.s1) if landmarks.s1 else None
    return replace(landmarks, **{"bodies": bodies, "s1": s1, "femoral_heads": heads, **changes})


def turned(plate: EndPlate, degrees: float) -> EndPlate:
    """A plate turned about its middle, clockwise on screen."""
    middle = np.array(plate.midpoint)
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    ends = [
        middle + np.array([[c, -s], [s, c]]) @ (np.array(end) - middle) for end in (plate.anterior, plate.posterior)
    ]
    return EndPlate(*(tuple(map(float, end)) for end in ends))


def values(parameters: Mapping[str, object]) -> dict[str, float]:
    """The values that are there."""
    return {name: p.value for name, p in parameters.items() if p.value is not None}


def _cranial(slope: float) -> npt.NDArray[np.float64]:
    """Perpendicular to an end plate of a patient who faces left."""
    return np.array([-math.sin(slope), -math.cos(slope)])


def _plate(middle: npt.NDArray[np.float64], slope: float, length: float) -> EndPlate:
    half = length / 2 * np.array([math.cos(slope), -math.sin(slope)])
    return EndPlate(tuple(middle - half), tuple(middle + half))


@pytest.fixture
def patient() -> Patient:
    return Patient()


@pytest.fixture(scope="module")
def truth() -> SimulatedTruth:
    """A film with both heads whole and no slip, so that every value is there."""
    config = load_simulator_config()
    films = (simulate_truth(config, seed, rows=640) for seed in range(50, 120))
    return next(film for film in films if not film.heads_cut and not film.slipped)
