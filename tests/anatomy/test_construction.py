"""The angles that are drawn are the angles that are measured."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sagittal.anatomy.construction import Angle, lordosis_angle, pelvic_angles
from sagittal.anatomy.landmarks import Body, Circle, EndPlate, Landmarks, Side
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


@given(st.floats(-20, 20), st.floats(15, 60), st.sampled_from(["left", "right"]), st.floats(0.5, 2))
def test_the_perpendiculars_of_l1_and_s1_cross_at_the_measured_lordosis(
    upper: float, lower: float, side: Side, aspect: float
) -> None:
    sign = 1 if side == "left" else -1

    def plate(center: tuple[float, float], slope: float) -> EndPlate:
        half = 60 * np.array([np.cos(np.radians(slope)), -np.sin(np.radians(slope)) / aspect])
        ends = [np.add(center, direction * half) * (sign, 1) for direction in (-1, 1)]
        return EndPlate(*((float(x), float(y)) for x, y in ends))

    top, s1 = plate((0, 0), -upper), plate((0, 700 / aspect), lower)
    body = Body(top.anterior, top.posterior, top.anterior, top.posterior)
    landmarks = Landmarks({"L1": body}, s1, (), side)
    lordosis = parameters_from_landmarks(landmarks, pixel_aspect=(aspect, 1.0))["LL"].value
    drawn = lordosis_angle(landmarks, (aspect, 1.0))
    assert drawn is not None
    assert lordosis is not None
    assert len(drawn.legs) in (2, 4)
    if len(drawn.arc):
        first, second = (np.subtract(*leg[::-1]) * (1, aspect) for leg in drawn.legs[2:])
        crossed = np.degrees(np.arctan2(first[0] * second[1] - first[1] * second[0], first @ second))
        assert 180 - abs(crossed) == pytest.approx(abs(lordosis), abs=1e-6)


def test_without_l1_no_lordosis_is_drawn() -> None:
    landmarks = Landmarks({}, EndPlate((125.0, 450.0), (185.0, 420.0)), (), "left")
    assert lordosis_angle(landmarks, (1.0, 1.0)) is None


@pytest.mark.parametrize("hip_x", [490.0, 497.0, 500.0, 503.0, 510.0])
@pytest.mark.parametrize("sign", [-1, 1])
def test_the_label_of_a_narrow_tilt_stands_in_front_of_both_legs(hip_x: float, sign: int) -> None:
    plate = EndPlate((500 + sign * 50, 510.0), (500 - sign * 50, 490.0))
    landmarks = Landmarks({}, plate, (Circle((hip_x, 800.0), 60.0),), "right" if sign > 0 else "left")
    tilt = next(angle for angle in pelvic_angles(landmarks, (1.0, 1.0)) if angle.name == "PT")
    x, y = tilt.label_at
    # Where both legs, the vertical through the hip and the line to the plate, are at the label's height.
    on_line = hip_x + (500 - hip_x) * (800 - y) / 300
    assert all(sign * (x - leg) > 20 for leg in (hip_x, on_line))
