"""Slices, as MR and CT give them: every tissue has a brightness of its own, and nothing lies over anything else."""

from __future__ import annotations

import cv2
import numpy as np

from sagittal.simulator.canvas import Canvas, Frame, Image, Points, ellipse_contour, smooth_noise, spline
from sagittal.simulator.config import SimulatorConfig
from sagittal.simulator.patient import Patient, sample_patient

Tissues = dict[str, float]
# T1 and T2 weighted, with and without the fat, and CT: brightness of the tissues.
SEQUENCES = (
    {"fat": 0.9, "muscle": 0.35, "bone": 0.6, "cortex": 0.05, "disc": 0.4, "nucleus": 0.4, "canal": 0.15, "cord": 0.4},
    {"fat": 0.95, "muscle": 0.2, "bone": 0.5, "cortex": 0.05, "disc": 0.15, "nucleus": 0.5, "canal": 0.95, "cord": 0.4},
    {"fat": 0.1, "muscle": 0.3, "bone": 0.2, "cortex": 0.05, "disc": 0.2, "nucleus": 0.7, "canal": 1.0, "cord": 0.45},
    {"fat": 0.25, "muscle": 0.45, "bone": 0.6, "cortex": 1.0, "disc": 0.5, "nucleus": 0.5, "canal": 0.4, "cord": 0.42},
)


def sagittal_slice(config: SimulatorConfig, rng: np.random.Generator, rows: int) -> Image:
    """A mid-sagittal slice (rows, columns) in 0..1 of a simulated patient, in random contrast, facing either side."""
    patient = sample_patient(config.anatomy, rng)
    frame = _sagittal_frame(patient, rng, rows)
    bright = _contrast(rng)
    image = _skin(frame, patient, bright, rng)
    canvas = Canvas(frame, image)
    depth = patient.depth
    _organs(canvas, patient, bright, rng)
    _muscle(canvas, patient, bright, rng)
    behind = np.array([body.corners.superior_posterior for body in patient.bodies][::-1])
    canal = np.concatenate([behind, patient.sacrum_back[:20]])
    width = depth * rng.uniform(0.35, 0.5)
    _paint(canvas, np.concatenate([canal, (canal + np.array([width, 0]))[::-1]]), bright["canal"])
    cord = canal[: len(canal) // 2] + np.array([width / 2, 0])
    canvas.line(cord, bright["cord"] - bright["canal"], width_mm=width * 0.4, soft_mm=0.6)
    for body in patient.bodies:
        spinous = body.contour.mean(axis=0) + np.array([1.35, 0.35]) * depth
        outline = ellipse_contour(spinous, (depth * 0.4, depth * 0.2), rng.uniform(10, 40))
        _paint(canvas, outline, bright["bone"])
        canvas.line(outline, bright["cortex"] - bright["bone"], width_mm=1.0, closed=True)
        disc = (np.array(body.corners.inferior_anterior) + body.corners.inferior_posterior) / 2 + [0, 0.15 * depth]
        _paint(canvas, ellipse_contour(disc, (depth * 0.52, depth * 0.24)), bright["disc"])
        degenerated = rng.random() < 0.4
        nucleus = bright["disc" if degenerated else "nucleus"]
        _paint(canvas, ellipse_contour(disc, (depth * 0.3, depth * 0.1)), nucleus)
    for outline in (patient.sacrum_contour, *(body.contour for body in patient.bodies)):
        _paint(canvas, outline, bright["bone"])
        canvas.line(outline, bright["cortex"] - bright["bone"], width_mm=rng.uniform(0.5, 1.8), closed=True)
    _mottled(canvas, patient, rng)
    return _shown(image, frame, rng)


def _organs(canvas: Canvas, patient: Patient, bright: Tissues, rng: np.random.Generator) -> None:
    """In front of the spine: bowel, vessels, fat and muscle of all sizes, with sharp borders."""
    shape, scale, depth = canvas.frame.shape, canvas.frame.scale, patient.depth
    levels = sum(smooth_noise(rng, shape, grain * scale) * weight for grain, weight in ((7, 0.3), (18, 1.0), (45, 1.0)))
    tissues = rng.permutation([bright[name] for name in ("fat", "muscle", "cortex", "canal", "muscle", "fat")])
    edges = np.sort(rng.normal(0, 1.2, len(tissues) - 1))
    mixed = np.clip(np.asarray(tissues)[np.digitize(np.asarray(levels), edges)] + rng.normal(0, 0.08), 0, 1)
    front = np.array([*(body.corners.superior_anterior for body in patient.bodies[::-1]), patient.sacrum_front[-1]])
    outline = np.concatenate([front - [0.1 * depth, 0], front[::-1] - [rng.uniform(3, 9) * depth, 0]])
    place = np.zeros(shape, np.uint8)
    cv2.fillPoly(place, [np.round(canvas.frame.to_pixels(outline)).astype(np.int32)], 255)
    soft = cv2.GaussianBlur(place, (0, 0), 2 * scale).astype(np.float32) / 255
    canvas.image[:] = canvas.image * (1 - soft) + mixed.astype(np.float32) * soft


def _muscle(canvas: Canvas, patient: Patient, bright: Tissues, rng: np.random.Generator) -> None:
    """Muscle behind the spine with strands of fat along it, and fat between the processes."""
    depth = patient.depth
    for body in patient.bodies:
        middle = body.contour.mean(axis=0) + np.array([rng.uniform(1.0, 1.7), 0.6]) * depth
        between = bright["fat" if rng.random() < 0.5 else "muscle"]
        _paint(canvas, ellipse_contour(middle, (depth * 0.35, depth * 0.3)), between)
        for _ in range(int(rng.integers(2, 14))):
            start = body.contour.mean(axis=0) + np.array([rng.uniform(0.9, 2.4), rng.uniform(-0.5, 0.5)]) * depth
            strand = np.array([start, start + rng.normal([0.1, 0.8], 0.2) * depth])
            contrast = (bright["fat"] - bright["muscle"]) * rng.uniform(0.2, 1)
            canvas.line(strand, contrast, width_mm=rng.uniform(0.5, 2.5), soft_mm=0.4)


def _mottled(canvas: Canvas, patient: Patient, rng: np.random.Generator) -> None:
    """Marrow is no even grey."""
    place = np.zeros(canvas.frame.shape, np.uint8)
    for outline in (patient.sacrum_contour, *(body.contour for body in patient.bodies)):
        cv2.fillPoly(place, [np.round(canvas.frame.to_pixels(outline)).astype(np.int32)], 1)
    grain = smooth_noise(rng, canvas.frame.shape, rng.uniform(1.5, 6) * canvas.frame.scale)
    canvas.image[:] *= 1 + place * grain * np.float32(rng.uniform(0.02, 0.15))


def axial_slice(rng: np.random.Generator, rows: int) -> Image:
    """A transverse slice (rows, columns) in 0..1: an oval trunk with a vertebra, organs and a rim of fat."""
    columns = round(rows * rng.uniform(0.8, 1.3))
    height = rng.uniform(260, 400)
    scale = rows / height
    frame = Frame((rows, columns), scale * np.eye(2), np.array([columns / 2, rows / 2]))
    canvas = Canvas.empty(frame)
    a, b = rng.uniform(120, 190), rng.uniform(90, 140)
    fat, bright = rng.uniform(0.1, 1.0), _contrast(rng)
    _paint(canvas, ellipse_contour([0, 0], (a, b)), fat)
    _paint(canvas, ellipse_contour([0, 0], (a - rng.uniform(5, 40), b - rng.uniform(5, 30))), rng.uniform(0.2, 0.7))
    for _ in range(int(rng.integers(6, 25))):
        where = np.array([rng.uniform(-0.6, 0.6) * a, rng.uniform(-0.6, 0.4) * b])
        size = rng.uniform(8, 45)
        _paint(canvas, ellipse_contour(where, (size, size * rng.uniform(0.4, 1)), rng.uniform(0, 180)), rng.random())
    spine = np.array([0, 0.45 * b])
    for offset, radii in (([0, 0], (24, 17)), ([0, 38], (6, 22)), ([-28, 22], (26, 7)), ([28, 22], (26, 7))):
        _paint(canvas, ellipse_contour(spine + np.array(offset), radii), bright["bone"])
    _paint(canvas, ellipse_contour(spine + np.array([0, 22]), (11, 8)), bright["canal"])
    return _shown(canvas.image, frame, rng)


def _contrast(rng: np.random.Generator) -> Tissues:
    """Brightness of each tissue in one of `SEQUENCES`, more or less; one slice in six has a contrast of chance."""
    if rng.random() < 1 / 6:
        return {tissue: float(rng.uniform(0.05, 1.0)) for tissue in SEQUENCES[0]}
    sequence = SEQUENCES[int(rng.integers(len(SEQUENCES)))]
    return {tissue: float(np.clip(value + rng.normal(0, 0.07), 0, 1)) for tissue, value in sequence.items()}


def _sagittal_frame(patient: Patient, rng: np.random.Generator, rows: int) -> Frame:
    height = rng.uniform(220, 420)
    scale = rows / height
    columns = round(rows * rng.uniform(0.5, 1.1))
    center = patient.bodies[int(rng.integers(1, 5))].contour.mean(axis=0) + rng.normal(0, 20, 2)
    facing = rng.choice([-1.0, 1.0])
    matrix = scale * np.array([[facing, 0.0], [0.0, 1.0]])
    return Frame((rows, columns), matrix, np.array([columns / 2, rows / 2]) - matrix @ center)


def _skin(frame: Frame, patient: Patient, bright: Tissues, rng: np.random.Generator) -> Image:
    """A layer of fat behind and muscle within, air outside."""
    depth = patient.depth
    spine = np.array([body.corners.superior_posterior for body in patient.bodies][::-1])
    canvas = Canvas.empty(frame)
    knots = np.array([spine[0, 1] - 60, spine[2, 1], spine[6, 1], 0.5 * depth, 5 * depth])
    behind = depth * np.array([2.2, 2.2, 2.1, 2.6, 3.2]) * rng.uniform(0.8, 1.4)
    back = np.interp(knots, spine[:, 1], spine[:, 0]) + behind
    front = np.full(5, -depth * rng.uniform(2.5, 9))
    outline = np.concatenate([spline(np.stack([back, knots], 1)), spline(np.stack([front, knots], 1))[::-1]])
    _paint(canvas, outline, bright["fat"])
    _paint(canvas, outline - [depth * rng.uniform(0.2, 1.0), 0], bright["muscle"])
    return canvas.image


def _paint(canvas: Canvas, contour: Points, brightness: float) -> None:
    """Set, not add: a slice shows one tissue at a place."""
    pixels = np.round(canvas.frame.to_pixels(contour)).astype(np.int32)
    cv2.fillPoly(canvas.image, [pixels], brightness)


def _shown(image: Image, frame: Frame, rng: np.random.Generator) -> Image:
    image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.5, 1.6))
    texture = smooth_noise(rng, frame.shape, rng.uniform(1.2, 6)) * np.float32(rng.uniform(0.0, 0.15))
    coil = smooth_noise(rng, frame.shape, frame.shape[0] / 2) * np.float32(rng.uniform(0, 0.2))
    image = image * rng.uniform(0.9, 1.5)
    shown = image * (1 + texture + coil) + rng.standard_normal(frame.shape).astype(np.float32) * rng.uniform(0, 0.03)
    return np.asarray(np.clip(shown, 0, 1) ** rng.uniform(0.7, 1.4), dtype=np.float32)
