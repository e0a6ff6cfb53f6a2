"""What lies in the beam beside the patient and implants: lead markers, clothing, wires, the borders of the field."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from sagittal.simulator.canvas import Canvas, Image, Points, ellipse_contour, spline
from sagittal.simulator.config import SurroundingsConfig
from sagittal.simulator.framing import Framing
from sagittal.simulator.materials import Materials
from sagittal.simulator.patient import Patient
from sagittal.simulator.sampling import uniform

# Lead letters let nothing through: as much titanium, in mm.
LEAD = 25.0


def add_objects(
    materials: Materials, patient: Patient, framing: Framing, config: SurroundingsConfig, rng: np.random.Generator
) -> Materials:
    """The materials with lead markers, buttons, zips and wires in the beam, drawn by their probabilities."""
    soft, metal = Canvas(framing.frame, materials.soft.copy()), Canvas(framing.frame, materials.metal.copy())
    if rng.random() < config.marker_probability:
        _lead_marker(metal.image, framing, rng)
    if rng.random() < config.button_probability:
        _buttons(soft, metal, patient, rng)
    if rng.random() < config.zip_probability:
        _zip(metal, patient, rng)
    if rng.random() < config.wire_probability:
        _wire(metal, patient, rng)
    return replace(materials, soft=soft.image, metal=metal.image)


def _lead_marker(metal: Image, framing: Framing, rng: np.random.Generator) -> None:
    """A letter of lead, now and then in a ring, near an edge; mirrored where the film is mirrored later."""
    scale = framing.frame.scale
    size = max(8, round(rng.uniform(12, 28) * scale))
    plate = np.zeros((2 * size, 2 * size), np.uint8)
    height = cv2.getTextSize("L", cv2.FONT_HERSHEY_SIMPLEX, 1.0, 1)[0][1]
    thickness = max(1, round(rng.uniform(1.5, 3.5) * scale))
    foot = (round(0.6 * size), round(1.5 * size))
    letter = str(rng.choice(["L", "R"]))
    cv2.putText(plate, letter, foot, cv2.FONT_HERSHEY_SIMPLEX, size / height, 255, thickness, cv2.LINE_AA)
    if rng.random() < 0.3:
        cv2.circle(plate, (size, size), size - thickness, 255, thickness, cv2.LINE_AA)
    turn = cv2.getRotationMatrix2D((size, size), float(rng.normal(0, 12)), 1.0)
    plate = np.asarray(cv2.warpAffine(plate, turn, plate.shape[::-1]), dtype=np.uint8)
    if framing.anterior == "right":
        plate = plate[:, ::-1]
    x0, y0, x1, y1 = framing.visible
    aside = rng.uniform(0.0, 0.12) if rng.random() < 0.5 else rng.uniform(0.78, 0.95)
    left, top = x0 + round(aside * (x1 - x0)), y0 + round(rng.uniform(0.02, 0.9) * (y1 - y0))
    region = metal[top : top + 2 * size, left : left + 2 * size]
    region += plate[: region.shape[0], : region.shape[1]] * np.float32(LEAD / 255)


def _buttons(soft: Canvas, metal: Canvas, patient: Patient, rng: np.random.Generator) -> None:
    """A few in a row along the belly or the back, of plastic with holes or of metal."""
    depth = patient.depth
    front = rng.random() < 0.7
    x = -rng.uniform(1.2, 4.0) if front else rng.uniform(0.8, 2.2)
    top, step = rng.uniform(-6.0, 1.0), rng.uniform(1.2, 2.4)
    radius, of_metal = rng.uniform(4.5, 9.0), rng.random() < 0.4
    for number in range(int(rng.integers(1, 5))):
        center = np.array([x + rng.normal(0, 0.15), top + number * step]) * depth
        radii = (radius * rng.uniform(0.25, 1.0), radius)
        if of_metal:
            metal.ellipse(center, radii, rng.uniform(0.6, 2.0))
            metal.line(ellipse_contour(center, radii), rng.uniform(1.0, 3.0), width_mm=1.2, closed=True)
            continue
        soft.ellipse(center, radii, rng.uniform(2.0, 6.0))
        soft.line(ellipse_contour(center, radii), rng.uniform(1.0, 4.0), width_mm=1.2, closed=True)
        for corner in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
            soft.ellipse(center + 0.25 * np.array(radii) * np.array(corner), (0.8, 0.8), -3.0)


def _zip(metal: Canvas, patient: Patient, rng: np.random.Generator) -> None:
    """Two rows of teeth and a pull: a fly in front of the pelvis, or along the back or side."""
    depth = patient.depth
    start = np.array([-rng.uniform(1.5, 4.0), rng.uniform(-1.0, 1.5)]) * depth
    if rng.random() < 0.4:
        start = np.array([rng.uniform(-1.0, 2.0), rng.uniform(-5.0, 0.0)]) * depth
    end = start + np.array([rng.normal(0, 0.5), rng.uniform(2.0, 5.0)]) * depth
    teeth = spline([start, (start + end) / 2 + rng.normal(0, 0.2, 2) * depth, end], int(rng.uniform(30, 60)))
    along = np.gradient(teeth, axis=0)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.linalg.norm(along, axis=1, keepdims=True)
    thickness = rng.uniform(0.5, 1.5)
    for number, (tooth, sideways) in enumerate(zip(teeth, across, strict=True)):
        reach = sideways * (2.2 if number % 2 else -2.2)
        metal.line(np.array([tooth, tooth + reach]), thickness, width_mm=1.0)
    metal.ellipse(teeth[0], (2.5, 6.0), 2.0)


def _wire(metal: Canvas, patient: Patient, rng: np.random.Generator) -> None:
    """A lead of a monitor or an infusion's line across the film."""
    depth = patient.depth
    path: Points = np.array([-rng.uniform(-2.0, 4.0), rng.uniform(-7.0, 3.0)]) * depth
    path = path + np.cumsum(rng.normal(0, 1.6, (5, 2)) * depth, axis=0)
    metal.line(spline(path, 80), rng.uniform(0.4, 1.5), width_mm=rng.uniform(0.8, 1.8))


def collimated(image: Image, framing: Framing, config: SurroundingsConfig, rng: np.random.Generator) -> Image:
    """The film (rows, columns) with the shutters' border: dark or, now and then, bright, its edge a little soft."""
    x0, y0, x1, y1 = framing.visible
    rows, columns = image.shape
    bright = rng.random() < config.bright_border_probability
    border = float(rng.uniform(0.85, 1.0) if bright else rng.uniform(0, 0.06))
    softness = max(uniform(rng, config.border_softness_mm) * framing.frame.scale, 1e-3)

    def inside(count: int, low: int, high: int) -> Image:
        """1 between the shutters, 0 beyond; a film's own edges are no shutters."""
        at = np.arange(count) + 0.5
        below = np.ones(count) if low == 0 else np.clip((at - low) / softness, 0, 1)
        above = np.ones(count) if high == count else np.clip((high - at) / softness, 0, 1)
        return np.asarray(np.minimum(below, above), dtype=np.float32)

    shown = inside(rows, y0, y1)[:, None] * inside(columns, x0, x1)[None]
    return np.asarray(border + (image - border) * shown, dtype=np.float32)
