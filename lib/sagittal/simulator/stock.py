"""Patients kept in stock: what their bones and soft tissue do to the rays, for many films each."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from sagittal.simulator.canvas import Frame, Image
from sagittal.simulator.config import SimulatorConfig
from sagittal.simulator.film import FilmDraw, SimulatedFilm, finish_film
from sagittal.simulator.framing import frame_patient
from sagittal.simulator.materials import Materials, draw_pose, render_tissue, with_implants
from sagittal.simulator.patient import Patient, sample_patient
from sagittal.simulator.skeleton import Pose

# What a film can show of a patient, in body depths from the S1 midpoint: left, top, right, bottom.
REACH = (-7.0, -11.0, 6.0, 7.0)
PIXELS_PER_DEPTH = 40
Half = npt.NDArray[np.float16]


@dataclass(frozen=True, eq=False)
class StockPatient:
    """A patient without metal: `soft` and `bone` (rows, columns) mm along each ray on `frame`."""

    patient: Patient
    pose: Pose
    frame: Frame
    soft: Half
    bone: Half


def stock_patient(config: SimulatorConfig, rng: np.random.Generator) -> StockPatient:
    """Draw a patient and project bones and soft tissue, once for many films."""
    patient = sample_patient(config.anatomy, rng)
    pose = draw_pose(patient, config.projection, rng)
    left, top, right, bottom = REACH
    shape = (round((bottom - top) * PIXELS_PER_DEPTH), round((right - left) * PIXELS_PER_DEPTH))
    origin = np.array([-left * PIXELS_PER_DEPTH, -top * PIXELS_PER_DEPTH], dtype=np.float64)
    frame = Frame(shape, np.eye(2) * PIXELS_PER_DEPTH / patient.depth, origin)
    clean = render_tissue(patient, frame, pose, config, rng)
    return StockPatient(patient, pose, frame, clean.soft.astype(np.float16), clean.bone.astype(np.float16))


def film_of(
    stock: StockPatient, config: SimulatorConfig, rng: np.random.Generator, *, rows: int, seed: int = 0
) -> SimulatedFilm:
    """A new film, `rows` pixels high, of a patient in stock: framing, implants, exposure and display are drawn anew.

    `seed` names the film.
    """
    framing = frame_patient(stock.patient, config.framing, rng, rows=rows)
    draw = FilmDraw(stock.patient, framing, rng.random() < config.implants.probability)
    materials = _reframed(stock, framing.frame)
    if draw.instrumented:
        materials = with_implants(materials, stock.patient, framing.frame, stock.pose, config, rng)
    return finish_film(draw, materials, config, rng, seed)


def _reframed(stock: StockPatient, frame: Frame) -> Materials:
    """The maps on a film's frame; beyond them there is air."""
    back = np.linalg.inv(frame.matrix)
    matrix = stock.frame.matrix @ back
    move = np.concatenate([matrix, (stock.frame.offset - matrix @ frame.offset)[:, None]], axis=1)

    def resampled(image: Half) -> Image:
        rows, columns = frame.shape
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpAffine(image.astype(np.float32), move, (columns, rows), flags=flags), np.float32)

    soft = resampled(stock.soft)
    return Materials(soft, resampled(stock.bone), np.zeros_like(soft))
