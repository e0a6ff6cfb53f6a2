"""The best epoch is the one whose landmarks and angles are best."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
import torch
from sagittal.anatomy.definitions import default_definitions
from sagittal.inference.preparation import Letterbox
from sagittal.simulator import load_simulator_config, simulate_film
from sagittal.training.validation import JUDGED, WORST_ANGLE, angle_score, measured_values, selection_score

NAMES = default_definitions().value_branch


def test_a_true_mask_is_measured_right_and_a_turned_one_is_not() -> None:
    film = simulate_film(load_simulator_config(), 7, rows=512)
    letterbox = Letterbox.fit(film.film.shape, 256, film.film.pixel_aspect)
    mask = letterbox.place_label(torch.from_numpy(film.class_mask)[None])[0].numpy()
    truth = np.array([math.nan if (p := film.parameters[name].value) is None else p for name in NAMES])
    right = angle_score((measured_values(mask, ()) - truth)[None])
    empty = angle_score(np.where(np.isnan(truth), math.nan, math.inf)[None])
    assert right is not None
    assert right > 0.85
    assert empty == 0


def test_noise_is_not_measured_for_minutes() -> None:
    noise = np.random.default_rng(0).integers(0, 5, (256, 256)).astype(np.uint8)
    started = time.monotonic()
    assert np.isnan(measured_values(noise, ())).all()
    assert time.monotonic() - started < 5


def test_an_absent_angle_counts_as_the_worst_and_one_without_truth_not_at_all() -> None:
    errors = np.full((1, len(NAMES)), math.nan)
    assert angle_score(errors) is None
    errors[0, NAMES.index(JUDGED[0])] = math.inf
    errors[0, NAMES.index(JUDGED[1])] = -WORST_ANGLE / 2
    errors[0, NAMES.index("L1")] = 100.0
    assert angle_score(errors) == pytest.approx(0.25)


def test_angles_and_landmarks_decide_and_areas_only_where_these_do_not() -> None:
    large = {"mean_foreground_iou": 0.9}
    assert selection_score({**large, "parameter_score": 0.4}) < selection_score(
        {"mean_foreground_iou": 0.5, "parameter_score": 0.5}
    )
    assert selection_score({**large, "landmark_score": 0.4, "parameter_score": 0.6}) == pytest.approx(0.509)
    assert selection_score({**large, "parameter_score": 0.0}) > selection_score(
        {"mean_foreground_iou": 0.5, "parameter_score": 0.0}
    )
    assert selection_score({"mean_foreground_iou": None, "parameter_score": None}) == 0
