"""The spacing of a DICOM film and the rule it came from."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pydicom.dataset import Dataset

from sagittal.films.film import SpacingRule

Pair = tuple[float, float]

# Spacings are written with three or four digits: a smaller relative difference is rounding, no calibration.
EQUAL_WITHIN = 1e-3
# The detector is behind the patient: a film magnifies, and by no more than this.
MAGNIFICATION_RANGE = (1.0, 4.0)


@dataclass(frozen=True)
class Spacing:
    """`mm` (row, column) or None, the rule it came from, `aspect` (row, column) relative pixel size for angles."""

    mm: Pair | None
    rule: SpacingRule
    aspect: Pair
    warnings: tuple[str, ...] = ()


def dicom_spacing(dataset: Dataset) -> Spacing:
    """Spacing by the first rule that applies.

    1. PixelSpacing with PixelSpacingCalibrationType, or other than ImagerPixelSpacing: calibrated.
    2. PixelSpacing equal to ImagerPixelSpacing: detector plane, lengths magnified.
    3. ImagerPixelSpacing alone: divided by EstimatedRadiographicMagnificationFactor, else detector plane.
    4. PixelSpacing alone: uncertain.
    5. Neither, or not above zero: none; PixelAspectRatio still serves angles.

    Source: DICOM PS3.3, 10.7.1.3 (Pixel Spacing Calibration Type) and C.8.4.2.
    """
    pixel, imager = _positive_pair(dataset, "PixelSpacing"), _positive_pair(dataset, "ImagerPixelSpacing")
    if pixel is not None and str(dataset.get("PixelSpacingCalibrationType") or "").strip():
        return Spacing(pixel, SpacingRule.CALIBRATED, pixel)
    if pixel is not None and imager is not None:
        equal = all(math.isclose(p, i, rel_tol=EQUAL_WITHIN) for p, i in zip(pixel, imager, strict=True))
        return Spacing(pixel, SpacingRule.DETECTOR_PLANE if equal else SpacingRule.CALIBRATED, pixel)
    if imager is not None:
        return _imager_spacing(dataset, imager)
    if pixel is not None:
        return Spacing(pixel, SpacingRule.UNCERTAIN, pixel)
    # PixelAspectRatio is vertical size over horizontal size.
    vertical, horizontal = _positive_pair(dataset, "PixelAspectRatio") or (1.0, 1.0)
    return Spacing(None, SpacingRule.NONE, (vertical / horizontal, 1.0))


def _imager_spacing(dataset: Dataset, imager: Pair) -> Spacing:
    factor = _number(dataset.get("EstimatedRadiographicMagnificationFactor"))
    if factor is None:
        return Spacing(imager, SpacingRule.DETECTOR_PLANE, imager)
    if not MAGNIFICATION_RANGE[0] <= factor <= MAGNIFICATION_RANGE[1]:
        warning = f"EstimatedRadiographicMagnificationFactor {factor:g} is impossible and was left out"
        return Spacing(imager, SpacingRule.DETECTOR_PLANE, imager, (warning,))
    row, column = imager
    mm = (row / factor, column / factor)
    return Spacing(mm, SpacingRule.MAGNIFICATION_CORRECTED, mm)


def _positive_pair(dataset: Dataset, keyword: str) -> Pair | None:
    values = dataset.get(keyword)
    if values is None or isinstance(values, str) or not hasattr(values, "__len__") or len(values) != 2:
        return None
    row, column = _number(values[0]), _number(values[1])
    if row is None or column is None or row <= 0 or column <= 0:
        return None
    return row, column


def _number(value: object) -> float | None:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
