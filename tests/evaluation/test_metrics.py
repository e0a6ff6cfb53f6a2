"""Scores of masks and parameters are what a calculation by hand gives."""

from __future__ import annotations

import numpy as np
import pytest
from sagittal.evaluation.metrics import accuracy, confusion_matrix, match_heads, segmentation_scores

TRUTH = np.array([[0, 1, 1, 2], [0, 1, 1, 2], [3, 3, 4, 4]], np.uint8)


def test_a_mask_against_itself_is_perfect() -> None:
    scores = segmentation_scores(confusion_matrix(TRUTH, TRUTH, 5))
    assert {value for value in scores.values()} == {1.0}


def test_overlap_is_counted_by_pixels() -> None:
    found = TRUTH.copy()
    found[0, 1] = 0  # one of four vertebra pixels missed
    found[0, 0] = 2  # one pixel too many for the sacrum's two
    scores = segmentation_scores(confusion_matrix(TRUTH, found, 5))
    assert scores["iou_vertebra"] == pytest.approx(3 / 4)
    assert scores["dice_vertebra"] == pytest.approx(6 / 7)
    assert scores["iou_sacrum"] == pytest.approx(2 / 3)
    assert scores["iou_femoral_heads"] == 1.0
    assert scores["mean_foreground_iou"] == pytest.approx((3 / 4 + 2 / 3 + 1 + 1) / 4)


def test_a_class_in_neither_mask_is_left_out_of_the_mean() -> None:
    truth = np.array([[0, 1]], np.uint8)
    scores = segmentation_scores(confusion_matrix(truth, truth, 5))
    assert scores["iou_sacrum"] is None
    assert scores["mean_foreground_iou"] == 1.0


def test_exchanged_heads_score_as_one_and_under_the_better_permutation() -> None:
    found = TRUTH.copy()
    found[TRUTH == 3], found[TRUTH == 4] = 4, 3
    confusion = confusion_matrix(TRUTH, found, 5)
    scores = segmentation_scores(confusion)
    assert scores["iou_femoral_head_1"] == 0.0
    assert scores["iou_femoral_heads"] == 1.0
    assert segmentation_scores(match_heads(confusion))["iou_femoral_head_1"] == 1.0


def test_masks_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="one shape"):
        confusion_matrix(TRUTH, TRUTH[:2], 5)
    with pytest.raises(ValueError, match="class ids below 5"):
        confusion_matrix(TRUTH, TRUTH * 3, 5)


def test_the_papers_accuracy_of_ss_comes_out_only_with_its_own_width() -> None:
    found = accuracy("SS", -4.5)
    assert found is not None
    assert found["published"] == pytest.approx(1 - 4.5 / 85)
    assert found["corrected"] == pytest.approx(1 - 4.5 / 45)
    pelvic = accuracy("PI", 5.0)
    assert pelvic is not None
    assert pelvic["published"] == pelvic["corrected"] == pytest.approx(0.9)
    assert accuracy("L4S1", 1.0) is None
