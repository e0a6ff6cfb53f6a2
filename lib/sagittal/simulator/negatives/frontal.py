"""The simulator's own patients seen from the front: lumbar films, hips, the lower chest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from sagittal.simulator.canvas import SUBPIXEL_BITS, Canvas, Frame, Image, smooth_noise, spline
from sagittal.simulator.config import SimulatorConfig
from sagittal.simulator.exposure import expose
from sagittal.simulator.instrumentation import project_implants
from sagittal.simulator.materials import Materials
from sagittal.simulator.patient import Patient, sample_patient
from sagittal.simulator.projection import Projector
from sagittal.simulator.projection.solid import Solid, Tube
from sagittal.simulator.skeleton import pose_of, project_skeleton

Points = npt.NDArray[np.float64]
# The upright grid of bone, in mm of the patient: from below the shoulders to below the hips, and as far to each side.
TOP, BOTTOM, SIDE, CELL = -420.0, 260.0, 220.0, 0.7
# How far to the side the blade of an ilium runs, in mm.
SHEET = 75.0
# How much longer than across them rays from the front run through ridges and ribs.
ALONG = 3.0


@dataclass(frozen=True)
class _Collector(Projector):
    """Keeps the bones of a patient instead of projecting them from the side."""

    bones: list[Solid | Tube] = field(default_factory=list)

    def add(self, bones: Iterable[Solid | Tube]) -> None:
        self.bones.extend(bones)


def frontal_film(config: SimulatorConfig, rng: np.random.Generator, rows: int) -> Image:
    """A film (rows, columns) in 0..1 of a patient turned by a quarter: somewhere between the lower chest and the hips.

    The rays are parallel and run from front to back. Half of the films show the lumbar spine in their middle, as
    frontal lumbar films do.
    """
    patient = sample_patient(config.anatomy, rng)
    frame = _frame(patient, rng, rows)
    aim = np.mean([body.contour.mean(axis=0) for body in patient.bodies[1:4]], axis=0)
    pose = pose_of(patient, aim)
    nowhere = np.zeros((1, 1), np.float32)
    bone, metal = (_Collector(frame, pose.beam, nowhere) for _ in range(2))
    project_skeleton(bone, patient, pose, config.tissue, rng)
    if rng.random() < config.implants.probability:
        project_implants(metal, bone, patient, pose, config.implants, rng)
    soft = _trunk(frame, patient, rng)
    length = _frontal(bone.bones, frame)
    length = np.maximum(length * (1 + smooth_noise(rng, frame.shape, frame.scale) * np.float32(0.05)), 0)
    inside = np.minimum(soft / 40, 1).astype(np.float32)
    rest = np.where(soft > 0, np.maximum(soft - np.float32(0.5) * length, 0), 0).astype(np.float32)
    return expose(Materials(rest, length * inside, _frontal(metal.bones, frame)), frame.scale, config.exposure, rng)


def _frame(patient: Patient, rng: np.random.Generator, rows: int) -> Frame:
    """z to the right, y down."""
    heads = float(np.mean([head.center[1] for head in patient.heads]))
    top = float(patient.bodies[-1].contour[:, 1].min())
    lumbar = float(np.mean([body.contour[:, 1].mean() for body in patient.bodies[:5]]))
    is_lumbar = rng.random() < 0.7
    middle = lumbar + rng.uniform(-20, 60) if is_lumbar else rng.uniform(top + 60, heads + 40)
    height = rng.uniform(280, 540) if is_lumbar else rng.uniform(160, 420)
    scale = rows / height
    columns = round(rows * rng.uniform(0.5, 1.1))
    across = 0.0 if is_lumbar else rng.choice([0.0, 0.0, -88.0, 88.0])
    turn = np.radians(rng.normal(0, 4))
    matrix = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    center = np.array([across + rng.normal(0, 15), middle])
    return Frame((rows, columns), matrix, np.array([columns / 2, rows / 2]) - matrix @ center)


def _frontal(bones: list[Solid | Tube], frame: Frame) -> Image:
    """mm (rows, columns) of bone along the rays: worked out on a grid of CELL mm that stands upright, then turned."""
    grid = np.zeros((round((BOTTOM - TOP) / CELL), round(2 * SIDE / CELL)), np.float32)
    for bone in bones:
        if isinstance(bone, Solid):
            _add_solid(grid, bone)
        else:
            _add_tube(grid, bone)
    to_frame = np.column_stack((frame.matrix * CELL, frame.to_pixels([-SIDE, TOP])))
    rows, columns = frame.shape
    return np.asarray(cv2.warpAffine(cv2.GaussianBlur(grid, (0, 0), 0.8), to_frame, (columns, rows)))


def _add_solid(grid: Image, solid: Solid) -> None:
    """Each section is a slab seen from its edge: at every height as deep as its outline is broad there."""
    low, high = solid.sections[..., 1].min(), solid.sections[..., 1].max()
    first, last = max(0, int((low - TOP) / CELL)), min(len(grid), int((high - TOP) / CELL) + 1)
    if first >= last:
        return
    heights = TOP + CELL * (np.arange(first, last) + 0.5)
    depth = _breadth(solid.sections, heights)
    depth = (
        depth + (solid.trabecular - 1) * _breadth(solid.hollow, heights)
        if solid.cortex > 0
        else depth * solid.trabecular
    )
    # A sheet of one section (the blade of the ilium) in truth runs obliquely through a range of depths.
    breadth = SHEET if len(solid.z) == 1 else solid.slab
    for z, column in zip(solid.z, depth.astype(np.float32), strict=True):
        left, right = (z - breadth / 2 + SIDE) / CELL, (z + breadth / 2 + SIDE) / CELL
        for cell in range(max(0, int(left)), min(grid.shape[1], int(right) + 1)):
            share = (min(right, cell + 1) - max(left, cell)) * solid.slab / breadth
            grid[first:last, cell] += np.float32(share) * column


def _breadth(outlines: Points, heights: Points) -> Points:
    """How broad (x) each closed outline (K, N, 2) is at every height (H,), from its outermost crossings: (K, H)."""
    x0, y0 = outlines[:, None, :, 0], outlines[:, None, :, 1]
    following = np.roll(outlines, -1, axis=1)
    x1, y1 = following[:, None, :, 0], following[:, None, :, 1]
    level = heights[None, :, None]
    crosses = (y0 <= level) != (y1 <= level)
    x = x0 + (level - y0) / np.where(y1 == y0, 1, y1 - y0) * (x1 - x0)
    low, high = np.where(crosses, x, np.inf).min(axis=2), np.where(crosses, x, -np.inf).max(axis=2)
    return np.where(np.isfinite(low), high - low, 0.0)


def _add_tube(grid: Image, tube: Tube) -> None:
    points = np.column_stack((tube.z + SIDE, tube.points[:, 1] - TOP)) / CELL
    layer = np.zeros(grid.shape, np.uint8)
    fixed = np.round(points * (1 << SUBPIXEL_BITS)).astype(np.int32)
    # Ridges that face a side film run along the rays of a frontal one, and show the more.
    for width, share in ((2 * tube.radius, 2 * tube.cortex), (1.4 * tube.radius, tube.radius * tube.trabecular)):
        mm = ALONG * share
        layer[:] = 0
        cv2.polylines(layer, [fixed], False, 255, max(1, round(width / CELL)), cv2.LINE_AA, SUBPIXEL_BITS)
        cv2.scaleAdd(layer.astype(np.float32), mm / 255, grid, grid)


def _trunk(frame: Frame, patient: Patient, rng: np.random.Generator) -> Image:
    """Water-equivalent mm: an oval body with a waist, lungs above, gas, fat; air on both sides where it is narrow."""
    rows, columns = frame.shape
    y, x = np.mgrid[0:rows, 0:columns]
    place = frame.to_mm(np.column_stack((x.ravel(), y.ravel()))).reshape(rows, columns, 2)
    z, height = place[..., 0], place[..., 1]
    half = rng.uniform(130, 210) * (1 - rng.uniform(0.0, 0.2) * np.exp(-(((height + 90) / 90) ** 2)))
    share = np.sqrt(np.clip(1 - (z / half) ** 2, 0, 1)).astype(np.float32)
    full = float(rng.uniform(160, 300))
    canvas = Canvas(frame, share * np.float32(full))
    for grain, spread in ((3.0, 1.5), (12.0, 6.0), (50.0, 15.0)):
        noise = smooth_noise(rng, frame.shape, grain * frame.scale)
        canvas.image[:] += noise * np.float32(rng.uniform(0, spread)) * share
    dome = patient.bodies[6].contour[:, 1].mean() + rng.uniform(-40, 30)
    for side in (-1, 1):
        low = dome + rng.uniform(-10, 15)
        lung = spline(
            [
                [side * 25, low],
                [side * 70, low - 25],
                [side * 120, low + 20],
                [side * 125, low - 300],
                [side * 30, low - 300],
            ]
        )
        canvas.fill(lung, -full * rng.uniform(0.3, 0.6), soft_mm=1.5)
    for _ in range(int(rng.poisson(9))):
        where = np.array([rng.uniform(-110, 110), rng.uniform(-190, 110)])
        for _ in range(int(rng.integers(2, 12))):
            size = rng.uniform(4, 16)
            spot = where + rng.normal(0, 14, 2)
            canvas.ellipse(spot, (size, size * rng.uniform(0.5, 1)), -size * rng.uniform(0.6, 1.6), soft_mm=1.0)
    return np.asarray(np.clip(canvas.image, 0, None) * (share > 0.002))
