"""What a DICOM header says, read from a plain mapping: no library is needed."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from sagittal.header import age_years, anterior_side, doubts_of, is_inverted, why_no_film

FILM = {"Modality": "DX", "PixelData": b""}


def test_nothing_but_the_standard_library_and_numpy_is_loaded() -> None:
    program = "import sys, sagittal.header; print({'pydicom', 'scipy', 'yaml', 'torch'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "pydicom" not in done.stdout
    assert "torch" not in done.stdout


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (FILM, None),
        ({**FILM, "NumberOfFrames": "1"}, None),
        ({**FILM, "NumberOfFrames": "12"}, "holds 12 frames"),
        ({**FILM, "Modality": "CT"}, "a CT slice"),
        ({**FILM, "Modality": "XY"}, "an object of modality XY"),
        ({"Modality": "DX"}, "without an image"),
    ],
)
def test_what_is_no_single_film_is_told(header: dict[str, Any], reason: str | None) -> None:
    said = why_no_film(header)
    assert (said is None) if reason is None else (said is not None and reason in said)


@pytest.mark.parametrize(
    ("orientation", "side"),
    [(["A", "F"], "right"), (["P", "F"], "left"), (["L", "F"], None), ("A", None), (None, None)],
)
def test_the_side_that_the_patient_faces(orientation: Any, side: str | None) -> None:
    assert anterior_side({"PatientOrientation": orientation})[0] == side


@pytest.mark.parametrize(
    ("header", "years"),
    [
        ({"PatientAge": "045Y"}, 45),
        ({"PatientAge": "000Y"}, None),
        ({"PatientBirthDate": "19700101", "StudyDate": "20200101"}, 50.0),
        ({"PatientBirthDate": "19700132", "StudyDate": "20200101"}, None),
        ({"PatientBirthDate": "1970", "StudyDate": "20200101"}, None),
        ({}, None),
    ],
)
def test_the_age_at_the_study(header: dict[str, Any], years: float | None) -> None:
    assert age_years(header) == (None if years is None else pytest.approx(years, abs=0.01))


@pytest.mark.parametrize(
    ("interpretation", "shape", "inverted"),
    [("MONOCHROME1", "", True), ("MONOCHROME2", "", False), ("MONOCHROME2", "INVERSE", True), ("", "", False)],
)
def test_dark_bone_is_noticed(interpretation: str, shape: str, inverted: bool) -> None:
    assert is_inverted({"PhotometricInterpretation": interpretation, "PresentationLUTShape": shape}) is inverted


def test_what_is_not_quite_a_film_raises_doubts() -> None:
    assert doubts_of(FILM) == ()
    assert "not lateral" in doubts_of({**FILM, "ViewPosition": "AP"})[0]
