"""On films of the frozen, hard set: exact on exact masks; on damaged ones no wrong name, and what is absent says why.

The whole set is measured by benchmarks/anatomy.py.
"""

from __future__ import annotations

import numpy as np
import pytest
from sagittal.anatomy import default_definitions, measure_mask
from sagittal.evaluation.measuring import MeasurementScore, score_measurement, summarize
from sagittal.simulator.frozen_set import frozen_film, frozen_truth

EXACT, DAMAGED = range(12), range(24)
# Ratios of angles may be far off where the angle below is small.
ANGLES = [name for name, parameter in default_definitions().parameters.items() if parameter.unit == "deg"]


@pytest.fixture(scope="module")
def exact() -> list[MeasurementScore]:
    truths = [frozen_truth(number) for number in EXACT]
    return [score_measurement(measure_mask(t.class_mask), t.label_map, t.parameters) for t in truths]


@pytest.fixture(scope="module")
def damaged() -> list[MeasurementScore]:
    films = [frozen_film(number) for number in DAMAGED]
    return [score_measurement(measure_mask(f.damaged.mask), f.truth.label_map, f.truth.parameters) for f in films]


def test_exact_masks_give_exact_angles(exact: list[MeasurementScore]) -> None:
    summaries = summarize(exact)
    for name in ANGLES:
        assert (summaries[name].mean_error or 0) < 0.8, name
    assert np.mean([summaries[name].mean_error for name in ANGLES]) <= 0.4
    assert max(abs(score.errors[name]) for score in exact for name in ANGLES if name in score.errors) < 4


def test_exact_masks_are_named_right_and_measured_whole(exact: list[MeasurementScore]) -> None:
    for number, score in zip(EXACT, exact, strict=True):
        assert not score.wrong_names, number
        assert not score.absent, number
        assert not score.invented, number


def test_damaged_masks_are_never_named_wrong(damaged: list[MeasurementScore]) -> None:
    assert [score.wrong_names for score in damaged] == [()] * len(damaged)


def test_damaged_masks_cost_little(damaged: list[MeasurementScore]) -> None:
    summaries = summarize(damaged)
    assert np.mean([summaries[name].mean_error for name in ANGLES]) < 2.2
    absent = sum(summaries[name].absent for name in ANGLES) / sum(summaries[name].known for name in ANGLES)
    assert absent < 0.12


def test_what_is_absent_says_why(damaged: list[MeasurementScore]) -> None:
    for score in damaged:
        assert all(len(reason) > 10 for reason in score.absent.values())
