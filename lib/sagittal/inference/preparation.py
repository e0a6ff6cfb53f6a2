"""From a film to the network's square grid and back, the same in training and inference.

Grids are pixel-centred: the centre of pixel i lies at i + 0.5 of the film's edge, so that resampling shifts nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from sagittal.films import Film

PERCENTILES = (0.5, 99.5)
CENTER, SPREAD = 0.5, 0.25


@dataclass(frozen=True)
class Letterbox:
    """How a film of `shape` (rows, columns) lies in a square of `size` pixels: scaled to `inner`, then padded.

    The aspect on the patient is kept: with non-square film pixels `inner` is what the film is physically.
    """

    shape: tuple[int, int]
    size: int
    inner: tuple[int, int]
    offset: tuple[int, int]

    @classmethod
    def fit(cls, shape: tuple[int, int], size: int, pixel_aspect: tuple[float, float] = (1.0, 1.0)) -> Letterbox:
        """The largest placement in the middle of the square.

        Raises:
            ValueError: the film has no pixels, or the pixel aspect is not positive.
        """
        if min(shape) < 1 or min(pixel_aspect) <= 0:
            raise ValueError(f"Expected a film with pixels of positive size, got shape {shape}, aspect {pixel_aspect}")
        sides = (shape[0] * pixel_aspect[0], shape[1] * pixel_aspect[1])
        scale = size / max(sides)
        rows, columns = (min(size, max(1, round(side * scale))) for side in sides)
        return cls(shape, size, (rows, columns), ((size - rows) // 2, (size - columns) // 2))

    def place(self, film: Tensor) -> Tensor:
        """(C, rows, columns) float on the film -> (C, size, size), anti-aliased, padded with zeros."""
        scaled = functional.interpolate(film[None], self.inner, mode="bilinear", antialias=True)[0]
        return self._pad(scaled)

    def place_label(self, label: Tensor) -> Tensor:
        """(1, rows, columns) class ids on the film -> (1, size, size), nearest, padded with background."""
        scaled = functional.interpolate(label[None].float(), self.inner, mode="nearest-exact")[0]
        return self._pad(scaled).to(label.dtype)

    def to_square(self, x: float, y: float) -> tuple[float, float]:
        """A point (x, y) in film pixels on the square, (column, row)."""
        return (
            (x + 0.5) * self.inner[1] / self.shape[1] - 0.5 + self.offset[1],
            (y + 0.5) * self.inner[0] / self.shape[0] - 0.5 + self.offset[0],
        )

    def to_film(self, column: float, row: float) -> tuple[float, float]:
        """The inverse of `to_square`."""
        return (
            (column + 0.5 - self.offset[1]) * self.shape[1] / self.inner[1] - 0.5,
            (row + 0.5 - self.offset[0]) * self.shape[0] / self.inner[0] - 0.5,
        )

    def restore(self, square: Tensor) -> Tensor:
        """(C, size, size) scores -> (C, rows, columns) on the film's own grid, bilinear."""
        top, left = self.offset
        inner = square[None, :, top : top + self.inner[0], left : left + self.inner[1]]
        return functional.interpolate(inner, self.shape, mode="bilinear", align_corners=False)[0]

    def _pad(self, inner: Tensor) -> Tensor:
        top, left = self.offset
        bottom, right = self.size - self.inner[0] - top, self.size - self.inner[1] - left
        return functional.pad(inner, (left, right, top, bottom))


def normalise(pixels: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """(rows, columns) display values -> 0..1 between the 0.5th and 99.5th percentiles; all zero for an even film."""
    low, high = (float(value) for value in np.percentile(pixels[::4, ::4], PERCENTILES))
    if high - low < 1e-6:
        return np.zeros_like(pixels)
    scaled: npt.NDArray[np.float32] = np.clip((pixels - np.float32(low)) / np.float32(high - low), 0, 1)
    return scaled.astype(np.float32, copy=False)


def prepare_film(film: Film, size: int) -> tuple[Tensor, Letterbox]:
    """A film -> (1, size, size) float32 in 0..1 and how it lies there."""
    letterbox = Letterbox.fit(film.shape, size, film.pixel_aspect)
    return letterbox.place(torch.from_numpy(normalise(film.pixels))[None]), letterbox


def network_input(images: Tensor, channels: int) -> Tensor:
    """(B, 1, size, size) in 0..1 -> (B, channels, size, size), centred and scaled, grey repeated."""
    return ((images - CENTER) / SPREAD).expand(-1, channels, -1, -1)


def class_scores(logits: Tensor, activation: str) -> Tensor:
    """(B, classes, ...) logits -> scores in 0..1 of the same shape."""
    return logits.sigmoid() if activation == "sigmoid" else logits.softmax(dim=1)
