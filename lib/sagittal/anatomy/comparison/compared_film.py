"""A film as comparisons see it: what was measured, under a name of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagittal.anatomy.clinical import Finding, assess
from sagittal.anatomy.measurement import Measurement, ParameterValue


@dataclass(frozen=True)
class ComparedFilm:
    """Parameters and clinical findings of a film by their names.

    `age_years` is the patient's on this film, None where it is not known. `subject` is what the user calls the
    patient, None where he did not say.
    """

    name: str
    parameters: Mapping[str, ParameterValue]
    findings: Mapping[str, Finding]
    age_years: float | None = None
    subject: str | None = None

    @classmethod
    def from_measurement(
        cls,
        name: str,
        measurement: Measurement,
        *,
        pixel_aspect: tuple[float, float] = (1.0, 1.0),
        age_years: float | None = None,
        length_spacing_mm: tuple[float, float] | None = None,
        subject: str | None = None,
    ) -> ComparedFilm:
        """A film that was measured in this process; arguments as `sagittal.anatomy.clinical.assess` has them."""
        findings = assess(
            measurement.landmarks,
            measurement.parameters,
            pixel_aspect=pixel_aspect,
            age_years=age_years,
            label_map=measurement.label_map,
            length_spacing_mm=length_spacing_mm,
        )
        return cls(name, measurement.parameters, {f.name: f for f in findings}, age_years, subject)

    @classmethod
    def from_json(cls, name: str, result: Mapping[str, Any]) -> ComparedFilm:
        """A film from the JSON of its result. A result without clinical findings has none here.

        Raises:
            KeyError, TypeError: it is no such JSON.
        """
        return cls(
            name=name,
            parameters={n: parameter_from_json(n, p) for n, p in result["parameters"].items()},
            findings={f["name"]: finding_from_json(f) for f in result.get("clinical") or ()},
            age_years=result["film"].get("age_years"),
            subject=result["film"].get("subject"),
        )


def parameter_from_json(name: str, content: Mapping[str, Any]) -> ParameterValue:
    """A parameter of a result's JSON."""
    return ParameterValue(
        name=name,
        value=content["value"],
        unit=content["unit"],
        range=_pair(content["range"]),
        status=content["status"],
        reason=content["reason"],
        interval_90=_pair(content.get("interval_90")),
    )


def finding_from_json(content: Mapping[str, Any]) -> Finding:
    """A clinical finding of a result's JSON."""
    return Finding(
        name=content["name"],
        title=content["title"],
        value=content["value"],
        unit=content["unit"],
        bounds=_pair(content["bounds"]),
        grade=content["grade"],
        status=content["status"],
        reason=content["reason"],
    )


def _pair(content: Any) -> tuple[float, float] | None:
    if content is None:
        return None
    low, high = content
    return (low, high)
