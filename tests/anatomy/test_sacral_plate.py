"""The S1 end plate is the straight edge of the sacrum that faces the lowest body."""

from __future__ import annotations

import numpy as np
import pytest
from sagittal.anatomy import measure_mask
from skimage import draw

from .conftest import DEPTH, Patient


@pytest.mark.parametrize("slope", [12.0, 38.0, 62.0])
@pytest.mark.parametrize("disc", [4.0, 22.0])
def test_both_ends_are_the_wedges_corners(slope: float, disc: float) -> None:
    patient = Patient(sacral_slope=slope, discs=(disc, 9.0, 8.0, 7.0, 5.0, 3.0, 2.0), disc_height=26.0)
    found, true = measure_mask(patient.mask()).landmarks.s1, patient.landmarks().s1
    assert found is not None
    assert true is not None
    for name in ("anterior", "posterior"):
        assert np.hypot(*np.subtract(getattr(found, name), getattr(true, name))) < 0.06 * DEPTH


def test_a_tip_beyond_the_films_edge_does_not_matter(patient: Patient) -> None:
    measured = measure_mask(patient.mask()[:, :430])
    assert measured.parameters["SS"].value == pytest.approx(38, abs=1)


def test_a_plate_cut_by_the_films_edge_is_not_measured(patient: Patient) -> None:
    mask = np.ascontiguousarray(patient.mask()[:, :330])
    measured = measure_mask(mask, anterior="left")
    assert measured.landmarks.s1 is None
    assert measured.parameters["SS"].reason is not None
    assert measured.quality.verdict == "not measurable"


@pytest.mark.parametrize("radius", [12, 22])
def test_a_promontory_called_vertebra_belongs_to_the_sacrum(patient: Patient, radius: int) -> None:
    mask, s1 = patient.mask(), patient.landmarks().s1
    assert s1 is not None
    rows, columns = draw.disk(s1.anterior[::-1], radius, shape=mask.shape)
    corner = mask[rows, columns] == 2
    mask[rows[corner], columns[corner]] = 1
    measured = measure_mask(mask)
    assert measured.parameters["SS"].value == pytest.approx(38, abs=1)
    assert measured.landmarks.s1 is not None
    assert np.hypot(*np.subtract(measured.landmarks.s1.anterior, s1.anterior)) < 0.06 * DEPTH


def test_without_l5_the_plate_is_still_found() -> None:
    patient = Patient(levels=("L4", "L3", "L2", "L1"))
    assert measure_mask(patient.mask()).parameters["SS"].value == pytest.approx(38, abs=1.5)
