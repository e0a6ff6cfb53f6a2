"""Landmarks as a file of a dataset: JSON, points in pixels of the film (x right, y down, pixel centres at integers)."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sagittal.anatomy.landmarks import Body, Circle, EndPlate, Landmarks, Side
from sagittal.datasets.error import DatalistError
from sagittal.datasets.fault import faults_of

Number = Annotated[float, Field(allow_inf_nan=False)]
PointValues = tuple[Number, Number]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Corners(_Strict):
    superior_anterior: PointValues
    superior_posterior: PointValues
    inferior_anterior: PointValues
    inferior_posterior: PointValues


class _Plate(_Strict):
    anterior: PointValues
    posterior: PointValues


class _Head(_Strict):
    center: PointValues
    radius: Annotated[float, Field(gt=0, allow_inf_nan=False)]


class _LandmarkFile(_Strict):
    anterior: Side | None
    bodies: dict[str, _Corners]
    S1: _Plate | None
    femoral_heads: Annotated[list[_Head], Field(max_length=2)]


def landmarks_as_json(landmarks: Landmarks) -> dict[str, Any]:
    """Landmarks as plain Python types, at full precision."""
    return {
        "anterior": landmarks.anterior,
        "bodies": {name: asdict(body) for name, body in landmarks.bodies.items()},
        "S1": asdict(landmarks.s1) if landmarks.s1 else None,
        "femoral_heads": [asdict(head) for head in landmarks.femoral_heads],
    }


def read_landmarks(path: Path) -> Landmarks:
    """The landmarks of a dataset's landmark file.

    Raises:
        DatalistError: names the file and what is wrong with it.
    """
    try:
        content = _LandmarkFile.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        raise DatalistError(f"{path}: is no landmark file: {faults_of(error)}") from error
    except (OSError, ValueError) as error:
        raise DatalistError(f"{path}: cannot be read as landmarks: {error}") from error
    return Landmarks(
        bodies={name: Body(**corners.model_dump()) for name, corners in content.bodies.items()},
        s1=EndPlate(**content.S1.model_dump()) if content.S1 else None,
        femoral_heads=tuple(Circle(**head.model_dump()) for head in content.femoral_heads),
        anterior=content.anterior,
    )
