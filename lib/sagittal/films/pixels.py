"""From stored values to display values 0..1."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from skimage.color import rgb2gray

from sagittal.films.error import FilmError

# Stored values may be of any numeric type.
Values = npt.NDArray[Any]
Pixels = npt.NDArray[np.float32]

# A long-leg film at 0.1 mm has 80 million pixels; what is larger is a mistake or an attack on memory.
MAX_PIXELS = 150_000_000
# 16-bit and float values carry no display range: outliers (markers, dead pixels) must not set it.
STRETCH_PERCENTILES = (0.1, 99.9)
# Channel difference above which a pixel counts as coloured (of 1), and the share of such pixels that is noted.
COLOURED_DIFFERENCE = 0.1
COLOURED_SHARE = 1e-4

COLOUR_WARNING = "colour image: read as luminance; drawn-in colours may disturb the result"


def check_size(path: Path, rows: int, columns: int) -> None:
    """Refuse what is too large before memory is taken for it.

    Raises:
        FilmError: the image has no pixel, or more than `MAX_PIXELS`.
    """
    if rows < 1 or columns < 1:
        raise FilmError(f"{path}: has no pixels ({rows} rows x {columns} columns); export the film again")
    if rows * columns > MAX_PIXELS:
        raise FilmError(
            f"{path}: {rows} rows x {columns} columns are more than the limit of {MAX_PIXELS // 10**6} megapixels; "
            "crop or shrink the film"
        )


def display_values(values: Values) -> tuple[Pixels, tuple[str, ...]]:
    """Values without a stated display range as (rows, columns) float32 in 0..1, and warnings.

    8-bit values are display values already (0..255); all others are stretched linearly between the 0.1th and the
    99.9th percentile, and clipped. Three channels become luminance (ITU-R 709). Values that are not finite
    become the smallest finite one.
    """
    if values.ndim == 3:
        return _luminance(values)
    if values.dtype == np.bool_:
        return values.astype(np.float32), ("1-bit image without grey levels",)
    if values.dtype == np.uint8:
        return values.astype(np.float32) / np.float32(255), ()
    return _stretch_finite(values)


def stretch(values: npt.NDArray[np.floating]) -> Pixels:
    """Linear stretch of finite values between `STRETCH_PERCENTILES` to 0..1, clipped; constant values give 0."""
    low, high = np.percentile(values, STRETCH_PERCENTILES)
    if high <= low:
        low, high = float(values.min()), float(values.max())
    if high <= low:
        return np.zeros(values.shape, np.float32)
    return np.clip((values - low) / (high - low), 0, 1).astype(np.float32)


def check_contrast(path: Path, pixels: Pixels) -> None:
    """Refuse a film on which nothing can be seen.

    Raises:
        FilmError: all pixels are the same within one level of 8 bits.
    """
    if float(np.ptp(pixels)) < 1.5 / 255:
        raise FilmError(f"{path}: carries no contrast (all pixels have one brightness); export the film again")


def _luminance(values: Values) -> tuple[Pixels, tuple[str, ...]]:
    warnings: tuple[str, ...] = ()
    if values.dtype not in (np.uint8, np.uint16):
        gray, warnings = _stretch_finite(values)
        values = gray
    top = float(np.iinfo(values.dtype).max) if values.dtype.kind == "u" else 1.0
    difference = (values.max(axis=2).astype(np.float32) - values.min(axis=2)) / top
    if float(np.mean(difference > COLOURED_DIFFERENCE)) > COLOURED_SHARE:
        warnings += (COLOUR_WARNING,)
    gray = rgb2gray(values).astype(np.float32)
    return (stretch(gray) if values.dtype == np.uint16 else gray), warnings


def _stretch_finite(values: Values) -> tuple[Pixels, tuple[str, ...]]:
    numbers = values.astype(np.float64)
    finite = np.isfinite(numbers)
    if finite.all():
        return stretch(numbers), ()
    lowest = float(numbers[finite].min()) if finite.any() else 0.0
    lost = f"{int(np.count_nonzero(~finite))} pixels are no finite number and were set to the darkest value"
    return stretch(np.where(finite, numbers, lowest)), (lost,)
