"""The result of an inspection as JSON: the contract that every later tool relies on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sagittal import __version__
from sagittal.anatomy.clinical import Finding
from sagittal.anatomy.landmarks import Body, Circle, Landmarks, Point
from sagittal.anatomy.measurement import ParameterValue
from sagittal.report.clinical import findings_of
from sagittal.view import View

if TYPE_CHECKING:
    from sagittal.films.film import Film
    from sagittal.inference import Inspection

SCHEMA_VERSION = 1
# Far below what a reader or the film's resolution can tell, and short enough to read.
DECIMALS = 2
SPACING_DECIMALS = 6


def result_as_json(inspection: Inspection) -> dict[str, Any]:
    """Everything found on a film as plain Python types (json.dumps needs no default; no NaN).

    Points are [x, y] in pixels of the film (x right, y down, pixel centres at integers); angles in degrees. Pixels,
    angles, lengths and percentages are rounded to 0.01. What was not found or is not computed is null, with a reason
    where it is a parameter or a clinical finding.

    Raises:
        ValueError: a number of the inspection is not finite.
    """
    measurement = inspection.measurement
    return {
        "schema_version": SCHEMA_VERSION,
        "software_version": __version__,
        "not_for_clinical_use": True,
        "film": _film(inspection.film, measurement.landmarks),
        "model": inspection.model,
        "view": None if inspection.view is None else _view(inspection.view),
        "quality": {"verdict": measurement.quality.verdict, "reasons": list(measurement.quality.reasons)},
        "warnings": all_warnings(inspection),
        "landmarks": _landmarks(measurement.landmarks),
        "parameters": _parameters(measurement.parameters),
        "clinical": [_finding(finding) for finding in findings_of(inspection)],
        "value_branch": None if inspection.value_branch is None else _parameters(inspection.value_branch),
    }


def all_warnings(inspection: Inspection) -> list[str]:
    """Warnings of the film's reader, then of the measurement, each once."""
    return list(dict.fromkeys((*inspection.film.warnings, *inspection.measurement.warnings)))


def _film(film: Film, landmarks: Landmarks) -> dict[str, Any]:
    return {
        "path": None if film.identity.path is None else str(film.identity.path),
        "shape": [int(film.shape[0]), int(film.shape[1])],
        "spacing_mm": None
        if film.spacing_mm is None
        else [finite_number(s, SPACING_DECIMALS) for s in film.spacing_mm],
        "spacing_rule": film.spacing_rule.value,
        "anterior": landmarks.anterior or film.anterior,
        # Scores depend on it. What the file says of the patient's name and number stays out.
        "age_years": None if film.identity.age_years is None else finite_number(film.identity.age_years),
        "subject": film.identity.pseudonym,
    }


def _view(view: View) -> dict[str, Any]:
    return {"looks_like": view.looks_like, "lateral": finite_number(view.lateral)}


def _landmarks(landmarks: Landmarks) -> dict[str, Any]:
    s1 = landmarks.s1
    # The axis of the heads as they are printed: a reader who computes it from them gets the same.
    heads = tuple(
        replace(head, center=(finite_number(head.center[0]), finite_number(head.center[1])))
        for head in landmarks.femoral_heads
    )
    hip_axis = replace(landmarks, femoral_heads=heads).hip_axis
    return {
        **{level: _body(body) for level, body in landmarks.bodies.items()},
        "S1": None if s1 is None else {"anterior": _point(s1.anterior), "posterior": _point(s1.posterior)},
        "femoral_heads": [_circle(head) for head in landmarks.femoral_heads],
        "hip_axis": None if hip_axis is None else _point(hip_axis),
    }


def _body(body: Body) -> dict[str, list[float]]:
    return {
        "superior_anterior": _point(body.superior_anterior),
        "superior_posterior": _point(body.superior_posterior),
        "inferior_anterior": _point(body.inferior_anterior),
        "inferior_posterior": _point(body.inferior_posterior),
    }


def _circle(circle: Circle) -> dict[str, Any]:
    return {"center": _point(circle.center), "radius": finite_number(circle.radius)}


def _parameters(parameters: Mapping[str, ParameterValue]) -> dict[str, Any]:
    return {
        name: {
            "value": None if parameter.value is None else finite_number(parameter.value),
            "unit": parameter.unit,
            "range": None if parameter.range is None else [finite_number(bound) for bound in parameter.range],
            "interval_90": (
                None if parameter.interval_90 is None else [finite_number(bound) for bound in parameter.interval_90]
            ),
            "status": parameter.status,
            "reason": parameter.reason,
        }
        for name, parameter in parameters.items()
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "name": finding.name,
        "title": finding.title,
        "value": None if finding.value is None else finite_number(finding.value),
        "unit": finding.unit,
        "bounds": None if finding.bounds is None else [finite_number(bound) for bound in finding.bounds],
        "grade": finding.grade,
        "status": finding.status,
        "reason": finding.reason,
    }


def _point(point: Point) -> list[float]:
    return [finite_number(point[0]), finite_number(point[1])]


def finite_number(value: float, decimals: int = DECIMALS) -> float:
    """A number as JSON has it, rounded.

    Raises:
        ValueError: it is not finite.
    """
    if not math.isfinite(value):
        raise ValueError(f"expected a finite number in an inspection, got {value}")
    # Adding zero turns -0.0 into 0.0.
    return round(float(value), decimals) + 0.0
