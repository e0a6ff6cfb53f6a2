"""Heads are circles through the arc that is seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sagittal.anatomy import Measurement, measure_mask

from .conftest import DEPTH, Patient


def assert_heads_right(measured: Measurement, patient: Patient, tolerance: float) -> None:
    expected = patient.landmarks().femoral_heads
    assert len(measured.landmarks.femoral_heads) == len(expected)
    for found, true in zip(measured.landmarks.femoral_heads, expected, strict=True):
        assert np.hypot(*np.subtract(found.center, true.center)) < tolerance * true.radius
        assert found.radius == pytest.approx(true.radius, rel=tolerance)


@pytest.mark.parametrize("front", [1, 2])
@pytest.mark.parametrize("offset", [(30.0, -38.0), (60.0, -70.0), (-25.0, -12.0)])
def test_the_crescent_behind_the_other_head_gives_its_whole_circle(front: int, offset: tuple[float, float]) -> None:
    patient = Patient(head_offset=offset)
    assert_heads_right(measure_mask(patient.mask(front)), patient, 0.06)


def test_the_more_cranial_head_comes_first_whatever_its_class(patient: Patient) -> None:
    mask = patient.mask()
    swapped = mask.copy()
    swapped[mask == 3], swapped[mask == 4] = 4, 3
    a, b = measure_mask(mask), measure_mask(swapped)
    assert a.landmarks == b.landmarks
    assert np.array_equal(a.label_map, b.label_map)


@pytest.mark.parametrize("rows", [840, 815])
def test_a_head_cut_by_the_films_edge_may_have_its_centre_outside(patient: Patient, rows: int) -> None:
    measured = measure_mask(patient.mask()[:rows])
    assert_heads_right(measured, patient, 0.12)
    assert measured.parameters["PI"].value == pytest.approx(50, abs=1.5)


@pytest.mark.parametrize("row", [840, 815, 795])
def test_a_border_across_the_film_cuts_heads_like_its_edge(patient: Patient, row: int) -> None:
    mask = patient.mask()
    mask[row:] = 0
    measured = measure_mask(mask)
    assert_heads_right(measured, patient, 0.12)
    assert measured.parameters["PI"].value == pytest.approx(50, abs=1.5)


def test_slivers_to_both_sides_of_a_head_are_one_circle() -> None:
    patient = Patient(head_offset=(2.0, -40.0))
    upper = min(patient.landmarks().femoral_heads, key=lambda head: head.center[1])
    measured = measure_mask(patient.mask()[: int(upper.center[1] + 30)])
    assert_heads_right(measured, patient, 0.15)


def test_a_ring_around_the_head_in_front_is_the_other_head() -> None:
    patient = Patient(head_offset=(1.0, -1.0), head_radii=(42.0, 48.0))
    assert_heads_right(measure_mask(patient.mask()), patient, 0.05)


def test_a_head_in_pieces_is_one_head(patient: Patient) -> None:
    mask = patient.mask()
    first = patient.landmarks().femoral_heads[0]
    column = round(first.center[0]) - 12
    gap = mask[:, column - 3 : column + 3]
    gap[gap == 3] = 0
    assert_heads_right(measure_mask(mask), patient, 0.06)


def test_a_speck_beside_the_heads_is_none(patient: Patient) -> None:
    mask = patient.mask()
    mask[mask == 4] = 0
    mask[700:709, 420:429] = 4
    assert len(measure_mask(mask).landmarks.femoral_heads) == 1


def test_one_head_is_used_and_told(patient: Patient) -> None:
    mask = patient.mask(front_head=1)
    mask[mask == 4] = 0
    measured = measure_mask(mask)
    only = patient.landmarks().femoral_heads[0]
    assert measured.landmarks.hip_axis == pytest.approx(only.center, abs=1)
    assert measured.quality.verdict == "measurable with caution"
    assert "only one femoral head found: its centre stands for the hip axis" in measured.warnings


def test_no_head_leaves_incidence_and_tilt_absent(patient: Patient) -> None:
    mask = patient.mask()
    mask[mask > 2] = 0
    measured = measure_mask(mask)
    assert measured.landmarks.hip_axis is None
    absent = {name for name, p in measured.parameters.items() if p.value is None}
    assert absent == {"PI", "PT", "PI-LL", "RLL"}
    assert measured.parameters["PT"].reason == "no femoral head found"
    assert measured.parameters["LL"].value == pytest.approx(46, abs=1)


def test_two_heads_of_one_class_are_two_heads() -> None:
    patient = Patient(head_offset=(75.0, -70.0))
    mask = patient.mask()
    mask[mask == 4] = 3
    assert_heads_right(measure_mask(mask), patient, 0.05)


def test_a_short_arc_is_told() -> None:
    patient = replace(Patient(), head_offset=(6.0, -4.0), head_radii=(44.0, 44.0))
    lowest = max(head.center[1] for head in patient.landmarks().femoral_heads)
    measured = measure_mask(patient.mask()[: int(lowest - 0.86 * 44)])
    assert any("shows an arc of" in reason or "only one" in reason for reason in measured.quality.reasons)


def test_radius_stays_within_that_of_heads(patient: Patient) -> None:
    mask = patient.mask()
    mask[mask > 2] = 0
    mask[780:790, 200:330] = 3
    for head in measure_mask(mask).landmarks.femoral_heads:
        assert 0.4 * DEPTH < head.radius < 0.92 * DEPTH


@pytest.mark.parametrize("offset", [(-55.0, -62.0), (60.0, -70.0), (-70.0, -20.0)])
@pytest.mark.parametrize("share", [0.0, 0.1])
def test_two_heads_that_a_network_took_for_one_are_both_found(offset: tuple[float, float], share: float) -> None:
    patient = Patient(head_offset=offset)
    mask = patient.mask()
    mask[mask == 4] = 3
    # What is left of the other class is a stripe along one side.
    columns = np.flatnonzero((mask == 3).any(axis=0))
    stripe = columns[: round(share * len(columns))]
    mask[:, stripe] = np.where(mask[:, stripe] == 3, 4, mask[:, stripe])
    measured = measure_mask(mask)
    assert_heads_right(measured, patient, 0.08)
    assert measured.parameters["PI"].value == pytest.approx(50, abs=1.5)
