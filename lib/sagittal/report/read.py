"""The way back: an inspection from the JSON that another process made, a server for one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sagittal.anatomy.comparison.compared_film import finding_from_json, parameter_from_json
from sagittal.anatomy.landmark_json import landmarks_from_json
from sagittal.anatomy.measurement import Measurement, ParameterValue, Quality
from sagittal.films.film import Film
from sagittal.inference import Inspection
from sagittal.report.error import ReportError
from sagittal.report.result import SCHEMA_VERSION
from sagittal.view import View


def read_result(path: Path) -> Mapping[str, Any]:
    """The JSON that `sagittal measure` wrote of a film.

    Raises:
        ReportError: the file cannot be read, or is no such JSON.
    """
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ReportError(f"{path}: cannot be read: {error.strerror}; name the .json of an earlier film") from error
    except ValueError as error:
        raise ReportError(f"{path}: is no JSON; name the .json that was written of an earlier film") from error
    is_result = isinstance(result, dict) and {"schema_version", "film", "parameters"} <= set(result)
    if not is_result or result["schema_version"] != SCHEMA_VERSION:
        raise ReportError(f"{path}: is no result of schema version {SCHEMA_VERSION}; measure the earlier film again")
    return result


def inspection_from_json(result: Mapping[str, Any], film: Film, label_map: npt.NDArray[np.uint8]) -> Inspection:
    """What `result_as_json` wrote, joined again with its film and its (rows, columns) label map of structure ids.

    Raises:
        ValueError: the JSON has another schema version, or its film or the label map another shape than the film.
        KeyError: the JSON lacks a key of the contract.
    """
    if result["schema_version"] != SCHEMA_VERSION:
        raise ValueError(f"expected a result of schema version {SCHEMA_VERSION}, got {result['schema_version']}")
    if tuple(result["film"]["shape"]) != film.shape or label_map.shape != film.shape:
        raise ValueError(
            f"result and label map must be of the film's shape {film.shape}, "
            f"got {tuple(result['film']['shape'])} and {label_map.shape}"
        )
    measurement = Measurement(
        landmarks=landmarks_from_json(result["landmarks"], result["film"]["anterior"]),
        parameters=_parameters(result["parameters"]),
        quality=Quality(result["quality"]["verdict"], tuple(result["quality"]["reasons"])),
        warnings=tuple(warning for warning in result["warnings"] if warning not in film.warnings),
        label_map=label_map,
    )
    value_branch = None if result["value_branch"] is None else _parameters(result["value_branch"])
    # A result of an earlier version has none: they then follow from the measurement.
    clinical = tuple(finding_from_json(f) for f in result["clinical"]) if "clinical" in result else None
    # Nor did it look at the picture.
    view = View(**result["view"]) if result.get("view") else None
    return Inspection(film, measurement, result["model"], value_branch, clinical, view)


def _parameters(content: Mapping[str, Any]) -> dict[str, ParameterValue]:
    return {name: parameter_from_json(name, parameter) for name, parameter in content.items()}
