"""Both hip bones: iliac wing with crest and arcuate line, greater sciatic notch, acetabulum, ischium, pubis.

Outlines stand in a pelvic frame measured on a typical pelvis: mm from the hip axis, backward and downward, the S1
midpoint at TYPICAL_S1. A patient's own hip axis and S1 midpoint turn and scale it, so pelvic tilt carries it along.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sagittal.simulator.projection.beam import Beam
from sagittal.simulator.projection.solid import Points, Solid, Tube, rim
from sagittal.simulator.skeleton.pose import Pose
from sagittal.simulator.skeleton.shapes import jittered, rounded

TYPICAL_S1 = (24.0, -113.0)
# (backward, downward, half breadth): the wing's border from the posterior superior spine over the crest to the front.
CREST = (
    (102, -88, 42), (97, -113, 60), (68, -136, 92), (28, -146, 116),
    (-10, -136, 126), (-36, -112, 128), (-54, -84, 122),
)  # fmt: skip
FRONT = ((-50, -62, 112), (-46, -44, 100), (-32, -26, 92), (-18, -6, 86))
NOTCH = ((22, 14, 66), (44, 2, 50), (46, -20, 58), (54, -42, 64), (72, -52, 62), (92, -60, 54), (102, -76, 46))
# A dense beam from beside the upper sacrum, where it carries the joint, over the acetabulum to the symphysis.
ARCUATE = (
    (48, -134, 46), (38, -116, 48), (26, -98, 54), (12, -76, 60), (-3, -50, 66), (-20, -24, 64), (-36, 0, 34),
    (-46, 10, 8),
)  # fmt: skip
# Borders of the joint with the sacrum.
AURICULAR = ((44, -112, 46), (34, -94, 48), (44, -74, 50), (58, -62, 48))
ISCHIUM = ((26, 4), (46, 8), (40, 38), (36, 68), (16, 84), (-2, 74), (8, 48), (4, 20))
LOWER_RAMUS = ((2, 76, 58), (-18, 60, 40), (-34, 38, 20), (-42, 24, 8))
UPPER_RAMUS = ((-14, 2, 78), (-30, 2, 50), (-42, 8, 22), (-46, 12, 6))


def pelvis(pose: Pose, s1_midpoint: Points, bone: float, rng: np.random.Generator) -> list[Solid | Tube]:
    """The solids of both hip bones; each follows its own femoral head."""
    first, second = pose.heads
    hip_axis = (first[0] + second[0]) / 2
    frame = PelvicFrame.through(hip_axis, s1_midpoint, abs(first[1]))
    shape = _Shape.drawn(rng)
    solids: list[Solid | Tube] = []
    for center, z, radius in pose.heads:
        solids += _hip_bone(frame, shape, float(np.sign(z)), pose, bone, rng)
        solids += _acetabulum(center, z, radius, frame, bone, rng)
        solids += _surroundings(center, z, radius, bone, rng)
    return solids


@dataclass(frozen=True)
class PelvicFrame:
    """Where a patient's own hip axis and S1 midpoint carry the typical pelvis."""

    origin: Points
    basis: Points
    breadth: float

    @classmethod
    def through(cls, hip_axis: Points, s1_midpoint: Points, half_breadth: float) -> PelvicFrame:
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
    auricular: Points

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> _Shape:
        size = np.array([*rng.uniform(0.88, 1.12, 2), rng.uniform(0.92, 1.06)])
        spread = np.array([4.0, 4.0, 3.0])
        # How far in front of the hip axis the wings reach.
        forward = rng.uniform(0.8, 1.5)

        def vary(points: tuple[tuple[float, ...], ...]) -> Points:
            own = np.array(points) * size
            own[:, 0] *= np.where(own[:, 0] < 0, forward, 1.0)
            return np.asarray(own + rng.normal(0, 1, own.shape) * spread)

        return cls(vary(CREST), vary(FRONT), vary(NOTCH), vary(ARCUATE), vary(AURICULAR))


def _hip_bone(
    frame: PelvicFrame, shape: _Shape, side: float, pose: Pose, bone: float, rng: np.random.Generator
) -> list[Solid | Tube]:
    solids = _wing(frame, shape, side, pose.beam, bone, rng)
    beam_start = int(rng.integers(0, 4))
    beside = shape.arcuate[1 : int(rng.integers(4, 7))] + rng.normal(0, 5.0, 3)
    for path, radius, dense in (
        (np.concatenate([shape.crest, shape.front]), rng.uniform(1.5, 5.5), rng.uniform(0.02, 0.18)),
        (shape.arcuate[beam_start:], rng.uniform(2.5, 6.5), rng.uniform(0.05, 0.24)),
        (beside, rng.uniform(1.0, 5.0), rng.uniform(0.0, 0.2)),
        (shape.auricular, rng.uniform(0.6, 3.0), rng.uniform(0.0, 0.16)),
        (shape.notch, rng.uniform(1.5, 5.0), 0.14),
        (np.array(UPPER_RAMUS, dtype=float), rng.uniform(4.0, 7.0), 0.1),
        (np.array(LOWER_RAMUS, dtype=float), rng.uniform(4.0, 6.5), 0.1),
    ):
        solids.append(_ridge(frame, path, radius, side, bone * dense, rng))
    outline = frame.place(rounded(jittered(ISCHIUM, 2.0, rng)))
    depths = np.linspace(52, 76, 8) * frame.breadth
    size = np.sqrt(1 - np.linspace(-0.85, 0.85, 8) ** 2) ** 0.5
    middle = outline.mean(axis=0)
    sections = np.array([middle + (outline - middle) * w for w in size])
    solids.append(
        Solid(sections, side * depths, 3.0 * frame.breadth, rng.uniform(0.3, 1.1), bone * rng.uniform(0.0, 0.12))
    )
    return [solid.sheared(pose.shear) for solid in solids]


def _wing(
    frame: PelvicFrame, shape: _Shape, side: float, beam: Beam, bone: float, rng: np.random.Generator
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
        (1.0, rng.uniform(1.5, 4.5) * slant, 0.8, 0.3),
        (0.8, 1.5, 0, 7.0),
        (0.55, rng.uniform(1.5, 5.0), 0, 9.0),
        (0.35, rng.uniform(1.0, 7.0), 0, 9.0),
    ):
        seen = beam.project(hub + (flat - hub) * size, z)
        density = (0.75 if cortex else 0.55) * bone
        sheets.append(Solid(beam.place(seen, depth)[None], np.array([depth]), thickness, cortex, density, (soft, soft)))
    return sheets


def _ridge(
    frame: PelvicFrame, path: Points, radius: float, side: float, trabecular: float, rng: np.random.Generator
) -> Tube:
    """A thickened border."""
    fine = _smooth(path, closed=False, step=3.0)
    flat, z = frame.place(fine[:, :2]), side * fine[:, 2] * frame.breadth
    across = float(np.ptp(fine[:, 2]) / max(float(np.sum(np.linalg.norm(np.diff(fine[:, :2], axis=0), axis=1))), 1.0))
    cortex = min(rng.uniform(0.2, 1.2), 0.5 * radius)
    return Tube(flat, z, radius, cortex, trabecular, stretch=min(float(np.hypot(1, across)), 1.5))


def _acetabulum(
    center: Points, z: float, radius: float, frame: PelvicFrame, bone: float, rng: np.random.Generator
) -> list[Solid | Tube]:
    """The cup over the head, open below: rings of dense bone around the head's own sections."""
    # Films show the roof where readers draw the head's circle: cartilage is part of it.
    gap, wall = rng.uniform(-0.03, 0.09) * radius, rng.uniform(0.06, 0.4) * radius
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
    width = rng.uniform(0.6, 2.0)
    first, last = int(rng.integers(0, 12)), int(rng.integers(32, 44))
    roof = rim(center, z, radius + gap + width / 2, angles[first:last], width, rng.uniform(0.5, 6.5))
    cup = Solid(np.array(sections), z + medial, slab, 0.0, bone * rng.uniform(0.04, 0.2), (0.6, 0.6))
    return [cup, roof]


def _surroundings(center: Points, z: float, radius: float, bone: float, rng: np.random.Generator) -> list[Solid]:
    """The bone around the joint, about as dense as the head in it, and the thin floor of the cup before which it lies.

    Without them a head would be brighter than all around it, which it is on few films.
    """
    t = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    circle = np.stack([np.cos(t), np.sin(t)], axis=1)
    around = center + radius * (circle * rng.uniform(1.5, 1.9) + rng.uniform([-0.3, -0.5], [0.3, 0.2]))
    mass = rng.uniform(0.0, 0.12) * bone
    within = center + radius * circle * rng.uniform(0.8, 1.0)
    floor = -0.8 * mass * rng.random() ** 1.5
    depth = np.array([z])
    return [
        Solid(around[None], depth, radius, 0.0, mass, (6.0, 6.0)),
        Solid(within[None], depth, radius, 0.0, floor, (1.0, 1.0)),
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
