"""Both heads' discs follow from maps of their union and overlap, however far apart they are."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from sagittal.anatomy.head_discs import Disc, Map, find_discs

FIRST, RADIUS = np.array([60.3, 70.8]), 20.0


def maps_of(discs: Sequence[tuple[float, float, float]], shape: tuple[int, int] = (160, 140)) -> tuple[Map, Map]:
    """Union and overlap of (x, y, radius)."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    drawn = [np.clip(r + 0.5 - np.hypot(x - column, y - row), 0, 1) for column, row, r in discs]
    drawn += [np.zeros(shape)] * (2 - len(drawn))
    return np.maximum(*drawn), np.minimum(*drawn)


def apart(separation: float, ratio: float = 1.1, degrees: float = 35.0) -> list[tuple[float, float, float]]:
    """Two discs whose centres lie so many radii apart, the more cranial first."""
    way = np.array([math.cos(math.radians(degrees)), math.sin(math.radians(degrees))])
    return [(*FIRST, RADIUS), (*(FIRST + separation * RADIUS * way), ratio * RADIUS)]


def numbers(discs: Sequence[Disc]) -> np.ndarray:
    return np.array([(*disc.center, disc.radius) for disc in discs])


@pytest.mark.parametrize("separation", [0.0, 0.1, 0.3, 0.7, 1.2, 1.7, 2.0, 2.3])
def test_both_centres_and_the_hip_axis_are_found_at_any_separation(separation: float) -> None:
    true = apart(separation)
    found = numbers(find_discs(*maps_of(true)))
    assert found.shape == (2, 3)
    # Of discs that nearly coincide the axis is known better than either: a shift of one is undone by the other.
    assert np.abs(found[:, :2].mean(axis=0) - np.mean(true, axis=0)[:2]).max() < 0.05
    assert np.abs(found[:, :2] - np.array(true)[:, :2]).max() < (0.3 if separation > 0.2 else 0.6)
    if separation > 0.2:
        assert np.abs(found[:, 2] - np.array(true)[:, 2]).max() < 0.3


@pytest.mark.parametrize("separation", [0.3, 1.2])
def test_noise_moves_the_hip_axis_little_and_makes_it_less_sure(separation: float) -> None:
    true, rng = apart(separation), np.random.default_rng(0)
    noisy = [np.clip(one + 0.2 * rng.normal(size=one.shape), 0, 1) for one in maps_of(true)]
    exact, found = find_discs(*maps_of(true)), find_discs(*noisy)
    assert np.abs(numbers(found)[:, :2].mean(axis=0) - np.mean(true, axis=0)[:2]).max() < 0.2
    assert found[0].sureness < exact[0].sureness


def test_one_head_is_one_disc_and_two_that_coincide_are_two() -> None:
    (only,) = find_discs(*maps_of([(*FIRST, RADIUS)]))
    assert (*only.center, only.radius) == pytest.approx((*FIRST, RADIUS), abs=0.2)
    assert len(find_discs(*maps_of([(*FIRST, RADIUS)] * 2))) == 2


def test_heads_cut_by_the_films_edge_are_found_where_they_lie_but_less_surely() -> None:
    true = [(5.0, 70.0, RADIUS), (70.0, 155.0, RADIUS)]
    found = find_discs(*maps_of([*true]))
    assert numbers(found) == pytest.approx(np.array(true), abs=0.5)
    assert max(disc.sureness for disc in found) < 0.8


def test_which_head_comes_first_makes_no_difference() -> None:
    true = apart(0.8)
    for one, other in zip(maps_of(true), maps_of(true[::-1]), strict=True):
        assert np.array_equal(one, other)


def test_specks_and_a_small_second_piece_are_no_heads() -> None:
    union, overlap = maps_of(apart(0.8))
    clean = numbers(find_discs(union, overlap))
    union[130:140, 10:20] = 1.0
    assert numbers(find_discs(union, overlap)) == pytest.approx(clean, abs=0.05)


def test_nothing_is_seen_in_empty_maps_or_where_no_discs_fit() -> None:
    assert find_discs(*np.zeros((2, 40, 40))) == ()
    assert find_discs(*np.random.default_rng(0).random((2, 120, 120))) == ()
    bar = np.zeros((2, 120, 120))
    bar[0, 55:62] = 1.0
    assert find_discs(*bar) == ()
    assert find_discs(np.ones((4, 480)), np.zeros((4, 480))) == ()
    assert find_discs(np.full((40, 40), np.nan), np.zeros((40, 40))) == ()
