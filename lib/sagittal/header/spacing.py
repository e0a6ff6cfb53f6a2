"""The spacing of a film and the rule it came from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from sagittal.header.field import Header, number, positive_pair, words

Pair = tuple[float, float]

# Spacings are written with three or four digits: a smaller relative difference is rounding, no calibration.
EQUAL_WITHIN = 1e-3
# The detector is behind the patient: a film magnifies, and by no more than this.
MAGNIFICATION_RANGE = (1.0, 4.0)


class SpacingRule(str, Enum):  # noqa: UP042 - StrEnum is younger than Slicer's Python
    """Where a film's spacing comes from; decides whether lengths can be trusted."""

    CALIBRATED = "calibrated"
    DETECTOR_PLANE = "detector plane, lengths magnified"
    MAGNIFICATION_CORRECTED = "imager spacing divided by the estimated magnification"
    UNCERTAIN = "pixel spacing without calibration, uncertain"
    FILE_HEADER = "header of the image file"
    NONE = "none"

    def __str__(self) -> str:
        return str(self.value)

    @property
    def is_true_to_patient(self) -> bool:
        """Whether lengths in mm may be told: the plane of the spacing is that of the spine."""
        return self in (SpacingRule.CALIBRATED, SpacingRule.MAGNIFICATION_CORRECTED)


@dataclass(frozen=True)
class Spacing:
    """`mm` (row, column) or None, the rule it came from, `aspect` (row, column) relative pixel size for angles."""

    mm: Pair | None
    rule: SpacingRule
    aspect: Pair
    warnings: tuple[str, ...] = ()


def spacing_of(header: Header) -> Spacing:
    """Spacing by the first rule that applies.

    1. PixelSpacing with PixelSpacingCalibrationType, or other than ImagerPixelSpacing: calibrated.
    2. PixelSpacing equal to ImagerPixelSpacing: detector plane, lengths magnified.
    3. ImagerPixelSpacing alone: divided by EstimatedRadiographicMagnificationFactor, else detector plane.
    4. PixelSpacing alone: uncertain.
    5. Neither, or not above zero: none; PixelAspectRatio still serves angles.

    Source: DICOM PS3.3, 10.7.1.3 (Pixel Spacing Calibration Type) and C.8.4.2.
    """
    pixel, imager = positive_pair(header, "PixelSpacing"), positive_pair(header, "ImagerPixelSpacing")
    if pixel is not None and words(header, "PixelSpacingCalibrationType"):
        return Spacing(pixel, SpacingRule.CALIBRATED, pixel)
    if pixel is not None and imager is not None:
        equal = all(math.isclose(p, i, rel_tol=EQUAL_WITHIN) for p, i in zip(pixel, imager))
        return Spacing(pixel, SpacingRule.DETECTOR_PLANE if equal else SpacingRule.CALIBRATED, pixel)
    if imager is not None:
        return _imager_spacing(header, imager)
    if pixel is not None:
        return Spacing(pixel, SpacingRule.UNCERTAIN, pixel)
    # PixelAspectRatio is vertical size over horizontal size.
    vertical, horizontal = positive_pair(header, "PixelAspectRatio") or (1.0, 1.0)
    return Spacing(None, SpacingRule.NONE, (vertical / horizontal, 1.0))


def _imager_spacing(header: Header, imager: Pair) -> Spacing:
    factor = number(header.get("EstimatedRadiographicMagnificationFactor"))
    if factor is None:
        return Spacing(imager, SpacingRule.DETECTOR_PLANE, imager)
    if not MAGNIFICATION_RANGE[0] <= factor <= MAGNIFICATION_RANGE[1]:
        warning = f"EstimatedRadiographicMagnificationFactor {factor:g} is impossible and was left out"
        return Spacing(imager, SpacingRule.DETECTOR_PLANE, imager, (warning,))
    row, column = imager
    mm = (row / factor, column / factor)
    return Spacing(mm, SpacingRule.MAGNIFICATION_CORRECTED, mm)
