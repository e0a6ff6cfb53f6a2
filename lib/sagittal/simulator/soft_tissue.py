"""Path lengths through what is not bone: trunk, fat and muscle, lung, bowel gas and its contents, skin folds."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from sagittal.simulator.canvas import Canvas, Frame, Image, Points, ellipse_contour, smooth_noise, spline, stretch_of
from sagittal.simulator.config import TissueConfig
from sagittal.simulator.patient import Patient
from sagittal.simulator.sampling import uniform

# The trunk is smooth: it is worked out on every fourth pixel.
COARSE = 4


@dataclass(frozen=True)
class _Trunk:
    """`share` (rows, columns) 0..1 of the full thickness, 0 in the air; `full_mm` that thickness; `skin` (N, 2) the
    border behind in mm, from head to foot."""

    share: Image
    full_mm: float
    skin: Points


def soft_tissue(frame: Frame, patient: Patient, tissue: TissueConfig, rng: np.random.Generator) -> Image:
    """Water-equivalent mm (rows, columns) float32 along each ray; 0 in the air outside the body."""
    # A set that was frozen before there were contents or layers draws no number for them.
    contents = uniform(rng, tissue.contents) if tissue.contents[1] > 0 else 0.0
    gas = uniform(rng, tissue.gas)
    trunk = _trunk(frame, patient, tissue, rng)
    canvas = Canvas(frame, trunk.share * np.float32(trunk.full_mm))
    _texture(canvas, trunk, rng)
    if tissue.layers[1] > 0:
        _layers(canvas, trunk.skin, patient.depth, uniform(rng, tissue.layers), rng)
    _lung(canvas, patient, trunk.full_mm, rng)
    _bowel(canvas, patient, gas, rng)
    _rectum(canvas, patient, gas, rng)
    _contents(canvas, patient, contents, rng)
    _folds(canvas, patient, rng)
    # Gas never takes away more than is there.
    return np.asarray(np.clip(canvas.image, 0, None) * (trunk.share > 0.002))


def _trunk(frame: Frame, patient: Patient, tissue: TissueConfig, rng: np.random.Generator) -> _Trunk:
    depth = patient.depth
    x_mm, y_mm = _coarse_mm(frame)
    spine = np.array([body.corners.superior_posterior for body in patient.bodies][::-1])
    # The skin follows the spine behind, with the hollow of the back at L4 and the buttocks below S1.
    knots_y = np.array([spine[0, 1] - 50, spine[2, 1], spine[5, 1], -depth * 0.8, depth * 1.2, depth * 3, depth * 6])
    behind = (
        depth
        * np.array([2.0, 2.0, 2.0, 1.9, 2.6, 3.2, 3.0])
        * uniform(rng, tissue.skin_behind)
        * rng.uniform(0.9, 1.1, 7)
    )
    curve = spline(np.stack([np.interp(knots_y, spine[:, 1], spine[:, 0]) + behind, knots_y], axis=1), 120)
    skin = np.interp(y_mm, curve[:, 1], curve[:, 0])
    # Two sides: the buttocks end at two lines where the patient stands turned.
    apart = depth * rng.uniform(0, 0.6) * np.clip(y_mm / depth, 0, 1)
    reach = depth * uniform(rng, tissue.skin_reach)
    near, far = (np.clip((skin + shift - x_mm) / reach, 0, 1) for shift in (0.0, -apart))
    share = (np.sqrt(near * (2 - near)) + np.sqrt(far * (2 - far))) / 2
    if rng.random() < 0.3:
        belly = -depth * (rng.uniform(3.0, 5.5) + 0.5 * np.sin(y_mm / depth / rng.uniform(2, 4) + rng.uniform(0, 6)))
        front = np.clip((x_mm - belly) / (depth * rng.uniform(1.0, 2.0)), 0, 1)
        share = share * np.sqrt(front * (2 - front))
    # The pelvis is broader than the waist, the shoulders are broad again.
    swell = rng.uniform(0.0, 0.45) / (
        1 + np.exp(-(y_mm - depth * rng.uniform(-1.0, 0.8)) / (depth * rng.uniform(0.2, 1.0)))
    )
    chest = rng.uniform(0.0, 0.25) * np.clip((spine[4, 1] - y_mm) / (6 * depth), 0, 1)
    slope = 1 + x_mm / (10 * depth) * rng.uniform(-0.5, 0.5) + y_mm / (12 * depth) * rng.uniform(-0.3, 0.3)
    share = (share * (1 + swell + chest) * np.maximum(slope, 0.3)).astype(np.float32)
    fine = cv2.resize(share, frame.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return _Trunk(fine, float(np.clip(rng.normal(290, 45), 200, 430)), curve)


def _coarse_mm(frame: Frame) -> tuple[Points, Points]:
    rows, columns = (int(np.ceil(n / COARSE)) for n in frame.shape)
    y, x = np.mgrid[0:rows, 0:columns] * float(COARSE) + (COARSE - 1) / 2
    inverse = np.linalg.inv(frame.matrix)
    dx, dy = x - frame.offset[0], y - frame.offset[1]
    return inverse[0, 0] * dx + inverse[0, 1] * dy, inverse[1, 0] * dx + inverse[1, 1] * dy


def _texture(canvas: Canvas, trunk: _Trunk, rng: np.random.Generator) -> None:
    """Fat between muscles and organs of many sizes."""
    scale = canvas.frame.scale
    for grain_mm, spread_mm in ((3.0, rng.uniform(0.0, 1.5)), (12.0, rng.uniform(1, 6)), (50.0, rng.uniform(3, 18))):
        canvas.image[:] += smooth_noise(rng, canvas.frame.shape, grain_mm * scale) * np.float32(spread_mm) * trunk.share


def _layers(canvas: Canvas, skin: Points, depth: float, amount: float, rng: np.random.Generator) -> None:
    """Fat under the skin of the back, fasciae and stripes of muscle along it, creases across it."""
    fat = depth * rng.uniform(0.15, 0.9)
    canvas.line(skin - (fat / 2, 0), -amount * rng.uniform(0, 14), width_mm=fat, soft_mm=rng.uniform(0.8, 3.0))
    for _ in range(int(rng.poisson(7 * amount))):
        inward = depth * rng.uniform(0.1, 1.8) * np.linspace(1, rng.uniform(0.6, 1.4), len(skin))
        line = stretch_of(skin - np.stack([inward, np.zeros_like(inward)], axis=1), rng)
        canvas.line(line, rng.normal(0, 5), width_mm=rng.uniform(0.6, 9.0), soft_mm=rng.uniform(0.4, 2.5))
    for _ in range(int(rng.poisson(0.3 * amount))):
        start = skin[int(rng.integers(30, 90))]
        along = -depth * np.array([rng.uniform(0.5, 2.0), rng.uniform(-0.4, 0.4)])
        crease = spline([start, start + along / 2 + rng.normal(0, 0.05, 2) * depth, start + along])
        canvas.line(crease, -rng.uniform(4, 30), width_mm=rng.uniform(1.0, 7.0), soft_mm=rng.uniform(0.5, 3.0))


def _lung(canvas: Canvas, patient: Patient, full_mm: float, rng: np.random.Generator) -> None:
    """Both lungs above their domes of the diaphragm, with the recess behind and vessels in them."""
    if rng.random() < 0.15:
        return
    depth = patient.depth
    for _ in range(2):
        level = patient.bodies[int(rng.integers(5, 8))].corners.superior_posterior
        low = np.array(level) + np.array([rng.uniform(0.0, 1.0), rng.uniform(-0.3, 1.3)]) * depth
        dome = low + np.array([-rng.uniform(3.0, 8.0), -rng.uniform(1.2, 3.0)]) * depth
        diaphragm = spline(
            [low + np.array([0.6, -1.2]) * depth, low, (low + dome) / 2 + np.array([0.2, -0.3]) * depth, dome]
        )
        top = np.array([[dome[0], dome[1] - 6 * depth], [low[0] + rng.uniform(0.6, 1.6) * depth, low[1] - 8 * depth]])
        outline = np.concatenate([diaphragm, top])
        canvas.fill(outline, -full_mm * rng.uniform(0.1, 0.33), soft_mm=rng.uniform(0.5, 2.5))
        for _ in range(int(rng.integers(0, 8))):
            start = low + np.array([-rng.uniform(-0.5, 3.5), -rng.uniform(0.8, 4.0)]) * depth
            end = start + rng.normal(0, 1.0, 2) * depth
            canvas.line(np.array([start, end]), rng.uniform(2, 7), width_mm=rng.uniform(1.5, 4), soft_mm=0.8)


def _bowel(canvas: Canvas, patient: Patient, amount: float, rng: np.random.Generator) -> None:
    """Gas in chains of pockets along the bowel, and mottled contents."""
    depth = patient.depth
    for _ in range(int(rng.poisson(7 * amount))):
        center = np.array([-rng.uniform(0.7, 4.5), rng.uniform(-6.5, 2.5)]) * depth
        if rng.random() < 0.3:
            center = np.array([rng.uniform(-2.0, 1.5), rng.uniform(-0.5, 4.0)]) * depth
        loop = spline(center + np.cumsum(rng.normal(0, 0.6, (4, 2)) * depth, axis=0), 40)
        for _ in range(int(rng.integers(3, 36))):
            size = depth * rng.uniform(0.2, 0.55) ** 2
            where = loop[int(rng.integers(len(loop)))] + rng.normal(0, 0.12, 2) * depth
            _pocket(canvas, where, (size, size * rng.uniform(0.5, 1.0)), size * rng.uniform(0.5, 2.2), rng)
    if rng.random() < 0.45 * amount:
        center = np.array([-rng.uniform(1.2, 3.0), rng.uniform(-5.5, 1.5)]) * depth
        size = depth * rng.uniform(0.4, 0.9)
        _pocket(canvas, center, (size, size * rng.uniform(0.5, 1)), size * rng.uniform(0.8, 1.8), rng)
    for _ in range(int(rng.poisson(1.2))):
        patch = np.array([-rng.uniform(0.5, 4.0), rng.uniform(-4, 3.5)]) * depth
        for _ in range(int(rng.integers(10, 40))):
            where = patch + rng.normal(0, 0.6, 2) * depth
            size = depth * rng.uniform(0.02, 0.08)
            canvas.ellipse(where, (size, size), rng.normal(0, 6), soft_mm=1.0)


def _contents(canvas: Canvas, patient: Patient, amount: float, rng: np.random.Generator) -> None:
    """Stretches of bowel full of foam: cells of gas between dense walls, finer or coarser, here and there."""
    depth, scale = patient.depth, canvas.frame.scale
    for _ in range(int(rng.poisson(3 * amount)) if amount > 0 else 0):
        start = np.array([-rng.uniform(0.3, 4.5), rng.uniform(-5.5, 2.5)]) * depth
        if rng.random() < 0.4:
            start = np.array([rng.uniform(-2.5, 1.8), rng.uniform(0.2, 3.5)]) * depth
        stretch = Canvas.empty(canvas.frame)
        loop = spline(start + np.cumsum(rng.normal(0, 0.7, (4, 2)) * depth, axis=0), 30)
        width = depth * rng.uniform(0.4, 1.3)
        stretch.line(loop, 1.0, width_mm=width, soft_mm=width * rng.uniform(0.08, 0.3))
        cells = smooth_noise(rng, canvas.frame.shape, rng.uniform(2.5, 8.0) * scale)
        cells = cells - np.float32(rng.uniform(-0.5, 1.0))
        foam = np.exp(-((cells / 0.35) ** 2)) * np.float32(rng.uniform(0.5, 3.5))
        foam = foam - np.clip(cells, 0, 1.5) * np.float32(rng.uniform(1.5, 14.0))
        canvas.image[:] += stretch.image * foam


def _rectum(canvas: Canvas, patient: Patient, amount: float, rng: np.random.Generator) -> None:
    """Gas in the hollow before the sacrum, long pockets that follow its curve."""
    if rng.random() > 0.3 + 0.5 * amount:
        return
    front, depth = patient.sacrum_front, patient.depth
    for _ in range(int(rng.integers(1, 4))):
        i = int(rng.uniform(0.3, 0.95) * (len(front) - 1))
        along, across = front[i] - front[i - 1], front[i] - patient.sacrum_back[i]
        across = across / np.linalg.norm(across)
        width, length = depth * rng.uniform(0.1, 0.35), depth * rng.uniform(0.2, 0.8)
        where = front[i] + across * (width + depth * rng.uniform(0.0, 0.35))
        turn = float(np.degrees(np.arctan2(along[1], along[0]))) + rng.normal(0, 12)
        _pocket(canvas, where, (max(width, length), width), rng.uniform(4, 45), rng, angle=turn)


def _pocket(
    canvas: Canvas,
    where: Points,
    radii: tuple[float, float],
    mm: float,
    rng: np.random.Generator,
    angle: float | None = None,
) -> None:
    """An ellipsoid of gas, thickest in its middle; turned by `angle` degrees, at random by default."""
    angle = rng.uniform(0, 180) if angle is None else angle
    for size, share in ((1.0, 0.5), (0.75, 0.3), (0.45, 0.2)):
        canvas.ellipse(
            where, (radii[0] * size, radii[1] * size), -mm * share, angle=angle, soft_mm=rng.uniform(0.4, 1.2)
        )


def _folds(canvas: Canvas, patient: Patient, rng: np.random.Generator) -> None:
    """Folds of skin and clothing; now and then the edge of a table or a pad."""
    depth = patient.depth
    for _ in range(int(rng.integers(0, 5))):
        start = np.array([rng.uniform(0.3, 2.8), rng.uniform(-6, 4)]) * depth
        fold = spline([start, start + rng.normal(0, 1, 2) * depth, start + rng.normal(0, 2, 2) * depth])
        canvas.line(fold, rng.uniform(1, 8), width_mm=rng.uniform(0.5, 3.0), soft_mm=rng.uniform(0.3, 1.5))
    if rng.random() < 0.25:
        # The crease of the waist: less body in a band across the back.
        y = rng.uniform(-1.5, 0.5) * depth
        band = spline(
            [np.array([1.0 * depth, y]), np.array([2.5 * depth, y + rng.normal(0, 5)]), np.array([5 * depth, y])]
        )
        canvas.line(band, -rng.uniform(10, 60), width_mm=rng.uniform(3, 14), soft_mm=4.0)
    if rng.random() < 0.1:
        ring = ellipse_contour(np.array([-rng.uniform(1, 3), rng.uniform(-4, 2)]) * depth, (4.0, 4.0))
        canvas.line(ring, rng.uniform(10, 60), width_mm=1.0, closed=True)
