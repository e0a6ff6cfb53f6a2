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

from sagittal import NOT_FOR_CLINICAL_USE  # noqa: E402
from sagittal.anatomy.definitions import default_definitions  # noqa: E402

__all__ = ["NOT_FOR_CLINICAL_USE", "default_definitions"]
