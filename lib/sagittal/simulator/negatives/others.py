"""Limbs and heads on film, pages of text, and pictures of anything."""

from __future__ import annotations

import cv2
import numpy as np

from sagittal.simulator.canvas import Canvas, Frame, Image, ellipse_contour, smooth_noise, spline
from sagittal.simulator.config import SimulatorConfig
from sagittal.simulator.exposure import expose
from sagittal.simulator.materials import Materials

FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_PLAIN)
LETTERS = np.array(list("aaabcdeeeefghiiklmnnoooprrssttuvwyz  LPST0123456789.,:-"))


def limb_film(config: SimulatorConfig, rng: np.random.Generator, rows: int) -> Image:
    """An X-ray (rows, columns) in 0..1 of one to five long bones that meet in joints, or of a skull, air around."""
    frame = _centered(rng, rows, rng.uniform(150, 450))
    soft, bone = Canvas.empty(frame), Canvas.empty(frame)
    if rng.random() < 0.25:
        _skull(soft, bone, rng)
    else:
        _limb(soft, bone, rng)
    grain = 1 + smooth_noise(rng, frame.shape, frame.scale) * np.float32(0.06)
    thickness: Image = np.clip(soft.image, 0, None)
    length = np.where(thickness > 0, np.maximum(bone.image * grain, 0), 0).astype(np.float32)
    materials = Materials(thickness, length, np.zeros(frame.shape, np.float32))
    return expose(materials, frame.scale, config.exposure, rng)


def page_of_text(rng: np.random.Generator, rows: int) -> Image:
    """A page or a screen (rows, columns) in 0..1: lines of letters, rules, boxes, dark on bright or the reverse."""
    columns = round(rows * rng.uniform(0.6, 1.4))
    image = np.full((rows, columns), rng.uniform(0, 0.3), np.float32)
    size = rows / 500 * rng.uniform(0.4, 1.6)
    font, step = int(rng.choice(FONTS)), int(max(6, 34 * size))
    for y in range(step, rows, step):
        if rng.random() < 0.15:
            continue
        words = "".join(rng.choice(LETTERS, int(rng.integers(5, 90))))
        x = int(columns * rng.choice([0.03, 0.08, 0.5]))
        cv2.putText(image, words, (x, y), font, size, rng.uniform(0.6, 1), max(1, int(size * 2)), cv2.LINE_AA)
    for _ in range(int(rng.integers(0, 6))):
        a, b = (tuple(int(v) for v in rng.uniform(0, [columns, rows])) for _ in range(2))
        cv2.rectangle(image, a, b, rng.uniform(0.3, 1), int(rng.choice([1, 2, -1])))
    return np.asarray(1 - image if rng.random() < 0.7 else image, dtype=np.float32)


def picture_of_anything(rng: np.random.Generator, rows: int) -> Image:
    """Shapes of all sizes over each other, as in photographs: (rows, columns) in 0..1."""
    columns = round(rows * rng.uniform(0.6, 1.5))
    image = np.full((rows, columns), rng.random(), np.float32)
    for _ in range(int(rng.integers(5, 250))):
        size = rows * 0.6 * rng.power(0.35) + 2
        center = rng.uniform(0, [columns, rows])
        shape = center + rng.normal(0, size / 2, (int(rng.integers(3, 8)), 2))
        contour = ellipse_contour(center, (size, size * rng.uniform(0.2, 1)), rng.uniform(0, 180))
        points = contour if rng.random() < 0.5 else shape
        cv2.fillPoly(image, [np.round(points).astype(np.int32)], rng.random(), cv2.LINE_AA)
    texture = smooth_noise(rng, (rows, columns), float(np.exp(rng.uniform(0.3, 3)))) * np.float32(rng.uniform(0, 0.2))
    blurred = cv2.GaussianBlur(image + texture, (0, 0), float(rng.uniform(0.4, 4)))
    return np.asarray(
        np.clip(blurred + rng.standard_normal(image.shape) * rng.uniform(0, 0.05), 0, 1), dtype=np.float32
    )


def _centered(rng: np.random.Generator, rows: int, height_mm: float) -> Frame:
    columns = round(rows * rng.uniform(0.5, 1.2))
    turn, scale = rng.normal(0, 0.5), rows / height_mm
    matrix = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return Frame((rows, columns), matrix, np.array([columns / 2, rows / 2]))


def _limb(soft: Canvas, bone: Canvas, rng: np.random.Generator) -> None:
    breadth = rng.uniform(40, 110)
    axis = spline([[rng.normal(0, 30), y] for y in (-320, -100, 100, 320)], 80)
    for width, share in ((1.0, 0.4), (0.8, 0.3), (0.5, 0.3)):
        soft.line(axis, breadth * share * 0.9, width_mm=breadth * width, soft_mm=3.0)
    joint = rng.uniform(-120, 120)
    for offset in rng.uniform(-0.28, 0.28, int(rng.integers(1, 4))) * breadth:
        radius = rng.uniform(5, 16)
        for part in (axis[axis[:, 1] < joint - 2], axis[axis[:, 1] > joint + 2]):
            if len(part) < 3:
                continue
            near = np.exp(-np.abs(part[:, 1] - joint) / rng.uniform(15, 40))[:, None]
            for side in (-1, 1):
                wall = part + np.array([offset, 0]) + side * (radius * (1 + 1.2 * near)) * np.array([1.0, 0])
                bone.line(wall, rng.uniform(6, 18), width_mm=rng.uniform(2, 5), soft_mm=0.6)
            bone.line(part + np.array([offset, 0]), rng.uniform(3, 10), width_mm=2 * radius, soft_mm=1.5)


def _skull(soft: Canvas, bone: Canvas, rng: np.random.Generator) -> None:
    radii = (rng.uniform(70, 95), rng.uniform(80, 110))
    for share in (1.0, 0.8, 0.5):
        soft.ellipse([0, 0], (radii[0] * share * 1.08, radii[1] * share * 1.08), 55, soft_mm=3.0)
    soft.line(np.array([[10, 60], [20, 300]]), 90, width_mm=110, soft_mm=6)
    bone.line(ellipse_contour([0, 0], radii), 22, width_mm=6, soft_mm=1.0, closed=True)
    for _ in range(int(rng.integers(4, 12))):
        where, size = rng.normal([0, 40], 30), rng.uniform(6, 28)
        bone.line(ellipse_contour(where, (size, size * rng.uniform(0.5, 1))), 10, width_mm=2, soft_mm=0.6, closed=True)
