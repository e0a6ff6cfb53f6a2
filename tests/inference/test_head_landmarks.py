"""Discs of the heads become landmarks in film pixels, and part the heads of the mask."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from sagittal.anatomy import measure_mask
from sagittal.anatomy.definitions import default_definitions
from sagittal.anatomy.finding import ARC_SHOWN, ONE_HEAD
from sagittal.datasets.landmark_file import landmarks_as_json
from sagittal.inference.head_landmarks import head_landmarks, part_heads, with_discs
from sagittal.inference.landmark_peaks import LandmarkPeak, find_peaks
from sagittal.inference.preparation import Letterbox
from sagittal.simulator import load_simulator_config
from sagittal.simulator.film import SimulatedTruth, simulate_truth
from sagittal.training.heat_maps import head_maps, heat_maps

HEADS = [default_definitions().classes[f"femoral_head_{k}"].id for k in (1, 2)]
KINDS = default_definitions().landmark_channels


@pytest.fixture(scope="module")
def truth() -> SimulatedTruth:
    """A film whose heads are whole and overlap by half."""
    films = (simulate_truth(load_simulator_config(), seed, rows=640) for seed in range(50, 200))
    return next(film for film in films if not film.heads_cut and not film.slipped and 0.3 < separation(film) < 1.2)


def separation(film: SimulatedTruth) -> float:
    first, second = film.landmarks.femoral_heads
    return float(np.hypot(*np.subtract(first.center, second.center))) / first.radius


def seen_on(truth: SimulatedTruth, side: int = 448) -> tuple[LandmarkPeak, ...]:
    """What a network sees whose maps are exact."""
    letterbox, landmarks = Letterbox.fit(truth.class_mask.shape, side), landmarks_as_json(truth.landmarks)
    peaks = find_peaks(heat_maps(landmarks, letterbox, KINDS).float() / 255, KINDS, letterbox)
    return with_discs(peaks, head_maps(landmarks, letterbox) / 255, letterbox)


def test_exact_maps_give_the_heads_on_the_film(truth: SimulatedTruth) -> None:
    heads = [peak for peak in seen_on(truth) if peak.kind == "femoral_head"]
    for seen, true in zip(heads, truth.landmarks.femoral_heads, strict=True):
        assert (seen.x, seen.y, seen.radius) == pytest.approx((*true.center, true.radius), abs=0.6)


def test_centres_lie_right_on_films_whose_pixels_are_no_squares() -> None:
    letterbox = Letterbox.fit((300, 400), 256, pixel_aspect=(2.0, 1.0))
    landmarks = {"femoral_heads": [{"center": [150.0, 100.0], "radius": 60.0}]}
    (head,) = head_landmarks(head_maps(landmarks, letterbox) / 255, letterbox)
    assert (head.x, head.y, head.radius) == pytest.approx((150.0, 100.0, 60.0), abs=0.6)
    assert head.covariance[0][0] == pytest.approx(4 * head.covariance[1][1], rel=0.02)


def test_pelvic_tilt_is_right_though_the_mask_has_both_heads_as_one(truth: SimulatedTruth) -> None:
    merged, seen = truth.class_mask.copy(), seen_on(truth)
    merged[merged == HEADS[1]] = HEADS[0]
    part_heads(merged, seen, 1.0)
    measured = measure_mask(merged, anterior=truth.landmarks.anterior, seen=seen)
    assert measured.parameters["PT"].value == pytest.approx(truth.parameters["PT"].value, abs=0.3)
    assert measured.parameters["PI"].value == pytest.approx(truth.parameters["PI"].value, abs=1.0)
    radii = [head.radius for head in measured.landmarks.femoral_heads]
    assert radii == pytest.approx([head.radius for head in truth.landmarks.femoral_heads], rel=0.02)


def test_the_mask_is_parted_along_the_first_heads_rim(truth: SimulatedTruth) -> None:
    merged = truth.class_mask.copy()
    merged[merged == HEADS[1]] = HEADS[0]
    part_heads(merged, seen_on(truth), 1.0)
    for head in HEADS:
        both = (merged == head) & (truth.class_mask == head)
        assert both.sum() > 0.96 * ((merged == head) | (truth.class_mask == head)).sum()
    other = ~np.isin(truth.class_mask, HEADS)
    assert np.array_equal(merged[other], truth.class_mask[other])


def test_one_disc_is_one_head_and_said(truth: SimulatedTruth) -> None:
    seen = seen_on(truth)
    heads = [peak for peak in seen if peak.kind == "femoral_head"]
    mask, alone = truth.class_mask.copy(), tuple(peak for peak in seen if peak is not heads[1])
    part_heads(mask, alone, 1.0)
    assert not (mask == HEADS[1]).any()
    measured = measure_mask(mask, anterior=truth.landmarks.anterior, seen=alone)
    assert len(measured.landmarks.femoral_heads) == 1
    assert ONE_HEAD in measured.warnings


def test_how_little_of_a_head_the_mask_shows_is_not_told_of_a_disc(truth: SimulatedTruth) -> None:
    # The film ends within the upper part of the more cranial head.
    head, side = min(truth.landmarks.femoral_heads, key=lambda one: one.center[1]), truth.landmarks.anterior
    mask = truth.class_mask[: round(head.center[1] - 0.8 * head.radius)]
    told = [
        [warning for warning in measure_mask(mask, anterior=side, seen=seen).warnings if ARC_SHOWN in warning]
        for seen in ((), seen_on(truth))
    ]
    assert told[0]
    assert not told[1]


def test_without_discs_peaks_and_mask_stay_as_they_are(truth: SimulatedTruth) -> None:
    peaks = tuple(dataclasses.replace(peak, radius=None) for peak in seen_on(truth))
    letterbox = Letterbox.fit((100, 100), 100)
    assert with_discs(peaks, torch.zeros(0, 100, 100), letterbox) == peaks
    assert with_discs(peaks, torch.zeros(2, 100, 100), letterbox) == peaks
    mask = truth.class_mask.copy()
    part_heads(mask, peaks, 1.0)
    assert np.array_equal(mask, truth.class_mask)
