"""Plates of ragged rims are drawn towards their neighbours; those of smooth rims stay, crushed or not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sagittal.anatomy import default_definitions
from sagittal.anatomy.landmarks import Landmarks, Side
from sagittal.anatomy.slope_prior import settle_plates, settle_slopes

from .conftest import DEPTH, Patient, moved, repeatable, turned
from .conftest import LEVELS as DRAWN

LEVELS = DRAWN[:5]


def usual_slopes(s1: float = 38.0) -> dict[str, float]:
    """Slopes of a spine of usual wedges and discs."""
    priors, slopes, slope = default_definitions().slopes, {"S1": s1}, s1
    for level in LEVELS:
        for side, of in (("inferior", "discs"), ("superior", "wedges")):
            slope -= priors[of][level][0]
            slopes[f"{level} {side}"] = slope
    return slopes


def settled(slopes: dict[str, float], deviations: dict[str, float]) -> dict[str, float]:
    return dict(settle_slopes(slopes, deviations, default_definitions()).slopes)


@repeatable
@given(st.floats(5, 65), st.floats(0.1, 3))
def test_a_usual_spine_stays(s1: float, deviation: float) -> None:
    slopes = usual_slopes(s1)
    assert settled(slopes, dict.fromkeys(slopes, deviation)) == pytest.approx(slopes, abs=1e-6)


@repeatable
@given(st.floats(-60, 60), st.floats(-8, 8), st.floats(0.5, 3))
def test_a_turned_spine_settles_alike(turn: float, off: float, deviation: float) -> None:
    slopes = usual_slopes()
    slopes["L3 superior"] += off
    here = settled(slopes, dict.fromkeys(slopes, deviation))
    there = settled({name: slope + turn for name, slope in slopes.items()}, dict.fromkeys(slopes, deviation))
    assert there == pytest.approx({name: slope + turn for name, slope in here.items()}, abs=1e-6)


@repeatable
@given(st.floats(-25, 25))
def test_a_crushed_body_of_smooth_rims_stays_crushed(wedge: float) -> None:
    slopes = usual_slopes()
    for name in ("L2 superior", "L1 inferior", "L1 superior"):
        slopes[name] -= wedge
    assert settled(slopes, dict.fromkeys(slopes, 0.2)) == pytest.approx(slopes, abs=0.15)


def test_a_gross_error_of_a_ragged_rim_is_mostly_taken_back() -> None:
    slopes = usual_slopes()
    deviations = {**dict.fromkeys(slopes, 0.5), "L4 inferior": 2.5}
    wrong = {**slopes, "L4 inferior": slopes["L4 inferior"] + 25}
    found = settled(wrong, deviations)
    assert abs(found["L4 inferior"] - slopes["L4 inferior"]) < 5
    assert found["L5 superior"] == pytest.approx(slopes["L5 superior"], abs=0.3)


@repeatable
@given(st.floats(-40, 40), st.floats(0.1, 4), st.floats(0.1, 8))
def test_the_sacrum_is_drawn_by_less_than_its_rim_is_unsure(off: float, s1: float, others: float) -> None:
    slopes = usual_slopes()
    slopes["S1"] += off
    found = settled(slopes, {**dict.fromkeys(slopes, others), "S1": s1})
    assert abs(found["S1"] - slopes["S1"]) < s1


def test_settled_slopes_are_surer_and_go_together() -> None:
    slopes = usual_slopes()
    found = settle_slopes(slopes, dict.fromkeys(slopes, 2.0), default_definitions())
    assert all(deviation < 2.0 for deviation in found.deviations.values())
    assert 0 < found.correlations["L3 inferior", "L3 superior"] < 1


def test_missing_levels_and_a_sixth_body_are_no_fault() -> None:
    slopes = {name: slope for name, slope in usual_slopes().items() if "L3" not in name}
    assert settled(slopes, dict.fromkeys(slopes, 1.5)) == pytest.approx(slopes, abs=1e-6)
    six = {**slopes, "L6 superior": 50.0, "L6 inferior": 52.0}
    assert settled(six, dict.fromkeys(six, 1.5)) == six
    assert settled({"S1": 30.0}, {"S1": 2.0}) == {"S1": 30.0}


def usual_landmarks() -> Landmarks:
    """A spine of usual wedges and discs that faces left."""
    priors = default_definitions().slopes
    wedges, discs = ([priors[of][level][0] for level in DRAWN] for of in ("wedges", "discs"))
    return Patient(wedges=wedges, discs=discs, levels=LEVELS).landmarks()


def with_superior(landmarks: Landmarks, level: str, steeper: float) -> Landmarks:
    """The superior plate of a body turned about its middle."""
    plate = turned(landmarks.bodies[level].superior, -steeper)
    body = replace(landmarks.bodies[level], superior_anterior=plate.anterior, superior_posterior=plate.posterior)
    return replace(landmarks, bodies={**landmarks.bodies, level: body})


@pytest.mark.parametrize(("anterior", "aspect"), [("left", 1.0), ("right", 1.0), ("left", 1.7)])
def test_a_plate_known_badly_is_drawn_and_what_is_known_stays(anterior: Side, aspect: float) -> None:
    def seen(landmarks: Landmarks) -> Landmarks:
        """As it faces, in pixels of that aspect."""
        side = 1.0 if anterior == "left" else -1.0
        return moved(landmarks, lambda x, y: (side * x, y / aspect), anterior=anterior)

    deviations = {**dict.fromkeys(usual_slopes(), 1.0), "L1 superior": 6.0, "S1": 9.0}
    right, wrong = seen(usual_landmarks()), seen(with_superior(usual_landmarks(), "L1", 20.0))
    found = settle_plates(wrong, deviations, aspect, default_definitions())
    assert found.s1 == wrong.s1
    assert {name: found.bodies[name] for name in LEVELS[:-1]} == {name: wrong.bodies[name] for name in LEVELS[:-1]}
    assert found.bodies["L1"].inferior == wrong.bodies["L1"].inferior
    ends = [
        np.array([plate.anterior, plate.posterior])
        for plate in (found.bodies["L1"].superior, right.bodies["L1"].superior)
    ]
    assert np.abs(ends[0] - ends[1]).max() < DEPTH / 2 * np.sin(np.radians(4)), "most of the 20 degrees is taken back"
    assert np.allclose(ends[0].mean(axis=0), ends[1].mean(axis=0)), "about its middle"


def test_nothing_is_drawn_where_all_plates_are_known_or_the_side_is_not() -> None:
    slopes, crushed = usual_slopes(), with_superior(usual_landmarks(), "L2", 25.0)
    assert settle_plates(crushed, dict.fromkeys(slopes, 3.0), 1.0, default_definitions()) == crushed
    unsided = replace(crushed, anterior=None)
    assert settle_plates(unsided, dict.fromkeys(slopes, 9.0), 1.0, default_definitions()) == unsided
