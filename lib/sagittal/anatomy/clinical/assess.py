"""Landmarks and parameters to clinical classes, scores and indices."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from sagittal.anatomy.clinical.body_heights import body_heights
from sagittal.anatomy.clinical.discs import disc_findings
from sagittal.anatomy.clinical.finding import Finding
from sagittal.anatomy.clinical.gap import gap_findings
from sagittal.anatomy.clinical.genant import genant_findings, height_ratio_findings
from sagittal.anatomy.clinical.lengths import length_findings
from sagittal.anatomy.clinical.limits import ClinicalLimits, default_limits
from sagittal.anatomy.clinical.lumbar_bodies import lumbar_bodies_finding
from sagittal.anatomy.clinical.obliquity import obliquity_finding
from sagittal.anatomy.clinical.roussouly import roussouly_finding
from sagittal.anatomy.clinical.schwab import schwab_findings
from sagittal.anatomy.clinical.segments import segmental_findings
from sagittal.anatomy.clinical.slip import slip_findings
from sagittal.anatomy.clinical.spine import Spine
from sagittal.anatomy.definitions import Definitions, default_definitions
from sagittal.anatomy.landmarks import Landmarks
from sagittal.anatomy.measurement import ParameterValue


def assess(
    landmarks: Landmarks,
    parameters: Mapping[str, ParameterValue],
    *,
    pixel_aspect: tuple[float, float] = (1.0, 1.0),
    age_years: float | None = None,
    label_map: npt.NDArray[np.uint8] | None = None,
    length_spacing_mm: tuple[float, float] | None = None,
    limits: ClinicalLimits | None = None,
    definitions: Definitions | None = None,
) -> tuple[Finding, ...]:
    """All clinical findings of a film, those of the whole spine first.

    Args:
        landmarks: points in film pixels.
        parameters: theirs, of `parameters_from_landmarks`.
        pixel_aspect: size of a pixel (along rows' axis, along columns' axis), any unit.
        age_years: of the patient; None: not known, scores that ask for it then tell both cases.
        label_map: (rows, columns) structure ids on the film's grid: they show the middle heights of the bodies.
        length_spacing_mm: size of a pixel in the patient (row, column) where the film's spacing can be trusted; None:
            lengths in mm are absent.
        limits: default: those of the package.
        definitions: default: those of the package; of them the structures' ids.

    Returns:
        What cannot be told is absent with its reason.

    Raises:
        ValueError: pixel_aspect or length_spacing_mm is not two positive numbers, or age_years is no age.
    """
    for name, pair in (("pixel_aspect", pixel_aspect), ("length_spacing_mm", length_spacing_mm)):
        if pair is not None and not all(0 < size < math.inf for size in pair):
            raise ValueError(f"{name} must be two positive numbers (row, column size), got {pair}")
    if age_years is not None and not 0 <= age_years < math.inf:
        raise ValueError(f"age_years must not be negative, got {age_years}")
    limits = limits or default_limits()
    definitions = definitions or default_definitions()
    spine = Spine(landmarks, parameters, pixel_aspect)
    heights = body_heights(spine, label_map, {name: s.id for name, s in definitions.structures.items()})
    return (
        *gap_findings(parameters, age_years=age_years, adult_age=limits.adult_age, limits=limits.gap),
        *schwab_findings(parameters, age_years=age_years, adult_age=limits.adult_age, limits=limits.schwab),
        roussouly_finding(parameters, age_years=age_years, adult_age=limits.adult_age, limits=limits.roussouly),
        lumbar_bodies_finding(spine),
        obliquity_finding(spine, limits.obliquity),
        *slip_findings(spine, limits.slip),
        *genant_findings(spine, heights, limits.genant),
        *disc_findings(spine, heights, limits.disc_height_index),
        *segmental_findings(spine, limits.segmental_angle),
        *height_ratio_findings(spine, heights, limits.genant),
        *length_findings(spine, heights, None if length_spacing_mm is None else length_spacing_mm[1]),
    )
