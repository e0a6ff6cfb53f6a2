"""GAP score: its parts at either side of every threshold, and the bounds that a lumbar film allows."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from sagittal.anatomy.clinical import Finding, default_limits

Find = Callable[..., Finding]
# PI of 50 degrees: ideal SS 38.5, ideal LL 60, ideal global tilt 9.
ALIGNED = {"PI": 50, "SS": 38.5, "RLL": 0, "LDI": 65}
PROPORTIONED_TO_MODERATE = "proportioned to moderately disproportioned"
MODERATE_TO_SEVERE = "moderately to severely disproportioned"


def below(value: float) -> float:
    return math.nextafter(value, -math.inf)


def above(value: float) -> float:
    return math.nextafter(value, math.inf)


@pytest.mark.parametrize(
    ("part", "value", "points", "grade"),
    [
        ("relative_pelvic_version", below(-15), 3, "severe retroversion"),
        ("relative_pelvic_version", -15, 2, "moderate retroversion"),
        ("relative_pelvic_version", below(-7), 2, "moderate retroversion"),
        ("relative_pelvic_version", -7, 0, "aligned"),
        ("relative_pelvic_version", 5, 0, "aligned"),
        ("relative_pelvic_version", above(5), 1, "anteversion"),
        ("relative_lumbar_lordosis", below(-25), 3, "severe hypolordosis"),
        ("relative_lumbar_lordosis", -25, 2, "moderate hypolordosis"),
        ("relative_lumbar_lordosis", below(-14), 2, "moderate hypolordosis"),
        ("relative_lumbar_lordosis", -14, 0, "aligned"),
        ("relative_lumbar_lordosis", 11, 0, "aligned"),
        ("relative_lumbar_lordosis", above(11), 3, "hyperlordosis"),
        ("lordosis_distribution_index", below(40), 2, "severe hypolordotic maldistribution"),
        ("lordosis_distribution_index", 40, 1, "moderate hypolordotic maldistribution"),
        ("lordosis_distribution_index", below(50), 1, "moderate hypolordotic maldistribution"),
        ("lordosis_distribution_index", 50, 0, "aligned"),
        ("lordosis_distribution_index", 80, 0, "aligned"),
        ("lordosis_distribution_index", above(80), 3, "hyperlordotic maldistribution"),
        ("relative_spinopelvic_alignment", below(-7), 1, "negative malalignment"),
        ("relative_spinopelvic_alignment", -7, 0, "aligned"),
        ("relative_spinopelvic_alignment", 10, 0, "aligned"),
        ("relative_spinopelvic_alignment", above(10), 1, "moderate positive malalignment"),
        ("relative_spinopelvic_alignment", 18, 1, "moderate positive malalignment"),
        ("relative_spinopelvic_alignment", above(18), 3, "severe positive malalignment"),
        ("age", below(60), 0, "under 60 years"),
        ("age", 60, 1, "from 60 years"),
        ("score", 0, 0, "proportioned"),
        ("score", 2, 0, "proportioned"),
        ("score", 3, 1, "moderately disproportioned"),
        ("score", 6, 1, "moderately disproportioned"),
        ("score", 7, 2, "severely disproportioned"),
        ("score", 13, 2, "severely disproportioned"),
    ],
)
def test_every_limit_belongs_to_the_class_that_was_published(part: str, value: float, points: int, grade: str) -> None:
    step = getattr(default_limits().gap, part).of(value)
    assert (step.points, step.grade) == (points, grade)


@pytest.mark.parametrize(
    ("stated", "age", "bounds", "grade", "status"),
    [
        ({}, 40, (0, 3), PROPORTIONED_TO_MODERATE, "hint"),
        ({}, 60, (1, 4), PROPORTIONED_TO_MODERATE, "hint"),
        ({}, None, (0, 4), PROPORTIONED_TO_MODERATE, "hint"),
        # SS 27.5 lacks 11 degrees (2 points), RLL -20 (2), LDI 45 (1).
        (
            {"SS": 27.5, "RLL": -20, "LDI": 45},
            40,
            (5, 8),
            MODERATE_TO_SEVERE,
            "abnormal",
        ),
        # SS 20 lacks 18.5 degrees (3 points), RLL -30 (3), LDI 30 (2), age (1): all but global tilt.
        ({"SS": 20, "RLL": -30, "LDI": 30}, 70, (9, 12), "severely disproportioned", "abnormal"),
        ({"SS": 20, "RLL": -30, "LDI": 30}, None, (8, 12), "severely disproportioned", "abnormal"),
        # An LDI that is undefined has between none and three points.
        (
            {"LDI": "undefined for LL under 10 degrees"},
            40,
            (0, 6),
            PROPORTIONED_TO_MODERATE,
            "hint",
        ),
    ],
)
def test_the_score_is_bounded_by_what_a_lumbar_film_leaves_open(
    find: Find, stated: dict[str, float | str], age: float | None, bounds: tuple[float, float], grade: str, status: str
) -> None:
    finding = find("GAP", age_years=age, **{**ALIGNED, **stated})
    assert (finding.bounds, finding.grade, finding.status) == (bounds, grade, status)
    assert finding.value is None
    assert "global tilt (ideal here 9.0 degrees) is not on a lumbar film: 0 to 3 points" in (finding.reason or "")


def test_both_cases_of_an_age_that_is_not_known_are_told(find: Find) -> None:
    assert "age is not known: under 60 years 0 to 3, from 60 years 1 to 4" in (find("GAP", **ALIGNED).reason or "")
    assert "age" not in (find("GAP", age_years=61, **ALIGNED).reason or "")


def test_the_version_is_relative_to_the_ideal_slope(find: Find) -> None:
    finding = find("GAP RPV", **{**ALIGNED, "SS": 30})
    assert finding.value == pytest.approx(-8.5)
    assert (finding.grade, finding.status) == ("moderate retroversion", "abnormal")


@pytest.mark.parametrize(
    ("stated", "absent"),
    [
        ({"PI": "no femoral head found", "RLL": "no femoral head found"}, {"GAP", "GAP RPV", "GAP RLL"}),
        ({"RLL": "no femoral head found"}, {"GAP", "GAP RLL"}),
        ({"LDI": "no femoral head found"}, {"GAP LDI"}),
    ],
)
def test_a_missing_part_leaves_its_reason(find: Find, stated: dict[str, float | str], absent: set[str]) -> None:
    for name in ("GAP", "GAP RPV", "GAP RLL", "GAP LDI"):
        finding = find(name, **{**ALIGNED, **stated})
        assert (finding.status == "absent") == (name in absent), name
        if name in absent:
            assert finding.reason == "no femoral head found"


def test_it_is_for_adults(find: Find) -> None:
    finding = find("GAP", age_years=12, **ALIGNED)
    assert (finding.status, finding.bounds) == ("absent", None)
    assert finding.reason == "defined for adults only, the patient is 12 years old"
