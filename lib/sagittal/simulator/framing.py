"""How the technician framed the patient: magnification, position, rotation, collimation, facing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sagittal.anatomy.landmarks import Point, Side
from sagittal.simulator.canvas import Frame
from sagittal.simulator.config import FramingConfig
from sagittal.simulator.patient import LUMBAR, Patient
from sagittal.simulator.sampling import truncated_normal, uniform


@dataclass(frozen=True)
class Framing:
    """The film's frame for a patient who faces left; `visible` is (x0, y0, x1, y1) of the collimation in pixels."""

    frame: Frame
    visible: tuple[int, int, int, int]
    anterior: Side
    spacing_known: bool

    def shows(self, point: Point) -> bool:
        """Whether a point (x, y) in pixels lies inside the collimation."""
        x0, y0, x1, y1 = self.visible
        return x0 <= point[0] <= x1 - 1 and y0 <= point[1] <= y1 - 1


def frame_patient(
    patient: Patient,
    config: FramingConfig,
    rng: np.random.Generator,
    *,
    rows: int | None = None,
    pixel_mm: float | None = None,
) -> Framing:
    """Draw a framing that shows L1 to S1; the heads may be cut by the lower edge or missing.

    `rows` or `pixel_mm` sets the film's size; by default the configuration does.
    """
    turn = np.radians(truncated_normal(rng, config.rotation))
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    top, bottom, middle = _vertical_extent(patient, rotation, config, rng)
    drawn = round(uniform(rng, config.rows))
    shape_rows = rows or (round((bottom - top) / pixel_mm) if pixel_mm else drawn)
    left, right = _lumbar_breadth(patient, rotation)
    breadth = shape_rows * (right - left) / (bottom - top)
    # Wide enough for L1 to S1 with a margin, also inside a collimated border.
    columns = round(max(shape_rows * uniform(rng, config.aspect), breadth * 1.35))
    border = _collimation(config, rng, shape_rows, columns)
    x0, y0, x1, y1 = border
    scale = (y1 - y0) / (bottom - top)
    margin = 0.03 * (x1 - x0)
    column = x0 + (x1 - x0) * uniform(rng, config.s1_column) - middle * scale
    column = float(np.clip(column, x0 + margin - left * scale, x1 - margin - right * scale))
    offset = np.array([column, y0 - top * scale])
    return Framing(
        frame=Frame((shape_rows, columns), rotation * scale, offset),
        visible=border,
        anterior="right" if rng.random() < config.faces_right_probability else "left",
        spacing_known=rng.random() < config.spacing_probability,
    )


def _vertical_extent(
    patient: Patient, rotation: npt.NDArray[np.float64], config: FramingConfig, rng: np.random.Generator
) -> tuple[float, float, float]:
    """Top and bottom of the film, and the column to centre on, in mm of the rotated patient."""
    lumbar = np.array([body.contour.mean(axis=0) for body in patient.bodies if body.name in LUMBAR]) @ rotation.T
    first = next(body for body in patient.bodies if body.name == "L1")
    chain_top = float((first.contour @ rotation.T)[:, 1].min())
    s1 = (np.array([patient.s1.anterior, patient.s1.posterior]) @ rotation.T)[:, 1]
    heads = np.array([head.center for head in patient.heads]) @ rotation.T
    radii = np.array([head.radius for head in patient.heads])
    height = -chain_top / uniform(rng, config.chain_fraction)
    bottom = height * (1 - uniform(rng, config.s1_row))
    draw = rng.random()
    highest = float((heads[:, 1] - radii).min())
    if draw < config.heads_missing_probability:
        bottom = highest - rng.uniform(0, 0.6) * patient.depth
    elif draw < config.heads_missing_probability + config.heads_cut_probability:
        bottom = float(heads[:, 1].mean()) + rng.uniform(-0.6, 0.9) * float(radii.mean())
    bottom = max(bottom, float(s1.max()) + 0.8 * patient.depth)
    # The uppermost body drawn is cut by the film's edge: the spine does not end on it.
    spine_top = float((patient.bodies[-1].contour @ rotation.T)[:, 1].mean())
    top = max(min(bottom - height, chain_top - rng.uniform(0.15, 0.8) * patient.depth), spine_top)
    return top, bottom, float(lumbar[:, 0].mean()) * 0.5


def _lumbar_breadth(patient: Patient, rotation: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Leftmost and rightmost x in mm of the rotated patient's L1 to S1."""
    contours = [body.contour for body in patient.bodies if body.name in LUMBAR]
    x = (np.concatenate([*contours, [patient.s1.anterior, patient.s1.posterior]]) @ rotation.T)[:, 0]
    return float(x.min()), float(x.max())


def _collimation(config: FramingConfig, rng: np.random.Generator, rows: int, columns: int) -> tuple[int, int, int, int]:
    if rng.random() >= config.letterbox_probability:
        return 0, 0, columns, rows
    x0, x1 = (round(columns * share) for share in (rng.uniform(0, 0.08), rng.uniform(0.92, 1)))
    y0, y1 = (round(rows * share) for share in (rng.uniform(0, 0.15), rng.uniform(0.85, 1)))
    return x0, y0, x1, y1
