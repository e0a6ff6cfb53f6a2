"""Landmarks and parameters to clinical classes, scores and indices."""

from __future__ import annotations

from collections.abc import Mapping

from sagittal.anatomy.clinical.finding import Finding
from sagittal.anatomy.clinical.gap import gap_findings
from sagittal.anatomy.clinical.limits import ClinicalLimits, default_limits
from sagittal.anatomy.clinical.roussouly import roussouly_finding
from sagittal.anatomy.clinical.schwab import schwab_findings
from sagittal.anatomy.clinical.segments import segmental_findings
from sagittal.anatomy.clinical.slip import slip_findings
from sagittal.anatomy.clinical.spine import Spine
from sagittal.anatomy.landmarks import Landmarks
from sagittal.anatomy.measurement import ParameterValue


def assess(
    landmarks: Landmarks,
    parameters: Mapping[str, ParameterValue],
    *,
    pixel_aspect: tuple[float, float] = (1.0, 1.0),
    age_years: float | None = None,
    limits: ClinicalLimits | None = None,
) -> tuple[Finding, ...]:
    """All clinical findings of a film, those of the whole spine first.

    Args:
        landmarks: points in film pixels.
        parameters: theirs, of `parameters_from_landmarks`.
        pixel_aspect: size of a pixel (along rows' axis, along columns' axis), any unit.
        age_years: of the patient; None: not known, scores that ask for it then tell both cases.
        limits: default: those of the package.

    Returns:
        What cannot be told is absent with its reason.

    Raises:
        ValueError: pixel_aspect is not two positive numbers, or age_years is negative.
    """
    limits = limits or default_limits()
    spine = Spine(landmarks, parameters, pixel_aspect)
    return (
        *gap_findings(parameters, age_years=age_years, adult_age=limits.adult_age, limits=limits.gap),
        *schwab_findings(parameters, age_years=age_years, adult_age=limits.adult_age, limits=limits.schwab),
        roussouly_finding(parameters, age_years=age_years, adult_age=limits.adult_age, limits=limits.roussouly),
        *slip_findings(spine, limits.slip),
        *segmental_findings(spine, limits.segmental_angle),
    )
