"""Draws what is not bone: the trunk, air behind the back, lung, bowel gas, vessels."""

from __future__ import annotations

import numpy as np

from sagittal.simulator.canvas import Canvas, Image, ellipse_contour, smooth_noise, spline
from sagittal.simulator.patient import Patient


def draw_tissue(canvas: Canvas, patient: Patient, rng: np.random.Generator, *, gas: float) -> Image:
    """Add the soft tissue; returns the trunk's share (rows, columns) 0..1 of full thickness, 0 in the air."""
    trunk = _trunk(canvas, patient, rng)
    canvas.image[:] += trunk
    texture = smooth_noise(rng, canvas.frame.shape, 14 * canvas.frame.scale) * rng.uniform(0.005, 0.03)
    texture += smooth_noise(rng, canvas.frame.shape, 60 * canvas.frame.scale) * rng.uniform(0.01, 0.06)
    canvas.image[:] += texture * trunk
    _lung(canvas, patient, rng)
    _bowel_gas(canvas, patient, rng, gas)
    _vessels(canvas, patient, rng)
    np.maximum(canvas.image, 0, out=canvas.image)
    return trunk


def _trunk(canvas: Canvas, patient: Patient, rng: np.random.Generator) -> Image:
    depth = patient.depth
    rows, columns = canvas.frame.shape
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    inverse = np.linalg.inv(canvas.frame.matrix).astype(np.float32)
    dx, dy = x - np.float32(canvas.frame.offset[0]), y - np.float32(canvas.frame.offset[1])
    x_mm, y_mm = inverse[0, 0] * dx + inverse[0, 1] * dy, inverse[1, 0] * dx + inverse[1, 1] * dy
    spine_y = np.array([body.corners.superior_posterior[1] for body in patient.bodies][::-1])
    spine_x = np.array([body.corners.superior_posterior[0] for body in patient.bodies][::-1])
    # The skin follows the spine behind, with the hollow of the back at L4 and the buttocks below S1.
    knots_y = np.array([spine_y[0] - 50, spine_y[2], spine_y[5], -depth * 0.8, depth * 1.2, depth * 3, depth * 6])
    behind = depth * np.array([2.0, 2.0, 2.0, 1.9, 2.6, 3.2, 3.0]) * rng.uniform(0.8, 1.5) * rng.uniform(0.9, 1.1, 7)
    base_x = np.interp(knots_y, spine_y, spine_x)
    curve = spline(np.stack([base_x + behind, knots_y], axis=1), 120)
    skin = np.interp(y_mm, curve[:, 1], curve[:, 0]).astype(np.float32)
    t = np.clip((skin - x_mm) / (depth * rng.uniform(2.0, 4.5)), 0, 1)
    thickness = np.sqrt(t * (2 - t))
    if rng.random() < 0.25:
        belly = -depth * rng.uniform(3.0, 5.5)
        front = np.clip((x_mm - belly) / (depth * rng.uniform(1.0, 2.0)), 0, 1)
        thickness *= np.sqrt(front * (2 - front))
    # The pelvis is wider than the waist.
    swell = rng.uniform(0.0, 0.4) / (
        1 + np.exp(-(y_mm - depth * rng.uniform(-0.6, 0.6)) / (depth * rng.uniform(0.2, 0.8)))
    )
    slope = 1 + (x_mm / (10 * depth)) * rng.uniform(-0.5, 0.5) + (y_mm / (12 * depth)) * rng.uniform(-0.3, 0.3)
    return (thickness * (1 + swell) * slope).astype(np.float32)


def _lung(canvas: Canvas, patient: Patient, rng: np.random.Generator) -> None:
    """The dark wedge of the posterior costophrenic recess and, often, lung over the uppermost bodies."""
    if rng.random() < 0.15:
        return
    depth = patient.depth
    level = patient.bodies[int(rng.integers(5, 8))].corners.superior_posterior
    low = np.array(level) + np.array([rng.uniform(0.0, 1.0), rng.uniform(-0.3, 1.3)]) * depth
    dome = low + np.array([-rng.uniform(3.0, 8.0), -rng.uniform(1.2, 3.0)]) * depth
    diaphragm = spline(
        [low + np.array([0.6, -1.2]) * depth, low, (low + dome) / 2 + np.array([0.2, -0.3]) * depth, dome]
    )
    top = np.array([[dome[0], dome[1] - 6 * depth], [low[0] + rng.uniform(0.6, 1.6) * depth, low[1] - 8 * depth]])
    value = -rng.uniform(0.08, 0.45)
    canvas.fill(np.concatenate([diaphragm, top]), value, soft_mm=rng.uniform(0.5, 2.0))
    for _ in range(int(rng.integers(0, 8))):
        start = low + np.array([-rng.uniform(-0.5, 3.5), -rng.uniform(0.8, 4.0)]) * depth
        end = start + rng.normal(0, 1.0, 2) * depth
        canvas.line(np.array([start, end]), rng.uniform(0.01, 0.05), width_mm=rng.uniform(1.5, 4), soft_mm=0.8)


def _bowel_gas(canvas: Canvas, patient: Patient, rng: np.random.Generator, amount: float) -> None:
    depth = patient.depth
    for _ in range(int(rng.poisson(4 * amount))):
        center = np.array([-rng.uniform(0.9, 4.5), rng.uniform(-6.5, 2.0)]) * depth
        if rng.random() < 0.25:
            center = np.array([rng.uniform(-2.0, 1.5), rng.uniform(-0.5, 3.5)]) * depth
        spread = depth * rng.uniform(0.2, 0.9)
        for _ in range(int(rng.integers(2, 22))):
            size = depth * rng.uniform(0.05, 0.32)
            value = -rng.uniform(0.02, 0.14)
            where = center + rng.normal(0, 1, 2) * spread
            radii = (size, size * rng.uniform(0.5, 1.0))
            canvas.ellipse(where, radii, value, angle=rng.uniform(0, 180), soft_mm=rng.uniform(0.5, 2.5))
    if rng.random() < 0.4 * amount:
        center = np.array([-rng.uniform(1.2, 3.0), rng.uniform(-5.5, 1.5)]) * depth
        radii = (depth * rng.uniform(0.4, 0.9), depth * rng.uniform(0.4, 0.9))
        canvas.ellipse(center, radii, -rng.uniform(0.08, 0.3), angle=rng.uniform(0, 180), soft_mm=1.0)


def _vessels(canvas: Canvas, patient: Patient, rng: np.random.Generator) -> None:
    """A calcified aorta in front of the spine, and skin folds."""
    depth = patient.depth
    if rng.random() < 0.15:
        path = [
            np.array(b.corners.superior_anterior) - np.array([rng.uniform(0.2, 0.5) * depth, 0])
            for b in patient.bodies[1:6]
        ]
        wall = spline(path, 80)
        for part in np.array_split(wall, 12):
            if rng.random() < 0.5 and len(part) > 1:
                canvas.line(part, rng.uniform(0.02, 0.1), width_mm=rng.uniform(0.6, 1.8), soft_mm=0.4)
    for _ in range(int(rng.integers(0, 3))):
        start = np.array([rng.uniform(0.5, 2.5), rng.uniform(-2, 4)]) * depth
        fold = spline([start, start + rng.normal(0, 1, 2) * depth, start + rng.normal(0, 2, 2) * depth])
        canvas.line(fold, rng.uniform(0.01, 0.06), width_mm=rng.uniform(0.5, 2.0), soft_mm=0.6)
    if rng.random() < 0.1:
        ring = ellipse_contour(np.array([-rng.uniform(1, 3), rng.uniform(-4, 2)]) * depth, (4.0, 4.0))
        canvas.line(ring, rng.uniform(0.1, 0.6), width_mm=1.0, closed=True)
