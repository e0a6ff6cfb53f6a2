"""DICOM films on disk with what was found on them, and the validators of DICOM objects."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dicom_cases import COLUMNS, COMPLETE, HEADS, ROWS, Case, drawn_mask, with_intervals
from dicom_films import write_dicom_film
from sagittal.anatomy.landmarks import Circle
from sagittal.films import read_film
from sagittal.inference import inspect_mask

MakeCase = Callable[..., Case]


@pytest.fixture
def make_case(tmp_path: Path) -> MakeCase:
    """Write a DICOM film (a complete one but for the attributes that are given), and measure a drawn mask on it."""

    def make(*, heads: tuple[Circle, ...] = HEADS, interval: float | None = 1.25, **attributes: Any) -> Case:
        values = np.tile(np.linspace(100, 900, COLUMNS).astype(np.uint16), (ROWS, 1))
        path = write_dicom_film(tmp_path / "film.dcm", values, **{"BitsStored": 10, **COMPLETE, **attributes})
        inspection = inspect_mask(read_film(path), drawn_mask(heads))
        return Case(path, with_intervals(replace(inspection, model="bilunet"), interval))

    return make


@pytest.fixture(scope="session")
def dciodvfy() -> Callable[[Path], list[str]]:
    """The errors that dciodvfy (Debian: dicom3tools) finds in a DICOM file."""
    program = shutil.which("dciodvfy")
    if program is None:
        pytest.skip("dciodvfy is not installed (apt-get install dicom3tools)")

    def errors(path: Path) -> list[str]:
        answer = subprocess.run([program, str(path)], capture_output=True, text=True, errors="replace", check=False)
        lines = (answer.stdout + answer.stderr).splitlines()
        # It ends by naming the object that it recognised; without that it has checked nothing.
        assert re.search(r"^(Segmentation|ComprehensiveSR)$", "\n".join(lines), re.MULTILINE), lines
        return [line for line in lines if line.startswith(("Error", "Abort"))]

    return errors


@pytest.fixture(scope="session")
def dsrdump() -> Callable[[Path], str]:
    """What dsrdump (Debian: dcmtk) prints of a structured report."""
    program = shutil.which("dsrdump")
    if program is None:
        pytest.skip("dsrdump is not installed (apt-get install dcmtk)")

    def dump(path: Path) -> str:
        answer = subprocess.run([program, "+Pl", "+Pc", str(path)], capture_output=True, text=True, check=True)
        assert not [line for line in answer.stderr.splitlines() if line.startswith(("E:", "F:"))], answer.stderr
        return answer.stdout

    return dump
