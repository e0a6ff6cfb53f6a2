"""A trained network is scored film by film, absent values counted as failures."""

from __future__ import annotations

import pytest
from drawn_films import drawn_dataset, trained
from sagittal.evaluation.checkpoint import evaluate_checkpoint, parameter_errors
from sagittal.training.films import read_datalist


def test_a_network_that_learned_the_drawn_films_scores_well_on_new_ones() -> None:
    scores = evaluate_checkpoint(trained("MBNet").checkpoint, read_datalist(drawn_dataset())["validation"])
    assert scores["films"] == 4
    assert scores["iou_vertebra"] > 0.6
    assert scores["heads_matched"]["iou_femoral_heads"] == scores["iou_femoral_heads"]
    assert set(scores["value_branch"]) == set(scores["parameters"])
    assert "LDI" not in scores["parameters"]  # absent in the truth


def test_an_absent_value_is_counted_and_left_out_of_the_mean() -> None:
    table = parameter_errors({"PI": [(50.0, 53.0), (40.0, None), (60.0, 59.0)]})
    assert table["PI"]["films"] == 3
    assert table["PI"]["absent"] == 1
    assert table["PI"]["mean_absolute_error"] == pytest.approx(2.0)
    assert table["PI"]["bias"] == pytest.approx(1.0)
