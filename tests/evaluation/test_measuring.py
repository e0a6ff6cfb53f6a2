"""A wrong name, a wrong value, an absence and an interval are counted as what they are."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sagittal.anatomy import Measurement, default_definitions, measure_mask
from sagittal.evaluation.measuring import absence_reasons, score_measurement, summarize
from sagittal.simulator import load_simulator_config
from sagittal.simulator.film import SimulatedTruth, simulate_truth

LEVELS = default_definitions().levels_from_sacrum


@pytest.fixture(scope="module")
def truth() -> SimulatedTruth:
    return simulate_truth(load_simulator_config(), 700, rows=700)


@pytest.fixture(scope="module")
def measured(truth: SimulatedTruth) -> Measurement:
    return measure_mask(truth.class_mask)


def shifted(measured: Measurement) -> Measurement:
    """Every body called by the name of the one above it."""
    bodies = {LEVELS[LEVELS.index(name) + 1]: body for name, body in measured.landmarks.bodies.items()}
    return replace(measured, landmarks=replace(measured.landmarks, bodies=bodies))


def test_right_names_are_right(truth: SimulatedTruth, measured: Measurement) -> None:
    assert score_measurement(measured, truth.label_map, truth.parameters).wrong_names == ()


def test_names_shifted_by_one_are_wrong(truth: SimulatedTruth, measured: Measurement) -> None:
    score = score_measurement(shifted(measured), truth.label_map, truth.parameters)
    assert score.wrong_names == tuple(LEVELS[1 : 1 + len(measured.landmarks.bodies)])


def test_a_body_where_the_truth_has_none_is_named_wrong(truth: SimulatedTruth, measured: Measurement) -> None:
    emptied = truth.label_map.copy()
    emptied[emptied == default_definitions().structures["L3"].id] = 0
    assert score_measurement(measured, emptied, truth.parameters).wrong_names == ("L3",)


def test_errors_absences_and_intervals_are_told_apart(truth: SimulatedTruth, measured: Measurement) -> None:
    sacral_slope = truth.parameters["SS"].value
    assert sacral_slope is not None
    changed = dict(measured.parameters)
    changed["SS"] = replace(changed["SS"], value=sacral_slope + 3, interval_90=(sacral_slope - 1, sacral_slope + 4))
    changed["LL"] = replace(
        changed["LL"], value=None, interval_90=None, status="absent", reason="level L1 not found: 12"
    )
    score = score_measurement(replace(measured, parameters=changed), truth.label_map, truth.parameters)
    assert score.errors["SS"] == pytest.approx(3)
    assert score.covered["SS"]
    assert "LL" not in score.errors
    assert score.absent == {"LL": "level L1 not found: 12"}
    missed = replace(changed["SS"], interval_90=(sacral_slope + 1, sacral_slope + 4))
    other = score_measurement(
        replace(measured, parameters={**changed, "SS": missed}), truth.label_map, truth.parameters
    )
    summary = summarize([score, other])
    assert summary["SS"].coverage == 0.5
    assert summary["SS"].mean_error == pytest.approx(3)
    assert (summary["LL"].known, summary["LL"].absent, summary["LL"].mean_error) == (2, 2, None)
    assert absence_reasons([score, other]) == {"level <level> not found: <number>": 2}


def test_a_value_that_the_truth_lacks_is_invented(truth: SimulatedTruth, measured: Measurement) -> None:
    lacking = {**truth.parameters, "SS": replace(truth.parameters["SS"], value=None, status="absent", reason="none")}
    assert score_measurement(measured, truth.label_map, lacking).invented == ("SS",)
