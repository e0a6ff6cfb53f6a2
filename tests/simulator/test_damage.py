"""Damage is what it says it is, and is the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError
from sagittal.anatomy import default_definitions
from sagittal.simulator.config import hard_config
from sagittal.simulator.damage import DamagedMask, damage
from sagittal.simulator.damage_config import DamageConfig, load_damage_config
from sagittal.simulator.film import SimulatedTruth, simulate_truth

CONFIG = load_damage_config()
KINDS = ("holes", "missing", "bridge", "promontory", "corner of L5", "cut heads", "head in pieces", "specks", "rod")


@pytest.fixture(scope="module")
def truth() -> SimulatedTruth:
    return simulate_truth(hard_config(), 41, rows=700)


@pytest.fixture(scope="module")
def damaged(truth: SimulatedTruth) -> list[DamagedMask]:
    return [damage(truth, CONFIG, seed) for seed in range(120)]


def test_the_same_seed_does_the_same_damage(truth: SimulatedTruth, damaged: list[DamagedMask]) -> None:
    again = damage(truth, CONFIG, 17)
    np.testing.assert_array_equal(again.mask, damaged[17].mask)
    assert again.damages == damaged[17].damages
    assert any(not np.array_equal(again.mask, other.mask) for other in damaged[:17])


def test_the_truth_stays_as_it_is(truth: SimulatedTruth) -> None:
    before = truth.class_mask.copy()
    for seed in range(5):
        damage(truth, CONFIG, seed)
    np.testing.assert_array_equal(truth.class_mask, before)


def test_every_kind_of_damage_occurs(damaged: list[DamagedMask]) -> None:
    done = [text for one in damaged for text in one.damages]
    for kind in KINDS:
        assert any(text.startswith(kind) for text in done), kind
    assert all(one.damages[0] == "ragged" for one in damaged)


def test_severe_masks_are_damaged_more(damaged: list[DamagedMask]) -> None:
    mild = [len(one.damages) for one in damaged if one.severity < 0.4]
    severe = [len(one.damages) for one in damaged if one.severity > 0.6]
    assert np.mean(severe) > np.mean(mild) + 1


def test_a_missed_body_is_gone_and_is_not_to_be_named(truth: SimulatedTruth, damaged: list[DamagedMask]) -> None:
    ids = {name: structure.id for name, structure in default_definitions().structures.items()}
    missed = 0
    for one in damaged:
        for name in truth.landmarks.bodies:
            own = one.mask[truth.label_map == ids[name]]
            if name not in one.knowable:
                missed += 1
                assert f"missing {name}" in one.damages
                # A neighbour's bridge or a speck may still lie there.
                assert np.mean(own == 1) < 0.25
            else:
                assert np.mean(own == 1) > 0.6
    assert missed > 5


def test_only_class_ids_are_in_a_damaged_mask(damaged: list[DamagedMask], truth: SimulatedTruth) -> None:
    for one in damaged:
        assert one.mask.shape == truth.class_mask.shape
        assert one.mask.dtype == np.uint8
        assert one.mask.max() <= 4


def test_shares_of_missed_levels_must_sum_to_one() -> None:
    content = CONFIG.model_dump()
    content["missed_levels"]["L5"] = 0.9
    with pytest.raises(ValidationError, match="must sum to 1"):
        DamageConfig.model_validate(content)
