"""Finds Sagittal's anatomy: the copy that the build bundled, or the library of the checkout this file lies in."""

from __future__ import annotations

import sys
from pathlib import Path

_BUNDLED = Path(__file__).with_name("bundled")
_CHECKOUT = Path(__file__).parents[3] / "lib"


def _libraryFolder() -> Path:
    for folder in (_BUNDLED, _CHECKOUT):
        if (folder / "sagittal" / "anatomy" / "definitions.json").is_file():
            return folder
    raise ImportError(
        "SpinoPelvic was not built: its anatomy is missing. Run `cmake -S . -B build/slicer` in Sagittal's folder "
        "and add build/slicer/SpinoPelvic to Slicer's additional module paths."
    )


if "sagittal" not in sys.modules:
    sys.path.insert(0, str(_libraryFolder()))

from sagittal import NOT_FOR_CLINICAL_USE, __version__, header  # noqa: E402
from sagittal.anatomy import (  # noqa: E402
    Body,
    Circle,
    EndPlate,
    Landmarks,
    MaskError,
    ParameterValue,
    default_definitions,
    measure_mask,
    parameters_from_landmarks,
)
from sagittal.anatomy.clinical import Finding, assess  # noqa: E402
from sagittal.anatomy.comparison import ComparedFilm, compare  # noqa: E402
from sagittal.anatomy.comparison.compared_film import finding_from_json, parameter_from_json  # noqa: E402
from sagittal.anatomy.construction import lordosis_angle, pelvic_angles  # noqa: E402
from sagittal.anatomy.landmark_json import landmarks_from_json, landmarks_to_json  # noqa: E402
from sagittal.anatomy.remarks import remarks  # noqa: E402

__all__ = [
    "NOT_FOR_CLINICAL_USE",
    "Body",
    "Circle",
    "ComparedFilm",
    "EndPlate",
    "Finding",
    "Landmarks",
    "MaskError",
    "ParameterValue",
    "__version__",
    "assess",
    "compare",
    "default_definitions",
    "finding_from_json",
    "header",
    "landmarks_from_json",
    "landmarks_to_json",
    "lordosis_angle",
    "measure_mask",
    "parameter_from_json",
    "parameters_from_landmarks",
    "pelvic_angles",
    "remarks",
]
