"""What a network sees mends what its mask gets wrong, and moves nothing that lies elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import pytest
from sagittal.anatomy import measure_mask
from sagittal.anatomy.definitions import default_definitions
from sagittal.anatomy.fusion import S1_FROM_NETWORK, fuse, recut_sacrum, s1_plate
from sagittal.anatomy.landmarks import Body, Landmarks
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


def test_nothing_is_recut_by_landmarks_that_are_hardly_seen(truth: SimulatedTruth) -> None:
    wrong = beyond_s1(truth, VERTEBRA)
    assert recut_sacrum(wrong, seen_of(truth.landmarks, height=0.2), 1.0, DEFINITIONS) is wrong


def test_corners_move_by_their_share_and_only_towards_what_is_near(truth: SimulatedTruth) -> None:
    landmarks = truth.landmarks
    body = landmarks.bodies["L3"]
    depth = np.hypot(*np.subtract(body.superior_anterior, body.superior_posterior))
    x, y = body.superior_anterior
    near, far = Seen("superior_anterior", x, y + 0.1 * depth), Seen("superior_anterior", x, y + 0.4 * depth)
    moved = fuse(landmarks, [near], 1.0, DEFINITIONS).landmarks
    share = DEFINITIONS.fusion["network_share"]
    assert moved.bodies["L3"].superior_anterior == pytest.approx((x, y + share * 0.1 * depth))
    assert replace(moved.bodies["L3"], superior_anterior=body.superior_anterior) == body
    assert {**moved.bodies, "L3": body} == dict(landmarks.bodies)
    kept = fuse(landmarks, [far], 1.0, DEFINITIONS).landmarks
    assert kept.bodies["L3"] == body


def test_pixels_need_not_be_square(truth: SimulatedTruth) -> None:
    """Rows twice as coarse: landmarks at half the row, the same millimetres."""
    seen = [replace(peak, y=peak.y / 2) for peak in seen_of(truth.landmarks)]
    plate = s1_plate(seen, 2.0, DEFINITIONS)
    assert plate is not None
    assert truth.landmarks.s1 is not None
    assert plate == pytest.approx(np.array([truth.landmarks.s1.anterior, truth.landmarks.s1.posterior]))


def test_a_plate_that_the_mask_lacks_is_taken_over_and_said(truth: SimulatedTruth) -> None:
    without = replace(truth.landmarks, s1=None)
    fused = fuse(without, seen_of(truth.landmarks), 1.0, DEFINITIONS)
    assert fused.s1_replaced
    assert [note.text for note in fused.notes] == [S1_FROM_NETWORK]
    assert fused.landmarks.s1 is not None
    assert truth.landmarks.s1 is not None
    assert fused.landmarks.s1.anterior == pytest.approx(truth.landmarks.s1.anterior)


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


def test_without_a_network_nothing_changes(truth: SimulatedTruth) -> None:
    fused = fuse(truth.landmarks, (), 1.0, DEFINITIONS)
    assert fused.landmarks is truth.landmarks
    assert not fused.notes
    assert not fused.s1_replaced
