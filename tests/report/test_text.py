"""Numbers and findings in the words that a reader wants."""

from __future__ import annotations

from typing import Any

import pytest
from sagittal.report.text import change_text, finding_text, finding_value_text, interval_text, quantity_text, range_text

PLAIN: dict[str, Any] = {"name": "Schwab PT", "title": "", "value": 22.0, "unit": "deg", "bounds": None, "grade": "+"}
PLAIN |= {"status": "abnormal", "reason": None}


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(-4.96, "deg", "−5.0°"), (-0.04, "deg", "0.0°"), (56.25, "%", "56.2 %"), (3.14, "mm", "3.1 mm"), (None, "%", "–")],
)
def test_a_quantity_has_one_decimal_its_unit_and_a_true_minus(value: float | None, unit: str, text: str) -> None:
    assert quantity_text(value, unit) == text


def test_a_change_has_its_sign_and_is_a_dash_where_either_is_absent() -> None:
    assert change_text(30.0, 33.2, "deg") == "−3.2°"
    assert change_text(33.2, 30.0, "deg") == "+3.2°"
    assert change_text(None, 30.0, "deg") == change_text(30.0, None, "deg") == "–"


def test_intervals_and_ranges() -> None:
    assert interval_text((-11.24, 7.0)) == "−11.2 to 7.0"
    assert interval_text(None) == "–"
    assert range_text((-10.0, 10.0)) == "−10 to 10"
    assert range_text(None) == ""


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "22.0°, +"),
        ({"value": None, "unit": "", "bounds": (3.0, 7.0), "grade": "moderate"}, "3 to 7, moderate"),
        ({"value": None, "unit": "", "bounds": (3.0, 3.0), "grade": None}, "3"),
        ({"value": 12.25, "unit": "%", "grade": None}, "12.2 %"),
        ({"value": None, "grade": "type 3"}, "type 3"),
    ],
)
def test_a_finding_is_its_value_or_bounds_and_its_grade(changes: dict[str, Any], text: str) -> None:
    finding = {**PLAIN, **changes}
    assert finding_value_text(finding) == text
    assert finding_text(finding) == f"Schwab PT: {text} (abnormal)"


def test_what_a_finding_rests_on_is_said() -> None:
    assert finding_text({**PLAIN, "reason": "age is not known"}) == "Schwab PT: 22.0°, + (abnormal): age is not known"


def test_an_absent_finding_says_why() -> None:
    finding = {**PLAIN, "value": None, "grade": None, "status": "absent", "reason": "no femoral head found"}
    assert finding_text(finding) == "Schwab PT: absent: no femoral head found"
