"""Heat maps stand where the landmarks are, move with the film, and are learnt by a loss that is least at the truth."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from numpy.random import RandomState
from sagittal.anatomy.definitions import default_definitions
from sagittal.datasets.landmark_file import landmarks_as_json
from sagittal.inference.landmark_peaks import find_peaks
from sagittal.inference.preparation import Letterbox
from sagittal.simulator import load_simulator_config
from sagittal.simulator.film import simulate_film
from sagittal.training.augmentation import RandomFilmAffined
from sagittal.training.heat_maps import head_maps, heads_are_measured, heat_maps, landmark_points
from sagittal.training.losses import landmark_loss

KINDS = default_definitions().landmark_channels
KNOWN = torch.ones(1, dtype=torch.bool)


@pytest.mark.parametrize("shape", [(400, 260), (260, 400), (501, 333)])
def test_points_go_to_the_square_and_back(shape: tuple[int, int]) -> None:
    letterbox = Letterbox.fit(shape, 256)
    for point in ((0.0, 0.0), (17.25, 203.5), (shape[1] - 1.0, shape[0] - 1.0)):
        assert letterbox.to_film(*letterbox.to_square(*point)) == pytest.approx(point)


def test_every_landmark_on_the_film_is_a_peak_of_its_kind() -> None:
    simulated = simulate_film(load_simulator_config(), 12, rows=640)
    letterbox = Letterbox.fit(simulated.film.shape, 384)
    landmarks = landmarks_as_json(simulated.landmarks)
    peaks = find_peaks(heat_maps(landmarks, letterbox, KINDS).float() / 255, KINDS, letterbox)
    rows, columns = simulated.film.shape
    for channel, x, y in landmark_points(landmarks, KINDS):
        if 4 < x < columns - 5 and 4 < y < rows - 5:
            # Heads that overlap share a peak: their centres are told apart by a few pixels only where they lie apart.
            reach = 0.7 if KINDS[channel] != "femoral_head" else 12.0
            nearest = min(
                (peak for peak in peaks if peak.kind == KINDS[channel]), key=lambda p: abs(p.x - x) + abs(p.y - y)
            )
            assert (nearest.x, nearest.y) == (pytest.approx(x, abs=reach), pytest.approx(y, abs=reach))


def test_a_landmark_off_the_film_leaves_no_heat() -> None:
    landmarks: dict[str, Any] = {"bodies": {}, "S1": None, "femoral_heads": [{"center": [50.0, 900.0], "radius": 40.0}]}
    assert heat_maps(landmarks, Letterbox.fit((400, 300), 128), KINDS).max() == 0


def test_heat_moves_with_the_film() -> None:
    landmarks: dict[str, Any] = {
        "bodies": {},
        "S1": {"anterior": [100.0, 220.0], "posterior": [180.0, 240.0]},
        "femoral_heads": [],
    }
    letterbox = Letterbox.fit((256, 256), 256)
    heat = heat_maps(landmarks, letterbox, KINDS)
    image = heat.amax(dim=0, keepdim=True).float() / 255
    move = RandomFilmAffined(prob=1, rotate=20, scale=(0.8, 1.2), translate=0.1, flip=0.5)
    batch = {"image": image[None], "label": heat[None, :1], "heat": heat[None], "values": torch.zeros(1, 18)}
    moved = move(batch, [RandomState(5)])
    assert moved["heat"].dtype == torch.uint8
    both = moved["heat"].amax(dim=1).float() / 255
    assert torch.allclose(both, moved["image"][:, 0], atol=0.02)


def test_the_loss_is_least_at_the_truth() -> None:
    heat = torch.zeros(1, 1, 32, 32)
    heat[0, 0, 10, 12], heat[0, 0, 10, 13] = 1.0, 0.5
    right = torch.logit(heat, eps=1e-4)
    shifted = torch.logit(heat.roll(3, dims=-1), eps=1e-4)
    nothing = torch.full_like(heat, -9.2)
    losses = [float(landmark_loss(logits, heat, KNOWN)) for logits in (right, nothing, shifted)]
    assert losses[0] < 0.01 < losses[1] < losses[2]


def test_a_film_whose_landmarks_nobody_gave_costs_nothing() -> None:
    logits, heat = torch.full((2, 1, 8, 8), 3.0), torch.zeros(2, 1, 8, 8)
    both = landmark_loss(logits, heat, torch.tensor([True, True]))
    one = landmark_loss(logits, heat, torch.tensor([True, False]))
    assert 0 < float(one) == pytest.approx(float(both) / 2)
    assert float(landmark_loss(logits, heat, torch.tensor([False, False]))) == 0


def test_one_end_of_s1_counts_as_much_as_a_dozen_corners_of_a_kind() -> None:
    heat = torch.zeros(1, 2, 40, 40)
    heat[0, 0, 2::3, 5] = 1.0
    heat[0, 1, 20, 20] = 1.0
    nothing, right = torch.full_like(heat, -4.0), torch.where(heat > 0, 4.0, -4.0)
    corners_missed, end_missed = right.clone(), right.clone()
    corners_missed[:, 0], end_missed[:, 1] = nothing[:, 0], nothing[:, 1]
    known = torch.tensor([True])
    assert float(landmark_loss(end_missed, heat, known)) == pytest.approx(
        float(landmark_loss(corners_missed, heat, known)), rel=0.05
    )


def test_the_maps_of_heads_are_the_same_whichever_is_first_and_move_with_the_film() -> None:
    heads = [{"center": [120.0, 100.0], "radius": 30.0}, {"center": [150.0, 110.0], "radius": 34.0}]
    letterbox = Letterbox.fit((256, 256), 256)
    maps = head_maps({"femoral_heads": heads}, letterbox)
    assert torch.equal(maps, head_maps({"femoral_heads": heads[::-1]}, letterbox))
    areas = maps.float().sum(dim=(1, 2)) / 255
    assert float(areas.sum()) == pytest.approx(math.pi * (30**2 + 34**2), rel=0.01)
    batch = {"image": maps[None, :1] / 255, "label": maps[None, 1:], "heads": maps[None], "values": torch.zeros(1, 18)}
    moved = RandomFilmAffined(prob=1.0, rotate=20.0, scale=[0.8, 1.2], shear=0.05)(batch, [RandomState(3)])
    assert not torch.equal(moved["heads"], maps[None])
    assert (moved["heads"][0, 0].float() / 255 - moved["image"][0, 0]).abs().max() < 0.01
    assert ((moved["heads"][0, 1] > 128) == (moved["label"][0, 0] > 128)).float().mean() > 0.99


def test_one_head_has_no_overlap() -> None:
    maps = head_maps({"femoral_heads": [{"center": [60.0, 50.0], "radius": 20.0}]}, Letterbox.fit((100, 120), 128))
    assert maps[0].max() == 255
    assert maps[1].max() == 0


def test_a_head_of_the_mask_without_a_circle_makes_both_unknown() -> None:
    classes = default_definitions().classes
    label = torch.zeros(1, 8, 8, dtype=torch.uint8)
    circle = {"center": [3.0, 3.0], "radius": 2.0}
    assert heads_are_measured({"femoral_heads": []}, label)
    label[0, 2] = classes["femoral_head_1"].id
    assert not heads_are_measured({"femoral_heads": []}, label)
    assert heads_are_measured({"femoral_heads": [circle]}, label)
    label[0, 4] = classes["femoral_head_2"].id
    assert not heads_are_measured({"femoral_heads": [circle]}, label)
