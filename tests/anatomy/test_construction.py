"""The angles that are drawn are the angles that are measured."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sagittal.anatomy.construction import Angle, pelvic_angles
from sagittal.anatomy.landmarks import Circle, EndPlate, Landmarks
from sagittal.anatomy.parameters import parameters_from_landmarks

coordinates = st.floats(-40, 40)


@st.composite
def pelvises(draw: st.DrawFn) -> tuple[Landmarks, tuple[float, float]]:
    """An S1 end plate of a patient who faces left or right, hips below it, pixels of any shape."""
    sign = draw(st.sampled_from([-1, 1]))
    plate = EndPlate((500 + sign * 60, 500 + draw(coordinates)), (500 - sign * 60, 500 + draw(coordinates)))
    head = Circle((500 + sign * draw(st.floats(-150, 150)), draw(st.floats(700, 900))), 60.0)
    aspect = (draw(st.floats(0.5, 2)), draw(st.floats(0.5, 2)))
    return Landmarks({}, plate, (head,), "right" if sign > 0 else "left"), aspect


def swept(angle: Angle, vertex: tuple[float, float], aspect: tuple[float, float]) -> float:
    """Degrees between the ends of a drawn arc about its vertex, in square units."""
    spokes = (angle.arc[[0, -1]] - vertex) * aspect[::-1]
    bearings = np.degrees(np.arctan2(spokes[:, 1], spokes[:, 0]))
    return float(abs((bearings[1] - bearings[0] + 180) % 360 - 180))


@given(pelvises())
def test_each_arc_spans_the_measured_angle(pelvis: tuple[Landmarks, tuple[float, float]]) -> None:
    landmarks, aspect = pelvis
    measured = parameters_from_landmarks(landmarks, pixel_aspect=aspect)
    assume(abs(measured["PI"].value or 0) < 170)
    assert landmarks.s1 is not None
    vertices = {"SS": landmarks.s1.midpoint, "PI": landmarks.s1.midpoint, "PT": landmarks.hip_axis}
    angles = pelvic_angles(landmarks, aspect)
    assert {angle.name for angle in angles} == {"PI", "PT", "SS"}
    for angle in angles:
        assert swept(angle, vertices[angle.name], aspect) == pytest.approx(abs(measured[angle.name].value), abs=1e-6)


def test_without_heads_only_the_sacral_slope_is_drawn() -> None:
    landmarks = Landmarks({}, EndPlate((125.0, 450.0), (185.0, 420.0)), (), "left")
    assert [angle.name for angle in pelvic_angles(landmarks, (1.0, 1.0))] == ["SS"]


def test_without_an_s1_end_plate_no_angle_is_drawn() -> None:
    landmarks = Landmarks({}, None, (Circle((100.0, 500.0), 40.0),), "left")
    assert pelvic_angles(landmarks, (1.0, 1.0)) == ()
