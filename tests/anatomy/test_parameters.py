"""Parameters follow from landmarks as their definitions say."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sagittal.anatomy import EndPlate, Landmarks, parameters_from_landmarks
from sagittal.anatomy.parameters import status_of

from .conftest import Patient, moved, repeatable, values

angles = st.floats(-12, 12)
patients = st.builds(
    Patient,
    sacral_slope=st.floats(-10, 75),
    pelvic_tilt=st.floats(-30, 50),
    wedges=st.tuples(*[angles] * 7),
    discs=st.tuples(*[angles] * 7),
)
HORIZONTAL = {"SS", "PT"}


@repeatable
@given(patients)
def test_stated_angles_are_measured(patient: Patient) -> None:
    measured = values(parameters_from_landmarks(patient.landmarks()))
    assert measured["SS"] == pytest.approx(patient.sacral_slope)
    assert measured["PT"] == pytest.approx(patient.pelvic_tilt)
    assert [measured[n] for n in ("L5", "L4", "L3", "L2", "L1")] == pytest.approx(patient.wedges[:5])
    assert [measured[n] for n in ("L5S1", "L4L5", "L3L4", "L2L3", "L1L2")] == pytest.approx(patient.discs[:5])


@repeatable
@given(patients)
def test_incidence_is_tilt_plus_slope_and_lordosis_the_sum_of_wedges_and_discs(patient: Patient) -> None:
    measured = values(parameters_from_landmarks(patient.landmarks()))
    assert measured["PI"] == pytest.approx(measured["PT"] + measured["SS"], abs=1e-12)
    parts = ("L1", "L2", "L3", "L4", "L5", "L1L2", "L2L3", "L3L4", "L4L5", "L5S1")
    assert measured["LL"] == pytest.approx(sum(measured[part] for part in parts))
    assert measured["L4S1"] == pytest.approx(sum(measured[part] for part in ("L4", "L4L5", "L5", "L5S1")))
    assert measured["PI-LL"] == pytest.approx(measured["PI"] - measured["LL"])
    assert measured["RLL"] == pytest.approx(measured["LL"] - 0.62 * measured["PI"] - 29)


@repeatable
@given(patients)
def test_incidence_is_the_angle_between_plate_normal_and_hip_line(patient: Patient) -> None:
    landmarks = patient.landmarks()
    assert landmarks.s1 is not None
    assert landmarks.hip_axis is not None
    along = [p - a for p, a in zip(landmarks.s1.posterior, landmarks.s1.anterior, strict=True)]
    to_hip = [h - m for h, m in zip(landmarks.hip_axis, landmarks.s1.midpoint, strict=True)]
    caudal = (-along[1], along[0])
    cross = caudal[0] * to_hip[1] - caudal[1] * to_hip[0]
    dot = caudal[0] * to_hip[0] + caudal[1] * to_hip[1]
    measured = values(parameters_from_landmarks(landmarks))
    assert measured["PI"] == pytest.approx(math.degrees(math.atan2(cross, dot)))


@repeatable
@given(patients, st.floats(-25, 25))
def test_turning_the_patient_changes_only_what_refers_to_the_horizontal(patient: Patient, degrees: float) -> None:
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turned = moved(patient.landmarks(), lambda x, y: (c * x - s * y, s * x + c * y))
    before, after = values(parameters_from_landmarks(patient.landmarks())), values(parameters_from_landmarks(turned))
    # Clockwise on the film, of a patient who faces left: the posterior end sinks.
    assert after["SS"] == pytest.approx(before["SS"] - degrees)
    assert after["PT"] == pytest.approx(before["PT"] + degrees)
    for name in before.keys() - HORIZONTAL:
        assert after[name] == pytest.approx(before[name], abs=1e-6)


@repeatable
@given(patients)
def test_mirroring_the_film_changes_nothing(patient: Patient) -> None:
    mirrored = moved(patient.landmarks(), lambda x, y: (619 - x, y), anterior="right")
    assert values(parameters_from_landmarks(mirrored)) == pytest.approx(
        values(parameters_from_landmarks(patient.landmarks())), abs=1e-9
    )


@repeatable
@given(patients, st.floats(0.1, 20), st.floats(-500, 500))
def test_scale_and_position_change_nothing(patient: Patient, scale: float, shift: float) -> None:
    scaled = moved(patient.landmarks(), lambda x, y: (scale * x + shift, scale * y - shift))
    assert values(parameters_from_landmarks(scaled)) == pytest.approx(
        values(parameters_from_landmarks(patient.landmarks())), abs=1e-6
    )


@repeatable
@given(patients, st.floats(0.4, 2.5))
def test_pixels_that_are_not_square_change_nothing_when_their_aspect_is_stated(
    patient: Patient, row_size: float
) -> None:
    squeezed = moved(patient.landmarks(), lambda x, y: (x, y / row_size))
    assert values(parameters_from_landmarks(squeezed, pixel_aspect=(row_size, 1.0))) == pytest.approx(
        values(parameters_from_landmarks(patient.landmarks())), abs=1e-6
    )


def test_a_squeezed_grid_would_turn_45_degrees_into_58_7() -> None:
    plate = EndPlate((0.0, 100.0), (100.0, 0.0))
    squeezed = EndPlate((0.0, 100 * 512 / 3408), (100 * 512 / 2035, 0.0))
    film, grid = (Landmarks({}, p, (), "left") for p in (plate, squeezed))
    assert parameters_from_landmarks(film)["SS"].value == pytest.approx(45)
    # 2035 x 3408 pixels in 512 x 512 cells: 58.7 of a plate at 45 degrees, taken the other way round 31.3.
    assert parameters_from_landmarks(grid)["SS"].value == pytest.approx(90 - 58.7, abs=0.5)
    stated = parameters_from_landmarks(grid, pixel_aspect=(3408 / 512, 2035 / 512))
    assert stated["SS"].value == pytest.approx(45)


def test_tilt_is_negative_when_the_hip_axis_lies_behind() -> None:
    measured = parameters_from_landmarks(Patient(sacral_slope=57.82, pelvic_tilt=-4.98).landmarks())
    assert measured["PT"].value == pytest.approx(-4.98)
    assert measured["PI"].value == pytest.approx(52.84)
    assert measured["PT"].status == "below"


@pytest.mark.parametrize(
    ("value", "status"),
    [(-10.9, "below"), (-10.0, "within"), (0.0, "within"), (10.0, "within"), (10.000001, "above")],
)
def test_status_compares_exactly(value: float, status: str) -> None:
    assert status_of(value, (-10, 10)) == status


def test_lordosis_distribution_is_undefined_without_lordosis() -> None:
    flat = parameters_from_landmarks(Patient(discs=(0.0,) * 7, wedges=(1.0,) * 7).landmarks())
    assert flat["LDI"].value is None
    assert flat["LDI"].status == "absent"
    assert "LL is 5.0" in (flat["LDI"].reason or "")
    assert flat["LL"].value == pytest.approx(5)


def test_absent_landmarks_leave_reasons_where_their_parameters_would_be(patient: Patient) -> None:
    no_heads = parameters_from_landmarks(moved(patient.landmarks(), lambda x, y: (x, y), femoral_heads=()))
    assert {n for n, p in no_heads.items() if p.value is None} == {"PI", "PT", "PI-LL", "RLL"}
    assert no_heads["PI"].reason == "no femoral head found"
    no_l1 = parameters_from_landmarks(Patient(levels=("L5", "L4", "L3", "L2")).landmarks())
    assert {n for n, p in no_l1.items() if p.value is None} == {"LL", "PI-LL", "LDI", "RLL", "L1", "L1L2"}
    assert no_l1["LL"].reason == "level L1 not found"
    no_s1 = parameters_from_landmarks(moved(patient.landmarks(), lambda x, y: (x, y), s1=None))
    assert {n for n, p in no_s1.items() if p.value is not None} == {
        *("L1", "L2", "L3", "L4", "L5"),
        *("L1L2", "L2L3", "L3L4", "L4L5"),
    }


def test_nothing_is_measured_without_an_anterior_side(patient: Patient) -> None:
    unknown = parameters_from_landmarks(moved(patient.landmarks(), lambda x, y: (x, y), anterior=None))
    assert {p.reason for p in unknown.values()} == {"the anterior side could not be told"}


def test_an_end_plate_without_length_has_no_slope(patient: Patient) -> None:
    point = EndPlate((3.0, 4.0), (3.0, 4.0))
    measured = parameters_from_landmarks(moved(patient.landmarks(), lambda x, y: (x, y), s1=point))
    assert measured["SS"].reason == "both ends of an end plate of S1 fall together"


def test_a_sixth_body_is_no_disc_of_l5(patient: Patient) -> None:
    landmarks = patient.landmarks()
    six = parameters_from_landmarks(
        moved(landmarks, lambda x, y: (x, y), bodies={**landmarks.bodies, "L6": landmarks.bodies["L5"]})
    )
    assert six["L5S1"].reason == "L6 lies between L5 and S1"


@pytest.mark.parametrize("aspect", [(0.0, 1.0), (1.0, -1.0), (math.nan, 1.0), (math.inf, 1.0)])
def test_pixels_without_size_are_refused(patient: Patient, aspect: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="pixel_aspect"):
        parameters_from_landmarks(patient.landmarks(), pixel_aspect=aspect)
