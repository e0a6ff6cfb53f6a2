"""What a network sees mends what its mask gets wrong, and moves nothing that lies elsewhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sagittal.anatomy import measure_mask
from sagittal.anatomy.definitions import default_definitions
from sagittal.anatomy.fusion import S1_FROM_NETWORK, Fused, fuse
from sagittal.anatomy.landmarks import EndPlate, Landmarks
from sagittal.anatomy.uncertainty import FitUncertainty
from sagittal.simulator.film import SimulatedTruth

from .conftest import turned
from .seen import Seen, beyond_s1, seen_of

DEFINITIONS = default_definitions()
VERTEBRA, SACRUM = (DEFINITIONS.classes[name].id for name in ("vertebra", "sacrum"))


# As if every plate were known well: none is drawn towards its neighbours.
UNDRAWN = replace(DEFINITIONS, fusion={**DEFINITIONS.fusion, "known_plate": 180.0})


def fused_with(landmarks: Landmarks, seen: list[Seen], aspect: float = 1.0) -> Fused:
    return fuse(landmarks, FitUncertainty(), seen, aspect, UNDRAWN)


def test_s1_called_a_vertebra_shifts_nothing_when_the_network_sees_s1(truth: SimulatedTruth) -> None:
    wrong = beyond_s1(truth, VERTEBRA)
    alone = measure_mask(wrong, anterior=truth.landmarks.anterior).parameters
    fused = measure_mask(wrong, anterior=truth.landmarks.anterior, seen=seen_of(truth.landmarks)).parameters
    for name in ("PI", "PT", "SS", "LL", "L4S1"):
        assert fused[name].value == pytest.approx(truth.parameters[name].value, abs=1.5), name
    assert alone["SS"].value is None or abs(alone["SS"].value - truth.parameters["SS"].value) > 3


def test_a_corner_moves_by_what_both_know_of_it_and_only_towards_what_is_near(truth: SimulatedTruth) -> None:
    landmarks = truth.landmarks
    body = landmarks.bodies["L3"]
    depth = np.hypot(*np.subtract(body.superior_anterior, body.superior_posterior))
    x, y = body.superior_anterior
    sure, unsure = (((v, 0.0), (0.0, v)) for v in ((0.005 * depth) ** 2, (0.2 * depth) ** 2))
    moved = {}
    for name, covariance in (("sure", sure), ("unsure", unsure)):
        near = Seen("superior_anterior", x, y + 0.03 * depth, 0.8, covariance)
        bodies = fused_with(landmarks, [near]).landmarks.bodies
        moved[name] = (bodies["L3"].superior_anterior[1] - y) / (0.03 * depth)
        assert np.allclose(bodies["L3"].superior_posterior, body.superior_posterior)
        assert np.allclose(bodies["L2"].superior_anterior, landmarks.bodies["L2"].superior_anterior)
    assert moved["sure"] > 0.8
    assert 0 < moved["unsure"] < 0.2
    far = Seen("superior_anterior", x, y + 0.4 * depth, 0.8, sure)
    assert np.allclose(fused_with(landmarks, [far]).landmarks.bodies["L3"].superior_anterior, (x, y))


def test_a_plate_of_which_mask_and_network_say_little_is_drawn_towards_its_neighbours(truth: SimulatedTruth) -> None:
    """Only where the network sees landmarks: what a mask says alone has settled when it was measured."""
    landmarks = truth.landmarks
    top = next(reversed(landmarks.bodies))
    body = landmarks.bodies[top]
    wrong = turned(body.superior, 25.0)
    tilted = replace(body, superior_anterior=wrong.anterior, superior_posterior=wrong.posterior)
    bodies = {**landmarks.bodies, top: tilted}
    here = {wrong.anterior, wrong.posterior}
    precise, faint = (((v, 0.0), (0.0, v)) for v in (0.5, 100.0))
    seen = seen_of(replace(landmarks, bodies=bodies))
    seen = [
        replace(p, height=0.2, covariance=faint) if (p.x, p.y) in here else replace(p, covariance=precise) for p in seen
    ]
    found, undrawn, alone = (
        fuse(replace(landmarks, bodies=bodies), FitUncertainty(), peaks, 1.0, definitions).landmarks.bodies[top]
        for peaks, definitions in ((seen, DEFINITIONS), (seen, UNDRAWN), ([], DEFINITIONS))
    )
    assert abs(slope(found.superior) - slope(body.superior)) < 10
    assert abs(slope(undrawn.superior) - slope(body.superior)) > 20
    assert alone.superior.anterior == pytest.approx(wrong.anterior)


def slope(plate: EndPlate) -> float:
    x, y = np.subtract(plate.posterior, plate.anterior)
    return float(np.degrees(np.arctan2(y, abs(x))))


def test_what_is_seen_well_makes_slopes_surer(truth: SimulatedTruth) -> None:
    small, large = (((v, 0.0), (0.0, v)) for v in (0.25, 9.0))
    sharp, faint = ([replace(p, covariance=c) for p in seen_of(truth.landmarks)] for c in (small, large))
    alone, unsure, sure = (fused_with(truth.landmarks, seen).uncertainty for seen in ([], faint, sharp))
    for name in ("S1", "L3 superior", "L5 inferior"):
        assert sure.plates[name] < unsure.plates[name], name
        assert sure.plates[name] < alone.plates[name], name
    assert sure.landmarks["L3 superior_anterior"] < alone.landmarks["L3 superior_anterior"]


def slope_error(plate: EndPlate | None, truth: EndPlate) -> float:
    assert plate is not None
    first, second = (np.subtract(p.posterior, p.anterior) for p in (plate, truth))
    return abs(float(np.degrees(np.arctan2(first[0] * second[1] - first[1] * second[0], first @ second))))


def test_a_plate_that_the_mask_lacks_is_taken_over_and_said(truth: SimulatedTruth) -> None:
    fused = fused_with(replace(truth.landmarks, s1=None), seen_of(truth.landmarks))
    assert [note.text for note in fused.notes] == [S1_FROM_NETWORK]
    assert fused.landmarks.s1 is not None
    assert truth.landmarks.s1 is not None
    assert fused.landmarks.s1.anterior == pytest.approx(truth.landmarks.s1.anterior)


def test_a_mask_that_calls_another_edge_s1_is_overruled_by_landmarks_that_fit_the_spine(truth: SimulatedTruth) -> None:
    assert truth.landmarks.s1 is not None
    for degrees in (-30.0, 30.0):
        wrong = replace(truth.landmarks, s1=turned(truth.landmarks.s1, degrees))
        fused = fused_with(wrong, seen_of(truth.landmarks))
        assert slope_error(fused.landmarks.s1, truth.landmarks.s1) < 1
        assert S1_FROM_NETWORK in [note.text for note in fused.notes]


def test_landmarks_that_fit_no_spine_do_not_overrule_the_mask(truth: SimulatedTruth) -> None:
    s1 = truth.landmarks.s1
    assert s1 is not None
    depth = float(np.hypot(*np.subtract(s1.anterior, s1.posterior)))
    seen = [p for p in seen_of(truth.landmarks) if not p.kind.startswith("s1")]
    x, y = s1.anterior
    seen += [Seen("s1_anterior", x, y + 1.5 * depth, 0.3), Seen("s1_posterior", x, y + 3.0 * depth, 0.3)]
    fused = fused_with(truth.landmarks, seen)
    assert slope_error(fused.landmarks.s1, s1) < 0.5


def test_a_choice_between_two_plates_is_as_uncertain_as_they_are_apart(truth: SimulatedTruth) -> None:
    assert truth.landmarks.s1 is not None
    agreed = fused_with(truth.landmarks, seen_of(truth.landmarks)).uncertainty.plates["S1"]
    wrong = replace(truth.landmarks, s1=turned(truth.landmarks.s1, 14))
    faint = [replace(p, height=0.3, covariance=((4.0, 0.0), (0.0, 4.0))) for p in seen_of(truth.landmarks)]
    assert fused_with(wrong, faint).uncertainty.plates["S1"] > 2 * agreed


def test_a_head_that_the_mask_lacks_is_taken_over_where_heads_can_be(truth: SimulatedTruth) -> None:
    mask = truth.class_mask.copy()
    mask[mask > SACRUM] = 0
    alone = measure_mask(mask, anterior=truth.landmarks.anterior)
    assert alone.parameters["PT"].value is None
    fused = measure_mask(mask, anterior=truth.landmarks.anterior, seen=seen_of(truth.landmarks))
    assert fused.parameters["PT"].value == pytest.approx(truth.parameters["PT"].value, abs=1)
    assert fused.quality.verdict == "measurable with caution"
    assert not any("cannot be measured" in warning for warning in fused.warnings)
    top = Seen("femoral_head", *truth.landmarks.bodies["L1"].superior_anterior)
    assert measure_mask(mask, anterior=truth.landmarks.anterior, seen=[top]).parameters["PT"].value is None


def test_a_network_without_landmarks_moves_nothing_but_is_less_trusted_than_a_person(truth: SimulatedTruth) -> None:
    side = truth.landmarks.anterior
    given, by_network = (measure_mask(truth.class_mask, anterior=side, seen=seen) for seen in (None, ()))
    for name, value in given.parameters.items():
        other = by_network.parameters[name]
        assert other.value == pytest.approx(value.value), name
        if value.interval_90 is not None:
            assert other.interval_90 is not None
            assert np.diff(other.interval_90) > np.diff(value.interval_90), name
