"""Both hip bones: iliac wing with crest and arcuate line, greater sciatic notch, acetabulum, ischium, pubis.

Outlines stand in a pelvic frame measured on a typical pelvis: mm from the hip axis, backward and downward, the S1
midpoint at TYPICAL_S1. A patient's own hip axis and S1 midpoint turn and scale it, so pelvic tilt carries it along.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sagittal.simulator.projection.beam import Beam
from sagittal.simulator.projection.solid import Points, Solid, Tube
from sagittal.simulator.skeleton.pose import Pose
from sagittal.simulator.skeleton.shapes import jittered, rounded

TYPICAL_S1 = (24.0, -113.0)
# (backward, downward, half breadth): the wing's border from the posterior superior spine over the crest to the front.
CREST = (
    (104, -92, 42), (98, -116, 60), (66, -136, 92), (24, -146, 116),
    (-12, -136, 126), (-34, -110, 128), (-44, -84, 122),
)  # fmt: skip
FRONT = ((-37, -64, 112), (-35, -44, 100), (-24, -26, 92), (-16, -6, 86))
NOTCH = ((22, 14, 66), (44, 2, 50), (46, -20, 58), (54, -42, 64), (72, -52, 62), (92, -60, 54), (102, -76, 46))
ARCUATE = ((66, -92, 52), (56, -72, 57), (38, -54, 63), (12, -36, 68), (-14, -14, 62), (-34, 2, 34), (-44, 8, 8))
ISCHIUM = ((26, 4), (46, 8), (40, 38), (36, 68), (16, 84), (-2, 74), (8, 48), (4, 20))
LOWER_RAMUS = ((2, 76, 58), (-18, 60, 40), (-34, 38, 20), (-42, 24, 8))
UPPER_RAMUS = ((-14, 2, 78), (-30, 2, 50), (-42, 8, 22), (-46, 12, 6))


def pelvis(pose: Pose, s1_midpoint: Points, bone: float, rng: np.random.Generator) -> list[Solid | Tube]:
    """The solids of both hip bones; each follows its own femoral head."""
    first, second = pose.heads
    hip_axis = (first[0] + second[0]) / 2
    frame = _PelvicFrame.through(hip_axis, s1_midpoint, abs(first[1]))
    shape = _Shape.drawn(rng)
    solids: list[Solid | Tube] = []
    for center, z, radius in pose.heads:
        solids += _hip_bone(frame, shape, float(np.sign(z)), pose, bone, rng)
        solids += _acetabulum(center, z, radius, frame, bone, rng)
    return solids


@dataclass(frozen=True)
class _PelvicFrame:
    origin: Points
    basis: Points
    breadth: float

    @classmethod
    def through(cls, hip_axis: Points, s1_midpoint: Points, half_breadth: float) -> _PelvicFrame:
        typical, own = complex(*TYPICAL_S1), complex(*(s1_midpoint - hip_axis))
        turn = own / typical
        basis = np.array([[turn.real, turn.imag], [-turn.imag, turn.real]])
        return cls(hip_axis, basis, half_breadth / 88)

    def place(self, points: Points) -> Points:
        return np.asarray(self.origin + points @ self.basis)


@dataclass(frozen=True)
class _Shape:
    """The two sides are alike: one draw serves both."""

    crest: Points
    front: Points
    notch: Points
    arcuate: Points

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> _Shape:
        size = np.array([*rng.uniform(0.88, 1.12, 2), rng.uniform(0.92, 1.06)])
        spread = np.array([4.0, 4.0, 3.0])

        def vary(points: tuple[tuple[float, ...], ...]) -> Points:
            own = np.array(points) * size
            return np.asarray(own + rng.normal(0, 1, own.shape) * spread)

        return cls(vary(CREST), vary(FRONT), vary(NOTCH), vary(ARCUATE))


def _hip_bone(
    frame: _PelvicFrame, shape: _Shape, side: float, pose: Pose, bone: float, rng: np.random.Generator
) -> list[Solid | Tube]:
    solids = _wing(frame, shape, side, pose.beam, bone, rng)
    for path, radius in (
        (np.concatenate([shape.crest, shape.front]), rng.uniform(3.0, 6.0)),
        (shape.arcuate, rng.uniform(2.5, 5.0)),
        (shape.arcuate + rng.normal(0, 3.0, 3), rng.uniform(1.0, 2.5)),
        (shape.notch, rng.uniform(2.5, 5.0)),
        (np.array(UPPER_RAMUS, dtype=float), rng.uniform(4.5, 7.0)),
        (np.array(LOWER_RAMUS, dtype=float), rng.uniform(4.5, 6.5)),
    ):
        solids.append(_ridge(frame, path, radius, side, bone, rng))
    outline = frame.place(rounded(jittered(ISCHIUM, 2.0, rng)))
    depths = np.linspace(52, 76, 8) * frame.breadth
    size = np.sqrt(1 - np.linspace(-0.85, 0.85, 8) ** 2) ** 0.5
    middle = outline.mean(axis=0)
    sections = np.array([middle + (outline - middle) * w for w in size])
    solids.append(Solid(sections, side * depths, 3.0 * frame.breadth, 1.1, bone * 0.12))
    return [solid.sheared(pose.shear) for solid in solids]


def _wing(
    frame: _PelvicFrame, shape: _Shape, side: float, beam: Beam, bone: float, rng: np.random.Generator
) -> list[Solid | Tube]:
    """The blade, thin in the fossa and thicker to its lower part, as a few shrinking outlines at their own depths."""
    border = np.concatenate([shape.crest, shape.front, shape.notch])
    outline = _smooth(border)
    flat, z = frame.place(outline[:, :2]), side * outline[:, 2] * frame.breadth
    hub = frame.place(np.array([[8.0, -32.0]]))[0]
    depth = float(np.mean(z))
    # A sheet is one section whose points have depths of their own: they are moved to where the beam shows them.
    slant = rng.uniform(1.0, 1.6)
    sheets: list[Solid | Tube] = []
    for size, thickness, cortex, soft in (
        (1.0, rng.uniform(2.2, 4.5) * slant, 0.8, 0.3),
        (0.8, 1.0, 0, 7.0),
        (0.5, 2.5, 0, 8.0),
        (0.3, 4.0, 0, 8.0),
    ):
        seen = beam.project(hub + (flat - hub) * size, z)
        density = (0.75 if cortex else 0.55) * bone
        sheets.append(Solid(beam.place(seen, depth)[None], np.array([depth]), thickness, cortex, density, (soft, soft)))
    return sheets


def _ridge(
    frame: _PelvicFrame, path: Points, radius: float, side: float, bone: float, rng: np.random.Generator
) -> Tube:
    """A thickened border."""
    fine = _smooth(path, closed=False, step=3.0)
    flat, z = frame.place(fine[:, :2]), side * fine[:, 2] * frame.breadth
    across = float(np.ptp(fine[:, 2]) / max(float(np.sum(np.linalg.norm(np.diff(fine[:, :2], axis=0), axis=1))), 1.0))
    return Tube(flat, z, radius, rng.uniform(0.5, 1.3), bone * 0.16, stretch=min(float(np.hypot(1, across)), 1.5))


def _acetabulum(
    center: Points, z: float, radius: float, frame: _PelvicFrame, bone: float, rng: np.random.Generator
) -> list[Solid | Tube]:
    """The cup over the head, open below: rings of dense bone around the head's own sections."""
    gap, wall = rng.uniform(0.06, 0.14) * radius, rng.uniform(0.1, 0.25) * radius
    offsets = np.linspace(-1.05, 0.45, 26) * radius
    turn = float(np.arctan2(frame.basis[0, 1], frame.basis[0, 0]))
    angles = np.radians(np.linspace(-215, 35, 44)) + turn
    ray = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    sections = []
    for offset in offsets:
        inside = np.sqrt(max((radius + gap) ** 2 - offset**2, 0.05 * radius**2))
        outside = np.sqrt(max((radius + gap + wall) ** 2 - offset**2, 0.2 * radius**2))
        sections.append(np.concatenate([center + ray * outside, center + (ray * inside)[::-1]]))
    medial = -np.sign(z) * -offsets
    slab = float(offsets[1] - offsets[0])
    return [
        Solid(np.array(sections), z + medial, slab, rng.uniform(0.4, 1.0), bone * rng.uniform(0.08, 0.22), (0.5, 0.5))
    ]


def _smooth(points: Points, *, closed: bool = True, step: float = 4.0) -> Points:
    """A closed or open curve (M, D) through rounded corners at about even steps."""
    if closed:
        rounded_points = points
        for _ in range(2):
            following = np.roll(rounded_points, -1, axis=0)
            rounded_points = np.stack(
                [0.75 * rounded_points + 0.25 * following, 0.25 * rounded_points + 0.75 * following], axis=1
            ).reshape(-1, points.shape[1])
        return np.asarray(rounded_points)
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    at = np.linspace(0, lengths[-1], max(4, int(lengths[-1] / step)))
    even = np.stack([np.interp(at, lengths, points[:, k]) for k in range(points.shape[1])], axis=1)
    kernel = np.array([0.25, 0.5, 0.25])
    for _ in range(6):
        inner = np.stack([np.convolve(even[:, k], kernel, mode="valid") for k in range(even.shape[1])], axis=1)
        even = np.concatenate([even[:1], inner, even[-1:]])
    return np.asarray(even)
