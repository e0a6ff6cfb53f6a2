"""Clinical findings of an inspection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sagittal.anatomy.clinical import Finding, assess

if TYPE_CHECKING:
    from sagittal.inference import Inspection


def findings_of(inspection: Inspection) -> tuple[Finding, ...]:
    """All findings of a film, in the order in which a reader wants them."""
    if inspection.clinical is not None:
        return inspection.clinical
    film, measurement = inspection.film, inspection.measurement
    return assess(
        measurement.landmarks,
        measurement.parameters,
        pixel_aspect=film.pixel_aspect,
        age_years=film.identity.age_years,
        label_map=measurement.label_map,
        length_spacing_mm=film.length_spacing_mm,
    )
