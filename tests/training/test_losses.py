"""Losses are what a hand computes."""

from __future__ import annotations

import math

import pytest
import torch
from sagittal.training.losses import (
    binary_cross_entropy,
    categorical_cross_entropy,
    dice_cross_entropy,
    heads_loss,
    value_loss,
)

# Two pixels, two classes; the first pixel is background, the second vertebra.
LOGITS = torch.tensor([[[[0.0, 1.0]], [[2.0, -1.0]]]])
LABEL = torch.tensor([[[[0, 1]]]], dtype=torch.uint8)


def log_sigmoid(x: float) -> float:
    return -math.log(1 + math.exp(-x))


def test_binary_cross_entropy_is_eq_2() -> None:
    terms = [log_sigmoid(0.0), log_sigmoid(-1.0), log_sigmoid(-2.0), log_sigmoid(-1.0)]
    assert float(binary_cross_entropy(LOGITS, LABEL)) == pytest.approx(-sum(terms) / 4)


def test_categorical_cross_entropy_is_the_mean_over_pixels() -> None:
    first, second = math.log(1 + math.exp(2)), math.log(1 + math.exp(2))
    assert float(categorical_cross_entropy(LOGITS, LABEL)) == pytest.approx((first + second) / 2)


def test_dice_cross_entropy_adds_the_soft_dice_of_the_foreground() -> None:
    vertebra = [1 / (1 + math.exp(-2)), 1 / (1 + math.exp(2))]
    dice = 1 - (2 * vertebra[1]) / (sum(vertebra) + 1)
    expected = float(categorical_cross_entropy(LOGITS, LABEL)) + dice
    assert float(dice_cross_entropy(LOGITS, LABEL)) == pytest.approx(expected, abs=1e-4)


def test_values_that_a_film_has_not_do_not_count() -> None:
    outputs = torch.tensor([[1.0, 2.0, 7.0], [0.0, 0.0, 0.0]], requires_grad=True)
    targets = torch.tensor([[0.0, 4.0, math.nan], [math.nan, 3.0, math.nan]])
    loss = value_loss(outputs, targets)
    assert float(loss.detach()) == pytest.approx((1 + 4 + 9) / 3)
    loss.backward()
    assert outputs.grad is not None
    assert outputs.grad.isfinite().all()
    assert outputs.grad[0, 2] == outputs.grad[1, 0] == 0


def test_films_without_any_value_cost_nothing() -> None:
    outputs = torch.ones(2, 3, requires_grad=True)
    loss = value_loss(outputs, torch.full((2, 3), math.nan))
    loss.backward()
    assert float(loss.detach()) == 0
    assert outputs.grad is not None
    assert (outputs.grad == 0).all()


def test_the_maps_of_heads_are_learnt_from_films_alone_whose_heads_are_known() -> None:
    logits = torch.zeros(3, 2, 4, 4, requires_grad=True)
    maps = torch.zeros(3, 2, 4, 4)
    maps[:, 0, :2] = 1.0
    known = torch.tensor([True, False, False])
    loss = heads_loss(logits, maps, known)
    # Of the first film alone: a quarter of log 2 for 32 pixels, 8 of them head; Dice of 16 halves and 8 ones, and none.
    assert float(loss.detach()) == pytest.approx(math.log(2) + 1 - (9 / 17 + 1 / 9) / 2)
    loss.backward()
    assert logits.grad is not None
    assert (logits.grad[0, 0, :2] < 0).all()
    assert (logits.grad[0, 0, 2:] > 0).all()
    assert (logits.grad[1:] == 0).all()
    none = heads_loss(logits, maps, torch.zeros(3, dtype=torch.bool))
    assert float(none.detach()) == 0
    assert float(heads_loss(20 * (2 * maps - 1), maps, torch.ones(3, dtype=torch.bool))) < 1e-4
