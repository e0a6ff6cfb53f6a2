"""A mask is cut where the network's landmarks show that structures end, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sagittal.anatomy import Landmarks, measure_mask
from sagittal.anatomy.definitions import default_definitions
from sagittal.anatomy.grid import ClassMask
from sagittal.anatomy.recut import free_discs, recut, recut_sacrum, s1_plate
from sagittal.simulator.film import SimulatedTruth
from skimage.draw import polygon
from skimage.measure import label

from .seen import Seen, beyond_s1, seen_of

DEFINITIONS = default_definitions()
VERTEBRA, SACRUM = (DEFINITIONS.classes[name].id for name in ("vertebra", "sacrum"))


def bridged(mask: ClassMask, landmarks: Landmarks, lower: str, upper: str) -> ClassMask:
    """The mask with the disc between two bodies called vertebra."""
    below, above = landmarks.bodies[lower].superior, landmarks.bodies[upper].inferior
    corners = np.array([below.anterior, below.posterior, above.posterior, above.anterior])
    filled = mask.copy()
    filled[polygon(corners[:, 1], corners[:, 0], mask.shape)] = VERTEBRA
    return filled


@pytest.mark.parametrize(("lower", "upper"), [("L2", "L1"), ("L4", "L3")])
def test_bodies_that_the_mask_took_for_one_are_parted_at_the_disc(
    truth: SimulatedTruth, lower: str, upper: str
) -> None:
    landmarks, side = truth.landmarks, truth.landmarks.anterior
    wrong = bridged(truth.class_mask, landmarks, lower, upper)
    assert (wrong != truth.class_mask).sum() > 200
    mended = free_discs(wrong, seen_of(landmarks), 1.0, DEFINITIONS)
    added = (wrong == VERTEBRA) & (truth.class_mask != VERTEBRA)
    assert np.mean(mended[added] == VERTEBRA) < 0.1
    kept = truth.class_mask == VERTEBRA
    assert np.mean(mended[kept] == VERTEBRA) > 0.995
    fused = measure_mask(wrong, anterior=side, seen=seen_of(landmarks))
    assert set(fused.landmarks.bodies) >= {lower, upper}
    for name in ("LL", "L4S1", lower):
        assert fused.parameters[name].value == pytest.approx(truth.parameters[name].value, abs=1.5), name


def without(landmarks: Landmarks, corner: tuple[float, float]) -> list[Seen]:
    return [peak for peak in seen_of(landmarks) if (peak.x, peak.y) != corner]


def test_a_disc_whose_lower_plate_is_not_seen_is_left(truth: SimulatedTruth) -> None:
    wrong = bridged(truth.class_mask, truth.landmarks, "L4", "L3")
    assert free_discs(wrong, seen_of(truth.landmarks, height=0.2), 1.0, DEFINITIONS) is wrong
    unseen = without(truth.landmarks, truth.landmarks.bodies["L4"].superior_anterior)
    assert free_discs(wrong, unseen, 1.0, DEFINITIONS) is wrong


def test_a_disc_whose_upper_plate_is_not_seen_is_parted_above_the_lower_one(truth: SimulatedTruth) -> None:
    wrong = bridged(truth.class_mask, truth.landmarks, "L4", "L3")
    half_seen = without(truth.landmarks, truth.landmarks.bodies["L3"].inferior_posterior)
    mended = free_discs(wrong, half_seen, 1.0, DEFINITIONS)
    in_disc = (wrong == VERTEBRA) & (truth.class_mask != VERTEBRA)
    assert 0 < np.mean(mended[in_disc] == VERTEBRA) < 0.95
    found = measure_mask(wrong, anterior=truth.landmarks.anterior, seen=half_seen)
    assert found.parameters["L4"].value == pytest.approx(truth.parameters["L4"].value, abs=1.5)


def test_ends_of_two_plates_are_not_cut_along(truth: SimulatedTruth) -> None:
    wrong = bridged(truth.class_mask, truth.landmarks, "L4", "L3")
    plate = truth.landmarks.bodies["L4"].superior
    depth = float(np.hypot(*np.subtract(plate.anterior, plate.posterior)))
    slanted = without(truth.landmarks, plate.posterior)
    slanted.append(Seen("superior_posterior", plate.posterior[0], plate.posterior[1] - 0.6 * depth))
    assert free_discs(wrong, slanted, 1.0, DEFINITIONS) is wrong


def test_pixels_of_a_disc_need_not_be_square(truth: SimulatedTruth) -> None:
    wrong = bridged(truth.class_mask, truth.landmarks, "L3", "L2")
    square = free_discs(wrong, seen_of(truth.landmarks), 1.0, DEFINITIONS)
    seen = [replace(peak, y=peak.y / 2) for peak in seen_of(truth.landmarks)]
    coarse = free_discs(np.ascontiguousarray(wrong[::2]), seen, 2.0, DEFINITIONS)
    assert (square != wrong).sum() > 200
    assert (coarse != square[::2]).mean() < 1e-4


@pytest.mark.parametrize("tilt", [0.0, 10.0])
def test_bodies_whose_plates_meet_or_cross_are_parted(truth: SimulatedTruth, tilt: float) -> None:
    """The network puts the upper plate of a bridged disc onto the lower one, turned about its middle."""
    body, l3 = truth.landmarks.bodies["L4"], truth.landmarks.bodies["L3"].inferior
    wrong = bridged(truth.class_mask, truth.landmarks, "L4", "L3")
    rise = np.tan(np.radians(tilt)) * (body.superior_anterior[0] - body.superior_posterior[0]) / 2
    upper = {"anterior": (body.superior_anterior, rise), "posterior": (body.superior_posterior, -rise)}
    moved = [peak for peak in seen_of(truth.landmarks) if (peak.x, peak.y) not in (l3.anterior, l3.posterior)]
    moved += [Seen(f"inferior_{end}", x, y - 0.5 + up) for end, ((x, y), up) in upper.items()]
    mended = free_discs(wrong, moved, 1.0, DEFINITIONS)
    assert len(pieces(mended)) == len(pieces(wrong)) + 1


def pieces(mask: ClassMask) -> list[int]:
    """Sizes of the pieces of vertebra, without specks."""
    sizes = np.bincount(label(mask == VERTEBRA, connectivity=2).ravel())[1:]
    return [int(size) for size in sizes if size > 50]


@pytest.mark.parametrize("sunk", [0.05, 0.12])
@pytest.mark.parametrize("ends", [("anterior",), ("anterior", "posterior")])
def test_a_plate_seen_within_its_body_cuts_nothing_off(
    truth: SimulatedTruth, sunk: float, ends: tuple[str, ...]
) -> None:
    """That of L1 above all, above which no plate is seen."""
    landmarks = truth.landmarks
    top = next(reversed(landmarks.bodies))
    plate = landmarks.bodies[top].superior
    depth = float(np.hypot(*np.subtract(plate.anterior, plate.posterior)))
    wrong = {getattr(plate, end) for end in ends}
    seen = [replace(p, y=p.y + sunk * depth) if (p.x, p.y) in wrong else p for p in seen_of(landmarks)]
    assert free_discs(truth.class_mask, seen, 1.0, DEFINITIONS) is truth.class_mask


def test_the_uppermost_body_is_parted_from_what_runs_to_the_films_edge(truth: SimulatedTruth) -> None:
    landmarks = truth.landmarks
    top = next(reversed(landmarks.bodies))
    plate = landmarks.bodies[top].superior
    wrong = truth.class_mask.copy()
    corners = np.array([plate.anterior, plate.posterior, (plate.posterior[0], 0), (plate.anterior[0], 0)])
    wrong[polygon(corners[:, 1], corners[:, 0], wrong.shape)] = VERTEBRA
    found = measure_mask(wrong, anterior=landmarks.anterior, seen=seen_of(landmarks))
    assert found.parameters["LL"].value == pytest.approx(truth.parameters["LL"].value, abs=1.5)
    assert free_discs(wrong, seen_of(landmarks), 1.0, DEFINITIONS) is not wrong


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_film_on_its_side_loses_no_bone(truth: SimulatedTruth, turns: int) -> None:
    mask, seen = truth.class_mask, seen_of(truth.landmarks)
    for _ in range(turns):
        columns = mask.shape[1]
        mask, seen = np.ascontiguousarray(np.rot90(mask)), [replace(p, x=p.y, y=columns - 1 - p.x) for p in seen]
    assert free_discs(mask, seen, 1.0, DEFINITIONS) is mask


@pytest.mark.parametrize(("x", "y"), [(-1000, 0), (1000, 0), (0, -430), (0, 2000)])
def test_landmarks_beside_the_film_cut_nothing(truth: SimulatedTruth, x: float, y: float) -> None:
    seen = [replace(peak, x=peak.x + x, y=peak.y + y) for peak in seen_of(truth.landmarks)]
    assert free_discs(truth.class_mask, seen, 1.0, DEFINITIONS) is truth.class_mask


def test_corners_all_at_one_place_are_no_body(truth: SimulatedTruth) -> None:
    seen = [replace(peak, x=100.0, y=100.0) for peak in seen_of(truth.landmarks)]
    assert recut(truth.class_mask, seen, 1.0, DEFINITIONS) is truth.class_mask


def test_l5_merged_with_the_sacrum_is_parted_at_the_plate(truth: SimulatedTruth) -> None:
    mask = truth.class_mask.copy()
    mask[truth.label_map == DEFINITIONS.structures["L5"].id] = SACRUM
    mended = recut_sacrum(mask, seen_of(truth.landmarks), 1.0, DEFINITIONS)
    l5 = truth.label_map == DEFINITIONS.structures["L5"].id
    assert np.mean(mended[l5] == VERTEBRA) > 0.95
    assert np.mean(mended[truth.class_mask == SACRUM] == SACRUM) > 0.98


def test_a_right_mask_is_left_as_it_is(truth: SimulatedTruth) -> None:
    assert recut(truth.class_mask, seen_of(truth.landmarks), 1.0, DEFINITIONS) is truth.class_mask


def test_nothing_is_recut_by_landmarks_as_low_as_noise_or_with_many_rivals(truth: SimulatedTruth) -> None:
    wrong = beyond_s1(truth, VERTEBRA)
    assert recut_sacrum(wrong, seen_of(truth.landmarks, height=0.05), 1.0, DEFINITIONS) is wrong
    low = seen_of(truth.landmarks, height=0.3)
    rivals = [replace(peak, x=peak.x + far) for peak in low if peak.kind.startswith("s1") for far in (200, 300, 400)]
    assert recut_sacrum(wrong, [*low, *rivals], 1.0, DEFINITIONS) is wrong
    assert recut_sacrum(wrong, low, 1.0, DEFINITIONS) is not wrong, "low but without a rival it says much"


def test_pixels_need_not_be_square(truth: SimulatedTruth) -> None:
    """Rows twice as coarse: landmarks at half the row, the same millimetres."""
    seen = [replace(peak, y=peak.y / 2) for peak in seen_of(truth.landmarks)]
    plate = s1_plate(seen, 2.0, DEFINITIONS)
    assert plate is not None
    assert truth.landmarks.s1 is not None
    assert plate == pytest.approx(np.array([truth.landmarks.s1.anterior, truth.landmarks.s1.posterior]))
