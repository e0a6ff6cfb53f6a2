"""Draws spinal instrumentation: pedicle screws, rods, cages, cement."""

from __future__ import annotations

import numpy as np

from sagittal.simulator.canvas import Canvas, Points, spline
from sagittal.simulator.config import ImplantsConfig
from sagittal.simulator.patient import Patient, direction


def draw_implants(canvas: Canvas, patient: Patient, config: ImplantsConfig, rng: np.random.Generator) -> None:
    """Instrument two to five neighbouring levels, S1 often among them."""
    first = int(rng.choice([-1, -1, -1, 0, 0, 1, 2]))
    levels = range(first, first + int(rng.integers(2, 5)))
    metal = rng.uniform(0.5, 1.8)
    for _ in range(2):
        heads = [_screw(canvas, patient, level, metal, rng) for level in levels]
        if rng.random() < config.rod_probability:
            rod = spline([heads[0] + (heads[0] - heads[1]) * 0.2, *heads, heads[-1] + (heads[-1] - heads[-2]) * 0.2])
            canvas.line(rod, metal * rng.uniform(0.6, 1.0), width_mm=rng.uniform(4.5, 6.5), soft_mm=0.2)
    for level in list(levels)[1:]:
        if rng.random() < config.cage_probability:
            _cage(canvas, patient, level, rng)
    if rng.random() < 0.1:
        body = patient.bodies[int(rng.integers(0, 6))]
        for _ in range(6):
            where = body.contour.mean(axis=0) + rng.normal(0, 0.14 * patient.depth, 2)
            canvas.ellipse(where, tuple(patient.depth * rng.uniform(0.05, 0.16, 2)), rng.uniform(0.1, 0.5), soft_mm=0.8)


def _screw(canvas: Canvas, patient: Patient, level: int, metal: float, rng: np.random.Generator) -> Points:
    """One pedicle screw with threads into a body (-1: S1); returns its head's centre."""
    depth = patient.depth
    if level < 0:
        axis = direction(patient.sacral_slope - rng.uniform(0, 25))
        posterior = np.array(patient.s1.posterior)
        entry = posterior + np.array([0.25, 0.3]) * depth + rng.normal(0, 0.05 * depth, 2)
        tip = np.array(patient.s1.anterior) * rng.uniform(0.2, 0.8) + np.array([0, 0.25 * depth])
    else:
        c = patient.bodies[level].corners
        upper, lower = np.array(c.superior_posterior), np.array(c.inferior_posterior)
        axis = upper - np.array(c.superior_anterior)
        axis = axis / np.linalg.norm(axis)
        wall = upper + (lower - upper) * rng.uniform(0.22, 0.45)
        entry = wall + axis * rng.uniform(0.35, 0.55) * depth
        tip = wall - axis * rng.uniform(0.45, 0.85) * depth + (lower - upper) * rng.uniform(-0.1, 0.2)
    length = float(np.linalg.norm(tip - entry))
    width = rng.uniform(4.5, 6.5)
    canvas.line(np.array([entry, tip]), metal * 0.8, width_mm=width * 0.75, soft_mm=0.2)
    along = (tip - entry) / length
    across = np.array([-along[1], along[0]]) * width / 2
    for position in np.arange(length * 0.15, length, 2.6):
        middle = entry + along * position
        canvas.line(np.array([middle - across, middle + across]), metal * 0.4, width_mm=1.2)
    head = entry - along * width
    canvas.line(
        np.array([entry, head - along * width * 0.6]), metal * rng.uniform(0.7, 1.2), width_mm=width * 2, soft_mm=0.2
    )
    return head


def _cage(canvas: Canvas, patient: Patient, level: int, rng: np.random.Generator) -> None:
    """An interbody cage in the disc below a body: metal, or invisible but for its marker pins."""
    c = patient.bodies[level].corners if level >= 0 else patient.bodies[0].corners
    below = patient.bodies[level - 1].corners.superior if level >= 1 else patient.s1
    upper = np.array([c.inferior_anterior, c.inferior_posterior])
    lower = np.array([below.anterior, below.posterior])
    front, back = rng.uniform(0.1, 0.35), rng.uniform(0.6, 0.9)
    corners = np.stack(
        [
            upper[0] + (upper[1] - upper[0]) * front,
            upper[0] + (upper[1] - upper[0]) * back,
            lower[0] + (lower[1] - lower[0]) * back,
            lower[0] + (lower[1] - lower[0]) * front,
        ]
    )
    if rng.random() < 0.45:
        canvas.fill(corners, rng.uniform(0.15, 0.8), soft_mm=0.4)
    for pair in ((0, 3), (1, 2)):
        canvas.line(corners[list(pair)], rng.uniform(0.2, 0.9), width_mm=rng.uniform(0.7, 1.4))
