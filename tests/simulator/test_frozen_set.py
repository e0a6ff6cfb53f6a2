"""The frozen test set stays what it is, and is hard."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from sagittal.simulator import load_simulator_config
from sagittal.simulator.film import SimulatedTruth, simulate_truth
from sagittal.simulator.frozen_set import FILMS, FIRST_SEED, frozen_digest, frozen_film, frozen_truth

# Whoever changes the set changes this, and measures anew all that was measured on it.
DIGEST = "31f4e6d66bdbb7929ad005aab8beb56b3877a6dc2c9d34247456f66636bcd891"


@pytest.fixture(scope="module")
def small_truths() -> list[SimulatedTruth]:
    """All films of the set, drawn coarsely."""
    return [frozen_truth(number, rows=160) for number in range(FILMS)]


def test_the_set_is_the_one_that_was_frozen() -> None:
    assert frozen_digest() == DIGEST


def test_the_films_are_drawn_as_when_the_set_was_frozen() -> None:
    truth = frozen_truth(1)
    expected = {"PI": 42.24, "PT": 6.88, "SS": 35.36, "LL": 40.45, "L4S1": 33.04}
    assert {name: truth.parameters[name].value for name in expected} == pytest.approx(expected, abs=0.01)
    assert truth.class_mask.shape == (1972, 1524)


def test_the_set_is_hard(small_truths: list[SimulatedTruth]) -> None:
    assert np.mean([truth.instrumented for truth in small_truths]) >= 0.30
    assert np.mean([truth.heads_cut for truth in small_truths]) >= 0.30
    assert np.mean([truth.slipped for truth in small_truths]) >= 0.15
    assert np.mean([len(truth.landmarks.femoral_heads) < 2 for truth in small_truths]) >= 0.10
    facing = [truth.landmarks.anterior for truth in small_truths]
    assert 0.4 < facing.count("left") / len(facing) < 0.6


def test_every_film_shows_l1_to_s1(small_truths: list[SimulatedTruth]) -> None:
    for truth in small_truths:
        assert truth.parameters["LL"].value is not None


def test_its_bodies_are_hollower_and_rounder_than_those_of_the_training_films() -> None:
    def unfilled(truth: SimulatedTruth) -> float:
        """The part of the bodies' quadrilaterals that their masks leave empty."""
        shares = []
        for name in ("L2", "L3", "L4"):
            body = truth.landmarks.bodies[name]
            corners = [body.superior_anterior, body.superior_posterior, body.inferior_posterior, body.inferior_anterior]
            x, y = np.array(corners).T
            area = abs(float(x @ np.roll(y, 1) - y @ np.roll(x, 1))) / 2
            middle = truth.label_map[round(float(y.mean())), round(float(x.mean()))]
            shares.append(1 - np.count_nonzero(truth.label_map == middle) / area)
        return float(np.mean(shares))

    plain = load_simulator_config()
    hard = np.mean([unfilled(frozen_truth(number, rows=700)) for number in range(20)])
    assert hard > 1.2 * np.mean([unfilled(simulate_truth(plain, FIRST_SEED + n, rows=700)) for n in range(20)])


def test_a_film_is_the_same_every_time() -> None:
    first, second = frozen_film(11), frozen_film(11)
    digests = [hashlib.sha256(film.damaged.mask.tobytes()).digest() for film in (first, second)]
    assert digests[0] == digests[1]
    assert first.damaged.damages == second.damaged.damages


@pytest.mark.parametrize("number", [-1, FILMS])
def test_it_has_no_other_films(number: int) -> None:
    with pytest.raises(ValueError, match="films 0 to 499"):
        frozen_film(number)
