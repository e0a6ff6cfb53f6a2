"""The anterior side comes from the anatomy."""

from __future__ import annotations

import numpy as np
import pytest
from sagittal.anatomy import measure_mask
from sagittal.anatomy.facing import lying

from .conftest import Patient, values


def test_both_facings_measure_alike(patient: Patient) -> None:
    left, right = measure_mask(patient.mask()), measure_mask(patient.mask()[:, ::-1])
    assert (left.landmarks.anterior, right.landmarks.anterior) == ("left", "right")
    assert values(left.parameters) == pytest.approx(values(right.parameters), abs=1)


@pytest.mark.parametrize(("slope", "tilt"), [(5.0, 30.0), (12.0, 20.0), (30.0, -8.0), (60.0, -8.0), (60.0, 30.0)])
def test_steep_and_flat_sacra_face_left(slope: float, tilt: float) -> None:
    patient = Patient(sacral_slope=slope, pelvic_tilt=tilt, s1_middle=(300.0, 590.0))
    measured = measure_mask(patient.mask())
    assert measured.landmarks.anterior == "left"
    assert measured.parameters["SS"].value == pytest.approx(slope, abs=1)
    assert measured.parameters["PT"].value == pytest.approx(tilt, abs=1)


def test_a_stated_side_wins_and_its_contradiction_is_told(patient: Patient) -> None:
    measured = measure_mask(patient.mask(), anterior="right")
    assert measured.landmarks.anterior == "right"
    assert measured.quality.verdict == "measurable with caution"
    assert "the anterior side is given as right, the anatomy says left" in measured.quality.reasons


def test_a_film_upside_down_is_not_measured(patient: Patient) -> None:
    measured = measure_mask(np.ascontiguousarray(patient.mask()[::-1]))
    assert measured.quality.verdict == "not measurable"
    assert measured.parameters["LL"].reason == "the film is upside down: the sacrum lies above the vertebral bodies"


def test_a_film_on_its_side_is_not_measured(patient: Patient) -> None:
    measured = measure_mask(np.ascontiguousarray(patient.mask().T))
    assert measured.quality.reasons == ("the spine lies across the film: turn the film upright",)


def test_a_sacrum_far_behind_an_upright_spine_does_not_lay_it_down() -> None:
    sacrum, bodies = np.array([400.0, 690.0]), np.array([[190.0, 640.0], [150.0, 560.0], [160.0, 470.0]])
    assert lying(sacrum, bodies) is None
    assert lying(sacrum, bodies[:, ::-1]) is not None


def test_a_side_that_cannot_be_told_is_not_guessed(patient: Patient) -> None:
    mask = np.zeros((900, 620), dtype=np.uint8)
    for row in range(40, 540, 100):
        mask[row : row + 75, 270:350] = 1
    mask[560:800, 280:340] = 2
    measured = measure_mask(mask)
    assert measured.landmarks.anterior is None
    assert {p.status for p in measured.parameters.values()} == {"absent"}
    assert measured.parameters["L3"].reason == "the anterior side could not be told from the anatomy: state it"
    assert measure_mask(mask, anterior="left").parameters["SS"].value == pytest.approx(0, abs=1)
