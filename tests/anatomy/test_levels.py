"""Bodies are counted upwards from the sacrum, and no fault of the mask shifts their names."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from sagittal.anatomy import Measurement, default_definitions, measure_mask

from .conftest import DEPTH, LEVELS, Patient, corners, fill, values


def assert_named_right(
    measured: Measurement, patient: Patient, without: tuple[str, ...] = (), within: float = 0.05
) -> None:
    expected = {name: body for name, body in patient.landmarks().bodies.items() if name not in without}
    assert list(measured.landmarks.bodies) == list(expected)
    for name, body in expected.items():
        off = np.array(corners(measured.landmarks.bodies[name])) - np.array(corners(body))
        assert np.max(np.linalg.norm(off, axis=1)) < within * DEPTH, name


def test_bodies_above_l1_are_named_and_told(patient: Patient) -> None:
    measured = measure_mask(patient.mask())
    assert_named_right(measured, patient)
    assert "T12, T11 above L1 are visible and not part of LL" in measured.warnings
    assert measured.quality.verdict == "measurable"


def test_four_bodies_are_told_and_leave_no_lordosis() -> None:
    patient = Patient(levels=("L5", "L4", "L3", "L2"))
    measured = measure_mask(patient.mask())
    assert_named_right(measured, patient)
    assert measured.parameters["LL"].reason == "level L1 not found"
    assert measured.parameters["L4S1"].value is not None
    assert any("lumbar bodies found: 4, the uppermost counted as L2" in warning for warning in measured.warnings)


@pytest.mark.parametrize("missed", ["L5", "L4", "L3", "L2", "L1", "T12"])
def test_a_missed_body_shifts_no_name(missed: str) -> None:
    patient = Patient(levels=tuple(level for level in LEVELS if level != missed))
    measured = measure_mask(patient.mask())
    assert_named_right(measured, patient)
    assert any(warning.startswith(f"level {missed} not found") for warning in measured.warnings)


def test_two_neighbours_missed_shift_no_name() -> None:
    patient = Patient(levels=("L5", "L4", "L1", "T12", "T11"))
    assert_named_right(measure_mask(patient.mask()), patient)


def bridged(patient: Patient, part: float) -> np.ndarray:
    """A mask in which L3 and L4 are joined over a part of their disc, from its anterior end."""
    mask, bodies = patient.mask(), patient.landmarks().bodies
    upper, lower = bodies["L3"].inferior, bodies["L4"].superior
    end = [np.array(p.anterior) + part * (np.array(p.posterior) - p.anterior) for p in (upper, lower)]
    fill(mask, [upper.anterior, end[0], end[1], lower.anterior], 1)
    return mask


@pytest.mark.parametrize("part", [0.1, 0.3, 0.5])
def test_bodies_that_touch_are_split(patient: Patient, part: float) -> None:
    assert_named_right(measure_mask(bridged(patient, part)), patient)


@pytest.mark.parametrize("part", [0.8, 0.9])
def test_end_plates_that_are_not_seen_are_told(patient: Patient, part: float) -> None:
    measured = measure_mask(bridged(patient, part))
    assert list(measured.landmarks.bodies) == list(LEVELS)
    assert measured.quality.verdict == "measurable with caution"
    assert "L4 touches its neighbour in the mask: its superior end plate follows the cut" in measured.quality.reasons


def test_all_bodies_may_touch(patient: Patient) -> None:
    mask, bodies = patient.mask(), patient.landmarks().bodies
    for below, above in pairwise(LEVELS):
        a, b = bodies[above].inferior, bodies[below].superior
        third = [np.array(p.anterior) + 0.33 * (np.array(p.posterior) - p.anterior) for p in (a, b)]
        fill(mask, [a.anterior, third[0], third[1], b.anterior], 1)
    assert_named_right(measure_mask(mask), patient, within=0.07)


def test_bodies_without_a_waist_are_not_guessed_and_shift_no_name(patient: Patient) -> None:
    mask, bodies = patient.mask(), patient.landmarks().bodies
    upper, lower = bodies["L2"], bodies["L3"]
    fill(
        mask, [upper.inferior_anterior, upper.inferior_posterior, lower.superior_posterior, lower.superior_anterior], 1
    )
    measured = measure_mask(mask)
    found = measured.landmarks.bodies
    assert ("L2" in found) == ("L3" in found)
    if "L2" in found:
        assert any("follows the cut" in reason for reason in measured.quality.reasons)
    else:
        assert "L3 and L2 are one piece in the mask and could not be told apart" in measured.quality.reasons
    for name in ("L5", "L4", "L1", "T12"):
        assert np.allclose(corners(found[name]), corners(bodies[name]), atol=0.05 * DEPTH)


def test_specks_are_ignored(patient: Patient) -> None:
    mask, random = patient.mask(), np.random.default_rng(5)
    for value in (1, 2, 3, 4):
        for row, column in random.integers(5, 600, (25, 2)):
            mask[row : row + 4, column : column + 4][mask[row : row + 4, column : column + 4] == 0] = value
    measured = measure_mask(mask)
    assert_named_right(measured, patient)
    truth = values(measure_mask(patient.mask()).parameters)
    assert values(measured.parameters) == pytest.approx(truth, abs=2)


def test_a_fragment_between_l5_and_s1_is_no_level(patient: Patient) -> None:
    mask, landmarks = patient.mask(), patient.landmarks()
    assert landmarks.s1 is not None
    x, y = ((a + b) / 2 for a, b in zip(landmarks.s1.anterior, landmarks.bodies["L5"].inferior_anterior, strict=True))
    fill(mask, [(x - 8, y - 4), (x + 22, y - 4), (x + 22, y + 8), (x - 8, y + 8)], 1)
    assert list(measure_mask(mask).landmarks.bodies) == list(LEVELS)


def test_a_piece_beside_the_chain_is_no_level(patient: Patient) -> None:
    mask = patient.mask()
    mask[200:250, 480:560] = 1
    measured = measure_mask(mask)
    assert_named_right(measured, patient)
    assert "pieces of vertebra off the chain of bodies left out: 1" in measured.warnings


def test_a_body_cut_by_the_films_edge_has_no_corners(patient: Patient) -> None:
    mask = patient.mask()[70:]
    measured = measure_mask(mask)
    assert "T11" not in measured.landmarks.bodies
    assert "level T11 not measurable: it is cut by the film's edge" in measured.warnings
    assert default_definitions().structures["T11"].id in measured.label_map
    assert measured.quality.verdict == "measurable"


def test_without_a_sacrum_bodies_are_not_named(patient: Patient) -> None:
    mask = patient.mask()
    mask[mask == 2] = 0
    measured = measure_mask(mask)
    assert measured.landmarks.bodies == {}
    assert measured.quality.verdict == "not measurable"
    assert {p.value for p in measured.parameters.values()} == {None}
    assert measured.parameters["SS"].reason == "no sacrum found: vertebral bodies cannot be named"


def test_a_label_map_names_its_bodies_itself(patient: Patient) -> None:
    measured = measure_mask(patient.mask())
    again = measure_mask(measured.label_map)
    assert list(again.landmarks.bodies) == list(measured.landmarks.bodies)
    assert values(again.parameters) == pytest.approx(values(measured.parameters), abs=0.3)
    assert np.array_equal(again.label_map, measured.label_map)
    ids = {name: s.id for name, s in default_definitions().structures.items()}
    shifted = measured.label_map.copy()
    for name, other in (("L5", "L6"), ("L4", "L5"), ("L3", "L4"), ("L2", "L3"), ("L1", "L2"), ("T12", "L1")):
        shifted[measured.label_map == ids[name]] = ids[other]
    six = measure_mask(shifted)
    assert list(six.landmarks.bodies) == ["L6", "L5", "L4", "L3", "L2", "L1", "T11"]
    assert six.parameters["L5S1"].reason == "L6 lies between L5 and S1"
    assert "six lumbar bodies: LL starts at L1 and includes L6" in six.quality.reasons


def test_a_false_piece_at_the_sacrums_tip_does_not_start_the_chain(patient: Patient) -> None:
    mask = patient.mask()
    rows, columns = np.nonzero(mask == 2)
    y, x = rows.max() - DEPTH, columns[rows == rows.max() - int(DEPTH)].min()
    side = 0.7 * DEPTH
    fill(mask, [(x - side - 2, y), (x - 2, y), (x - 2, y + side), (x - side - 2, y + side)], 1)
    assert_named_right(measure_mask(mask), patient)
