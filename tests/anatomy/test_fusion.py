"""What a network sees mends what its mask gets wrong, and moves nothing that lies elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import pytest
from sagittal.anatomy import measure_mask
from sagittal.anatomy.definitions import default_definitions
from sagittal.anatomy.fusion import S1_FROM_NETWORK, Fused, fuse, recut_sacrum, s1_plate
from sagittal.anatomy.landmarks import Body, EndPlate, Landmarks
from sagittal.anatomy.network_landmark import Covariance
from sagittal.anatomy.uncertainty import FitUncertainty
from sagittal.simulator.config import load_simulator_config
from sagittal.simulator.film import SimulatedTruth, simulate_truth

DEFINITIONS = default_definitions()
VERTEBRA, SACRUM = (DEFINITIONS.classes[name].id for name in ("vertebra", "sacrum"))


@dataclass(frozen=True)
class Seen:
    kind: str
    x: float
    y: float
    height: float = 0.8
    covariance: Covariance = ((1.0, 0.0), (0.0, 1.0))
    radius: float | None = None


# As if every plate were known well: none is drawn towards its neighbours.
UNDRAWN = replace(DEFINITIONS, fusion={**DEFINITIONS.fusion, "known_plate": 180.0})


def fused_with(landmarks: Landmarks, seen: list[Seen], aspect: float = 1.0) -> Fused:
    return fuse(landmarks, FitUncertainty(), seen, aspect, UNDRAWN)


def seen_of(landmarks: Landmarks, height: float = 0.8) -> list[Seen]:
    """A network that sees everything where it is."""
    seen = [
        Seen(corner.name, *getattr(body, corner.name), height)
        for body in landmarks.bodies.values()
        for corner in fields(Body)
    ]
    if landmarks.s1 is not None:
        seen += [
            Seen("s1_anterior", *landmarks.s1.anterior, height),
            Seen("s1_posterior", *landmarks.s1.posterior, height),
        ]
    return seen + [Seen("femoral_head", *head.center, height) for head in landmarks.femoral_heads]


@pytest.fixture(scope="module")
def truth() -> SimulatedTruth:
    """A film with both heads whole and no slip, so that every value is there."""
    config = load_simulator_config()
    films = (simulate_truth(config, seed, rows=640) for seed in range(50, 120))
    return next(film for film in films if not film.heads_cut and not film.slipped)


def beyond_s1(truth: SimulatedTruth, class_id: int) -> np.ndarray:
    """The class mask with the upper third of the sacrum called `class_id`."""
    mask = truth.class_mask.copy()
    rows = np.flatnonzero((mask == SACRUM).any(axis=1))
    upper = np.zeros_like(mask, bool)
    upper[rows[0] : rows[0] + (rows[-1] - rows[0]) // 3] = True
    mask[upper & (mask == SACRUM)] = class_id
    return mask


def test_s1_called_a_vertebra_shifts_nothing_when_the_network_sees_s1(truth: SimulatedTruth) -> None:
    wrong = beyond_s1(truth, VERTEBRA)
    alone = measure_mask(wrong, anterior=truth.landmarks.anterior).parameters
    fused = measure_mask(wrong, anterior=truth.landmarks.anterior, seen=seen_of(truth.landmarks)).parameters
    for name in ("PI", "PT", "SS", "LL", "L4S1"):
        assert fused[name].value == pytest.approx(truth.parameters[name].value, abs=1.5), name
    assert alone["SS"].value is None or abs(alone["SS"].value - truth.parameters["SS"].value) > 3


def test_l5_merged_with_the_sacrum_is_parted_at_the_plate(truth: SimulatedTruth) -> None:
    mask = truth.class_mask.copy()
    mask[truth.label_map == DEFINITIONS.structures["L5"].id] = SACRUM
    mended = recut_sacrum(mask, seen_of(truth.landmarks), 1.0, DEFINITIONS)
    l5 = truth.label_map == DEFINITIONS.structures["L5"].id
    assert np.mean(mended[l5] == VERTEBRA) > 0.95
    assert np.mean(mended[truth.class_mask == SACRUM] == SACRUM) > 0.98


def test_a_right_mask_is_left_as_it_is(truth: SimulatedTruth) -> None:
    assert recut_sacrum(truth.class_mask, seen_of(truth.landmarks), 1.0, DEFINITIONS) is truth.class_mask


def test_nothing_is_recut_by_landmarks_as_low_as_noise_or_with_many_rivals(truth: SimulatedTruth) -> None:
    wrong = beyond_s1(truth, VERTEBRA)
    assert recut_sacrum(wrong, seen_of(truth.landmarks, height=0.05), 1.0, DEFINITIONS) is wrong
    low = seen_of(truth.landmarks, height=0.3)
    rivals = [replace(peak, x=peak.x + far) for peak in low if peak.kind.startswith("s1") for far in (200, 300, 400)]
    assert recut_sacrum(wrong, [*low, *rivals], 1.0, DEFINITIONS) is wrong
    assert recut_sacrum(wrong, low, 1.0, DEFINITIONS) is not wrong, "low but without a rival it says much"


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


def test_what_is_seen_well_makes_slopes_surer(truth: SimulatedTruth) -> None:
    small, large = (((v, 0.0), (0.0, v)) for v in (0.25, 9.0))
    sharp, faint = ([replace(p, covariance=c) for p in seen_of(truth.landmarks)] for c in (small, large))
    alone, unsure, sure = (fused_with(truth.landmarks, seen).uncertainty for seen in ([], faint, sharp))
    for name in ("S1", "L3 superior", "L5 inferior"):
        assert sure.plates[name] < unsure.plates[name], name
        assert sure.plates[name] < alone.plates[name], name
    assert sure.landmarks["L3 superior_anterior"] < alone.landmarks["L3 superior_anterior"]


def test_pixels_need_not_be_square(truth: SimulatedTruth) -> None:
    """Rows twice as coarse: landmarks at half the row, the same millimetres."""
    seen = [replace(peak, y=peak.y / 2) for peak in seen_of(truth.landmarks)]
    plate = s1_plate(seen, 2.0, DEFINITIONS)
    assert plate is not None
    assert truth.landmarks.s1 is not None
    assert plate == pytest.approx(np.array([truth.landmarks.s1.anterior, truth.landmarks.s1.posterior]))


def turned(plate: EndPlate, degrees: float) -> EndPlate:
    middle = np.array(plate.midpoint)
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    ends = [
        middle + np.array([[c, -s], [s, c]]) @ (np.array(end) - middle) for end in (plate.anterior, plate.posterior)
    ]
    return EndPlate(*(tuple(map(float, end)) for end in ends))


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
