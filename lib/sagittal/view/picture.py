"""A film as the view check looks at it: its content alone, small, of one shape; and how symmetric it is."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.float32]
# Every film is brought to this shape, whatever its own: what shape a picture has tells nothing of what is on it.
ROWS, COLUMNS = 224, 160
PERCENTILES = (0.5, 99.5)
# Brightness up to which a pixel belongs to an empty border, and the share of a row that must be brighter.
EMPTY, CONTENT = 0.06, 0.02
# The grid on which symmetry is told, the axes tried on it (columns), and how far the halves may be shifted (rows).
SYMMETRY_ROWS, SYMMETRY_COLUMNS = 112, 80
AXES, SHIFTS = range(28, 53), (-6, -3, 0, 3, 6)


def prepared(pixels: Picture) -> Picture:
    """(rows, columns) display values -> (ROWS, COLUMNS) in 0..1 without empty borders."""
    content = _without_borders(pixels)
    low, high = (float(value) for value in np.percentile(content[::2, ::2], PERCENTILES))
    scaled = np.clip((content - low) / max(high - low, 1e-6), 0, 1).astype(np.float32)
    # The mean of many ones is not always one.
    return np.minimum(cv2.resize(scaled, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA), np.float32(1))


def _without_borders(pixels: Picture) -> Picture:
    bright = pixels > EMPTY * float(pixels.max())
    rows, columns = (np.flatnonzero(bright.mean(axis=axis) > CONTENT) for axis in (1, 0))
    if not len(rows) or not len(columns):
        return pixels
    return pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def symmetry(picture: Picture) -> tuple[float, float, float]:
    """How alike both sides of the best upright axis are (correlation), those of the median axis, and the difference.

    A trunk from the front has an axis near its middle about which it is much more symmetric than about any other.
    """
    small = cv2.resize(picture, (SYMMETRY_COLUMNS, SYMMETRY_ROWS), interpolation=cv2.INTER_AREA)
    detail = small - cv2.GaussianBlur(small, (0, 0), 8)
    contrast = np.sqrt(cv2.GaussianBlur(detail * detail, (0, 0), 8)) + 0.02
    even = cv2.GaussianBlur(detail / contrast, (0, 0), 1.2)
    likeness = [_likeness(even, axis) for axis in AXES]
    best, median = max(likeness), float(np.median(likeness))
    return best, median, best - median


def _likeness(even: Picture, axis: int) -> float:
    half = min(axis, SYMMETRY_COLUMNS - axis)
    left, right = even[:, axis - half : axis], even[:, axis : axis + half][:, ::-1]
    found = []
    for shift in SHIFTS:
        one = left[max(0, shift) : SYMMETRY_ROWS + min(0, shift)]
        other = right[max(0, -shift) : SYMMETRY_ROWS + min(0, -shift)]
        power = float(np.mean(one * one) * np.mean(other * other))
        found.append(float(np.mean(one * other)) / np.sqrt(power + 1e-9))
    return float(max(found))
