"""What is measured on a film now: the automatic result, and what the hand made of it. Without a scene."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from .anatomy import (
    Body,
    Circle,
    EndPlate,
    Finding,
    Landmarks,
    ParameterValue,
    assess,
    finding_from_json,
    landmarks_from_json,
    landmarks_to_json,
    parameter_from_json,
    parameters_from_landmarks,
    remarks,
)
from .ports import Side


@dataclass(frozen=True)
class Setting:
    """What of a film shapes its values: `pixelAspect` (row, column) size of a pixel, the patient's age where known, and
    the spacing (row, column) in mm where lengths may be told."""

    pixelAspect: tuple[float, float] = (1.0, 1.0)
    ageYears: float | None = None
    lengthSpacing: tuple[float, float] | None = None


@dataclass(frozen=True)
class Measured:
    """Landmarks with the parameters that were measured beside them, with their intervals and reasons."""

    landmarks: Landmarks
    parameters: Mapping[str, ParameterValue]


@dataclass(frozen=True)
class Reading:
    """All that the tables show of a film.

    `sources` are measurements whose values and intervals are taken over where a parameter's landmarks are still
    theirs: the automatic one first. `edited` names what was changed by hand, in the order of the changes.
    """

    landmarks: Landmarks
    parameters: Mapping[str, ParameterValue]
    findings: tuple[Finding, ...]
    verdict: str
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    model: str
    network: Mapping[str, ParameterValue]
    sources: tuple[Measured, ...]
    edited: tuple[str, ...] = ()

    @property
    def editedParameters(self) -> frozenset[str]:
        """Parameters that are no longer those of the automatic result."""
        automatic = self.sources[0].parameters
        return frozenset(name for name, parameter in self.parameters.items() if parameter != automatic.get(name))


def readingOf(result: Mapping[str, Any], setting: Setting) -> Reading:
    """The automatic reading: a result's JSON as the server sends it.

    Clinical findings are the server's; they are assessed here where it sends none, or where this computer knows the
    patient's age or trusts the spacing and the server could not.
    """
    film = result.get("film") or {}
    landmarks = landmarks_from_json(
        {"S1": None, "femoral_heads": (), "hip_axis": None, **(result.get("landmarks") or {})}, film.get("anterior")
    )
    parameters = {n: parameter_from_json(n, p) for n, p in (result.get("parameters") or {}).items()}
    quality = result.get("quality") or {}
    findings = tuple(finding_from_json(finding) for finding in result.get("clinical") or ())
    knowsMore = setting.lengthSpacing is not None or (setting.ageYears is not None and film.get("age_years") is None)
    if parameters and (not findings or knowsMore):
        findings = _assessed(landmarks, parameters, setting)
    return Reading(
        landmarks=landmarks,
        parameters=parameters,
        findings=findings,
        verdict=str(quality.get("verdict") or ""),
        reasons=tuple(map(str, quality.get("reasons") or ())),
        warnings=tuple(map(str, result.get("warnings") or ())),
        model=_modelText(result),
        network={n: parameter_from_json(n, p) for n, p in (result.get("value_branch") or {}).items()},
        sources=(Measured(landmarks, parameters),),
    )


def changed(reading: Reading, landmarks: Landmarks, edited: tuple[str, ...], setting: Setting) -> Reading:
    """The reading with other landmarks, `edited` names being added to what was changed by hand."""
    now = parameters_from_landmarks(landmarks, pixel_aspect=setting.pixelAspect)
    parameters = dict(now)
    for source in reversed(reading.sources):
        then = parameters_from_landmarks(source.landmarks, pixel_aspect=setting.pixelAspect)
        # Equal to the last bit: they rest on the same landmarks, so what was measured beside those still holds.
        same = [n for n in now if (now[n].value, now[n].reason) == (then[n].value, then[n].reason)]
        parameters.update((name, source.parameters[name]) for name in same if name in source.parameters)
    automatic = reading.sources[0]
    told = {note.text for note in remarks(automatic.landmarks, automatic.parameters)}
    notes = tuple(note.text for note in remarks(landmarks, parameters) if note.weight != "remark")
    kept = tuple(reason for reason in reading.reasons if reason not in told and reason not in notes)
    return replace(
        reading,
        landmarks=landmarks,
        parameters=parameters,
        findings=_assessed(landmarks, parameters, setting),
        reasons=(*kept, *notes),
        edited=tuple(dict.fromkeys((*reading.edited, *edited))),
    )


def facing(landmarks: Landmarks, side: Side) -> Landmarks:
    """The same points of a patient who faces a side: where it is the other one, front and back change names."""
    if landmarks.anterior in (side, None):
        return replace(landmarks, anterior=side)
    bodies = {
        name: Body(b.superior_posterior, b.superior_anterior, b.inferior_posterior, b.inferior_anterior)
        for name, b in landmarks.bodies.items()
    }
    s1 = None if landmarks.s1 is None else EndPlate(landmarks.s1.posterior, landmarks.s1.anterior)
    return replace(landmarks, bodies=bodies, s1=s1, anterior=side)


def withPlate(landmarks: Landmarks, level: str, which: str, plate: EndPlate) -> Landmarks:
    """One end plate elsewhere; `which` is "superior" or "inferior", and S1 has the superior one alone."""
    if level == "S1":
        return replace(landmarks, s1=plate)
    corners = {f"{which}_anterior": plate.anterior, f"{which}_posterior": plate.posterior}
    return replace(landmarks, bodies={**landmarks.bodies, level: replace(landmarks.bodies[level], **corners)})


def withHead(landmarks: Landmarks, index: int, head: Circle) -> Landmarks:
    """One femoral head elsewhere; the heads keep their order while the hand moves them."""
    heads = [head if k == index else other for k, other in enumerate(landmarks.femoral_heads)]
    return replace(landmarks, femoral_heads=tuple(heads))


def readingToJson(reading: Reading) -> dict[str, Any]:
    """All of a reading as plain Python types, for the scene and for the server."""
    return {
        "anterior": reading.landmarks.anterior,
        "landmarks": landmarks_to_json(reading.landmarks),
        "parameters": {name: asdict(parameter) for name, parameter in reading.parameters.items()},
        "clinical": [asdict(finding) for finding in reading.findings],
        "quality": {"verdict": reading.verdict, "reasons": list(reading.reasons)},
        "warnings": list(reading.warnings),
        "model": reading.model,
        "value_branch": {name: asdict(parameter) for name, parameter in reading.network.items()},
        "edited": list(reading.edited),
        "sources": [
            {
                "anterior": source.landmarks.anterior,
                "landmarks": landmarks_to_json(source.landmarks),
                "parameters": {name: asdict(parameter) for name, parameter in source.parameters.items()},
            }
            for source in reading.sources
        ],
    }


def readingFromJson(content: Mapping[str, Any]) -> Reading:
    """The way back.

    Raises:
        KeyError, TypeError: it is no such JSON.
    """
    return Reading(
        landmarks=landmarks_from_json(content["landmarks"], content["anterior"]),
        parameters=_parameters(content["parameters"]),
        findings=tuple(finding_from_json(finding) for finding in content["clinical"]),
        verdict=content["quality"]["verdict"],
        reasons=tuple(content["quality"]["reasons"]),
        warnings=tuple(content["warnings"]),
        model=content["model"],
        network=_parameters(content["value_branch"]),
        sources=tuple(
            Measured(landmarks_from_json(s["landmarks"], s["anterior"]), _parameters(s["parameters"]))
            for s in content["sources"]
        ),
        edited=tuple(content["edited"]),
    )


def _assessed(landmarks: Landmarks, parameters: Mapping[str, ParameterValue], setting: Setting) -> tuple[Finding, ...]:
    return assess(
        landmarks,
        parameters,
        pixel_aspect=setting.pixelAspect,
        age_years=setting.ageYears,
        length_spacing_mm=setting.lengthSpacing,
    )


def _parameters(content: Mapping[str, Any]) -> dict[str, ParameterValue]:
    return {name: parameter_from_json(name, parameter) for name, parameter in content.items()}


def _modelText(result: Mapping[str, Any]) -> str:
    model = result.get("model") or ""
    return str(model.get("name", "")) if isinstance(model, Mapping) else str(model)
