"""A canvas of attenuation in film pixels onto which shapes given in mm are added."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
Image = npt.NDArray[np.float32]
Mask = npt.NDArray[np.uint8]
SUBPIXEL_BITS = 4


@dataclass(frozen=True)
class Frame:
    """Where mm lie on the film: pixel = mm @ matrix.T + offset, (x, y) in both, pixel centres at integers."""

    shape: tuple[int, int]
    matrix: Points
    offset: Points

    @cached_property
    def scale(self) -> float:
        """Pixels per mm."""
        return float(np.sqrt(abs(np.linalg.det(self.matrix))))

    def to_pixels(self, points: npt.ArrayLike) -> Points:
        """(N, 2) or (2,) points in mm to pixels."""
        return np.asarray(points, dtype=np.float64) @ self.matrix.T + self.offset

    def to_mm(self, points: npt.ArrayLike) -> Points:
        """(N, 2) or (2,) points in pixels to mm."""
        return (np.asarray(points, dtype=np.float64) - self.offset) @ np.linalg.inv(self.matrix).T


@dataclass(frozen=True)
class Canvas:
    """Attenuation (rows, columns) float32; every method adds to it in place."""

    frame: Frame
    image: Image = field(repr=False)

    @classmethod
    def empty(cls, frame: Frame) -> Canvas:
        return cls(frame, np.zeros(frame.shape, np.float32))

    def fill(self, contour: Points, value: float, *, soft_mm: float = 0.0) -> None:
        """Add `value` inside a closed contour (N, 2) in mm, its edge blurred over `soft_mm`."""
        pixels = self.frame.to_pixels(contour)

        def draw(mask: Mask, fixed: npt.NDArray[np.int32]) -> None:
            cv2.fillPoly(mask, [fixed], 255, cv2.LINE_AA, SUBPIXEL_BITS)

        self._add(pixels, value, soft_mm, draw)

    def line(
        self, points: Points, value: float, *, width_mm: float, soft_mm: float = 0.0, closed: bool = False
    ) -> None:
        """Add `value` along a polyline (N, 2) in mm; lines thinner than a pixel are drawn fainter, not wider."""
        pixels = self.frame.to_pixels(points)
        width = width_mm * self.frame.scale
        strength = value * min(1.0, width)
        thickness = max(1, round(width))

        def draw(mask: Mask, fixed: npt.NDArray[np.int32]) -> None:
            cv2.polylines(mask, [fixed], closed, 255, thickness, cv2.LINE_AA, SUBPIXEL_BITS)

        self._add(pixels, strength, soft_mm + width_mm / 2, draw, blur_mm=soft_mm)

    def ellipse(
        self,
        center: npt.ArrayLike,
        radii: tuple[float, float],
        value: float,
        *,
        angle: float = 0.0,
        soft_mm: float = 0.0,
    ) -> None:
        """Add `value` inside an ellipse, centre and radii in mm, turned by `angle` degrees."""
        self.fill(ellipse_contour(center, radii, angle), value, soft_mm=soft_mm)

    def _add(
        self,
        pixels: Points,
        value: float,
        margin_mm: float,
        draw: Callable[[Mask, npt.NDArray[np.int32]], object],
        *,
        blur_mm: float | None = None,
    ) -> None:
        sigma = (margin_mm if blur_mm is None else blur_mm) * self.frame.scale
        margin = int(np.ceil(3 * max(sigma, margin_mm * self.frame.scale))) + 3
        rows, columns = self.image.shape
        low = np.floor(pixels.min(axis=0)).astype(int) - margin
        high = np.ceil(pixels.max(axis=0)).astype(int) + margin + 1
        x0, y0 = max(low[0], 0), max(low[1], 0)
        x1, y1 = min(high[0], columns), min(high[1], rows)
        if x0 >= x1 or y0 >= y1 or value == 0:
            return
        mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
        draw(mask, np.round((pixels - (x0, y0)) * (1 << SUBPIXEL_BITS)).astype(np.int32))
        if sigma > 0.3:
            mask = cv2.GaussianBlur(mask, (0, 0), sigma) if sigma < 6 else _wide_blur(mask, sigma)
        region = self.image[y0:y1, x0:x1]
        cv2.scaleAdd(mask.astype(np.float32), value / 255.0, region, region)


def _wide_blur(mask: Mask, sigma: float) -> Mask:
    """Gaussian blur by two box filters: close enough for soft tissue and much faster when wide."""
    size = int(sigma * 2.4) | 1
    return cv2.blur(cv2.blur(mask, (size, size)), (size, size))


def ellipse_contour(center: npt.ArrayLike, radii: tuple[float, float], angle: float = 0.0, n: int = 48) -> Points:
    """Closed contour (n, 2) of an ellipse turned by `angle` degrees."""
    t = np.linspace(0, 2 * np.pi, n, endpoint=False)
    turn = np.radians(angle)
    x, y = radii[0] * np.cos(t), radii[1] * np.sin(t)
    rotated = np.stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)], axis=1)
    return np.asarray(center, dtype=np.float64) + rotated


def smooth_noise(rng: np.random.Generator, shape: tuple[int, int], grain: float) -> Image:
    """Noise (rows, columns) of unit deviation whose features are about `grain` pixels wide."""
    rows, columns = (max(3, int(np.ceil(n / grain)) + 2) for n in shape)
    coarse = rng.standard_normal((rows, columns)).astype(np.float32)
    return cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)


def spline(points: npt.ArrayLike, n: int = 60) -> Points:
    """A smooth open curve (n, 2) through a few points (Catmull-Rom)."""
    p = np.asarray(points, dtype=np.float64)
    p = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    t = np.linspace(0, len(p) - 3 - 1e-9, n)
    i = t.astype(int)
    u = (t - i)[:, None]
    a, b, c, d = p[i], p[i + 1], p[i + 2], p[i + 3]
    return 0.5 * (2 * b + (c - a) * u + (2 * a - 5 * b + 4 * c - d) * u**2 + (3 * b - a - 3 * c + d) * u**3)


def stretch_of(curve: Points, rng: np.random.Generator) -> Points:
    """Some of a curve (N, 2): borders come and go."""
    length = int(rng.uniform(0.3, 1.0) * len(curve))
    start = int(rng.integers(0, len(curve) - length + 1))
    return curve[start : start + max(length, 4)]
