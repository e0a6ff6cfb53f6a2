"""Slips: percent, sign and grade."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sagittal.anatomy import EndPlate
from sagittal.anatomy.clinical import default_limits

from ..conftest import Patient, moved, repeatable
from .drawn import DEPTH, FRONT, body, findings, spine, superior_row


@pytest.mark.parametrize(
    ("percent", "grade"),
    [
        (0.1, "I"),
        (25, "I"),
        (math.nextafter(25, 26), "II"),
        (50, "II"),
        (math.nextafter(50, 51), "III"),
        (75, "III"),
        (math.nextafter(75, 76), "IV"),
        (100, "IV"),
        (math.nextafter(100, 101), "V"),
        (130, "V"),
    ],
)
def test_every_limit_belongs_to_the_lower_grade(percent: float, grade: str) -> None:
    assert default_limits().slip.grades.of(percent).grade == grade


@pytest.mark.parametrize(
    ("forward", "grade", "status"),
    [
        (0, "none", "normal"),
        (7.9, "none", "normal"),
        (-7.9, "none", "normal"),
        (8, "I", "abnormal"),
        (12, "I", "abnormal"),
        (-12, "I", "hint"),
        (30, "II", "abnormal"),
        (-30, "II", "abnormal"),
        (60, "III", "abnormal"),
        (110, "V", "abnormal"),
    ],
)
def test_a_body_that_is_moved_forward_slips_by_as_much(forward: float, grade: str, status: str) -> None:
    # Bodies are 100 deep: as many percent as pixels.
    found = findings(spine({"L4": body(3, forward=forward)}))
    slip = found["slip L4L5"]
    assert slip.value == pytest.approx(forward)
    assert (slip.grade, slip.status, slip.unit) == (grade, status, "%")
    assert ("retrolisthesis" in (slip.reason or "")) == (forward <= -8)
    assert ("under 8 %" in (slip.reason or "")) == (0 < abs(forward) < 8)
    # What lies above it has stayed behind.
    assert found["slip L3L4"].value == pytest.approx(-forward)
    assert found["slip L1L2"].value == pytest.approx(0)


def test_the_lower_plate_is_the_measure() -> None:
    landmarks = replace(spine(), s1=EndPlate((FRONT, superior_row(5)), (FRONT + 80, superior_row(5))))
    # L5 reaches 20 behind a plate of 80.
    assert findings(landmarks)["slip L5S1"].value == pytest.approx(-25)


@repeatable
@given(st.floats(-40, 60), st.floats(-30, 30), st.floats(0.3, 4))
def test_turning_mirroring_and_scaling_change_nothing(forward: float, degrees: float, scale: float) -> None:
    c, s = scale * math.cos(math.radians(degrees)), scale * math.sin(math.radians(degrees))
    landmarks = spine({"L4": body(3, forward=forward)})
    turned = moved(landmarks, lambda x, y: (c * x - s * y, s * x + c * y))
    mirrored = moved(turned, lambda x, y: (900 - x, y), anterior="right")
    for changed in (turned, mirrored):
        assert findings(changed)["slip L4L5"].value == pytest.approx(forward, abs=1e-6)


def test_pixels_that_are_not_square_change_nothing_when_their_aspect_is_stated() -> None:
    landmarks = Patient().landmarks()
    squeezed = moved(landmarks, lambda x, y: (x, y / 2.5))
    true, stated = findings(landmarks), findings(squeezed, pixel_aspect=(2.5, 1.0))
    for name, finding in true.items():
        if finding.value is not None:
            assert stated[name].value == pytest.approx(finding.value), name


def test_a_slip_without_its_body_or_plate_is_absent_for_their_reason() -> None:
    landmarks = spine()
    without_l4 = replace(landmarks, bodies={n: b for n, b in landmarks.bodies.items() if n != "L4"})
    found = findings(without_l4)
    assert {n for n, f in found.items() if n.startswith("slip ") and f.status == "absent"} == {"slip L3L4", "slip L4L5"}
    assert found["slip L4L5"].reason == "level L4 not found"
    assert findings(replace(landmarks, s1=None))["slip L5S1"].reason == "no S1 end plate found"


def test_with_six_bodies_the_lowest_slips_are_those_of_l6() -> None:
    landmarks = spine()
    bodies = {**landmarks.bodies, "L6": body(5)}
    row = superior_row(6)
    six = replace(landmarks, bodies=bodies, s1=EndPlate((FRONT, row), (FRONT + DEPTH, row)))
    found = findings(six)
    assert "slip L5S1" not in found
    assert found["slip L5L6"].value == pytest.approx(0)
    assert found["slip L6S1"].value == pytest.approx(0)
