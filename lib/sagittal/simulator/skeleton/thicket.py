"""The thicket of a pelvis: crossing lines of cortices, rims and bundles of trabeculae in which no bone stands alone.

Lines on a film, not solids: each is a stretch of a border of a hip bone or of the sacrum, of any strength, often double
as the two sides of a cortex are, at the depth of its own side. They change no truth.
"""

from __future__ import annotations

import numpy as np

from sagittal.simulator.canvas import Canvas, spline, stretch_of
from sagittal.simulator.patient import Patient
from sagittal.simulator.projection.beam import Beam
from sagittal.simulator.projection.project import Projector
from sagittal.simulator.projection.solid import Points
from sagittal.simulator.skeleton.pelvis import ARCUATE, AURICULAR, CREST, FRONT, NOTCH, PelvicFrame
from sagittal.simulator.skeleton.pose import Pose

# In the pelvic frame: backward, downward, half breadth in mm; and how many lines of each a side shows on average.
ISCHIAL_SPINE = ((58, -48, 60), (50, -22, 56), (56, -6, 50), (44, 6, 54), (42, 30, 58))
ILIOISCHIAL = ((58, -64, 58), (42, -36, 60), (28, -6, 64), (27, 36, 62), (20, 70, 60))
ANTERIOR_COLUMN = ((20, -88, 58), (2, -58, 66), (-14, -30, 72), (-30, -2, 52), (-44, 10, 20))
ROOF = ((-30, -8, 96), (-16, -28, 94), (6, -34, 88), (24, -22, 80), (30, 0, 76), (24, 22, 74))
GLUTEAL = ((80, -64, 52), (74, -100, 66), (50, -124, 92), (14, -124, 112), (-26, -102, 122), (-40, -62, 112))
FOSSA = ((40, -104, 58), (20, -112, 88), (-8, -104, 110), (-30, -76, 112), (-34, -40, 98))
ALA = ((6, -120, 18), (22, -124, 34), (40, -116, 48), (52, -92, 52), (56, -66, 46))
ALA_FRONT = ((8, -116, 16), (20, -106, 36), (34, -92, 50), (48, -70, 48))
NECK = ((2, 4, 92), (14, 18, 108), (26, 34, 124), (30, 62, 128))
PATHS = (
    (ARCUATE, 2.5), (NOTCH, 2.0), (AURICULAR, 2.0), (CREST, 0.9), (FRONT, 1.0), (ISCHIAL_SPINE, 1.2),
    (ILIOISCHIAL, 1.5), (ANTERIOR_COLUMN, 1.5), (ROOF, 1.8), (GLUTEAL, 1.2), (FOSSA, 1.0), (ALA, 1.8),
    (ALA_FRONT, 1.5), (NECK, 1.2),
)  # fmt: skip
# mm of bone that a ray along such a border meets: median, and spread of its logarithm.
THICKNESS, THICKNESS_SPREAD = 1.6, 0.7


def thicket(projector: Projector, patient: Patient, pose: Pose, amount: float, rng: np.random.Generator) -> None:
    """Add the lines of both hip bones and of the sacrum; `amount` scales how many and how strong they are."""
    (first, z, _), (second, _, _) = pose.heads
    frame = PelvicFrame.through((first + second) / 2, np.array(patient.s1.midpoint), abs(z))
    canvas = Canvas(projector.frame, projector.length)
    for _, depth, _ in pose.heads:
        for path, often in PATHS:
            for _ in range(int(rng.poisson(often * amount))):
                flat, breadth = _varied(np.array(path, dtype=np.float64), rng)
                z = np.sign(depth) * frame.breadth * breadth
                _border(canvas, frame.place(stretch_of(spline(flat), rng)) + z * pose.shear, z, pose.beam, amount, rng)
        for _ in range(int(rng.poisson(5 * amount))):
            z = np.sign(depth) * rng.uniform(0.3, 0.9) * patient.depth
            _border(canvas, _foramen(patient, rng) + z * pose.shear, z, pose.beam, 0.7 * amount, rng)


def _varied(path: Points, rng: np.random.Generator) -> tuple[Points, float]:
    """Another line of the same bone: shifted, turned, bent; and its mean half breadth."""
    flat, middle, turn = path[:, :2], path[:, :2].mean(axis=0), np.radians(rng.normal(0, 5))
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    flat = (flat - middle) @ rotation * rng.uniform(0.85, 1.15) + middle
    return flat + rng.normal(0, 5.0, 2) + rng.normal(0, 3.0, flat.shape), float(
        path[:, 2].mean() * rng.uniform(0.7, 1.1)
    )


def _foramen(patient: Patient, rng: np.random.Generator) -> Points:
    """The arc above a foramen of the sacrum, or a line across its segments."""
    i = int(rng.uniform(0.08, 0.6) * (len(patient.sacrum_front) - 1))
    front, back = patient.sacrum_front[i], patient.sacrum_back[i]
    along = patient.sacrum_back[i] - patient.sacrum_back[max(i - 4, 0)]
    along = along / max(float(np.linalg.norm(along)), 1e-6) * patient.depth
    start, end = sorted(rng.uniform(-0.1, 1.3, 2))
    sag = rng.uniform(-0.15, 0.15)
    across = np.array([start, (start + end) / 2, end])[:, None]
    shift = np.array([0.0, sag, rng.normal(0, 0.15)])[:, None]
    return spline(front + (back - front) * across + along * shift, 20)


def _border(canvas: Canvas, points: Points, z: float, beam: Beam, amount: float, rng: np.random.Generator) -> None:
    """A line whose strength changes on its way, its second side beside it now and then, a soft bundle along it."""
    seen = beam.project(points, np.full(len(points), z))
    value = min(amount, 1.5) * THICKNESS * float(np.exp(rng.normal(0, THICKNESS_SPREAD)))
    width, soft = rng.uniform(0.4, 1.6), rng.uniform(0.2, 1.0)
    canvas.line(seen, value, width_mm=width, soft_mm=soft)
    canvas.line(stretch_of(seen, rng), 0.6 * value, width_mm=width, soft_mm=soft)
    if rng.random() < 0.5:
        aside = rng.normal(0, 2.5, 2) + rng.normal(0, 0.4, seen.shape).cumsum(axis=0) * 0.2
        canvas.line(stretch_of(seen + aside, rng), rng.uniform(0.3, 1.0) * value, width_mm=width, soft_mm=soft)
    if rng.random() < 0.4:
        canvas.line(seen, rng.uniform(0.3, 0.8) * value, width_mm=rng.uniform(4, 10), soft_mm=rng.uniform(1.5, 4.0))
