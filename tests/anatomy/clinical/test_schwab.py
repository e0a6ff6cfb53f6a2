"""SRS-Schwab modifiers at either side of every threshold."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from sagittal.anatomy.clinical import Finding, assess
from sagittal.anatomy.landmarks import Landmarks
from sagittal.anatomy.measurement import ParameterValue

NOTHING = Landmarks({}, None, (), None)
Find = Callable[..., Finding]


@pytest.mark.parametrize(
    ("value", "grade"),
    [(-30, "0"), (math.nextafter(10, 0), "0"), (10, "+"), (20, "+"), (math.nextafter(20, 21), "++"), (45, "++")],
)
def test_mismatch(find: Find, value: float, grade: str) -> None:
    finding = find("Schwab PI-LL", **{"PI-LL": value})
    assert (finding.value, finding.grade) == (value, grade)
    assert finding.status == ("normal" if grade == "0" else "abnormal")


@pytest.mark.parametrize(
    ("value", "grade"),
    [(-8, "0"), (math.nextafter(20, 0), "0"), (20, "+"), (30, "+"), (math.nextafter(30, 31), "++"), (50, "++")],
)
def test_pelvic_tilt(find: Find, value: float, grade: str) -> None:
    finding = find("Schwab PT", PT=value)
    assert (finding.value, finding.grade) == (value, grade)


def test_it_is_absent_for_the_reason_of_its_parameter(find: Find) -> None:
    finding = find("Schwab PT", PT="no femoral head found")
    assert (finding.status, finding.reason) == ("absent", "no femoral head found")
    assert finding.value is finding.grade is None


@pytest.mark.parametrize(("age", "status"), [(17.99, "absent"), (18, "normal"), (None, "normal")])
def test_it_is_for_adults(find: Find, age: float | None, status: str) -> None:
    finding = find("Schwab PT", age_years=age, PT=12)
    assert finding.status == status
    if status == "absent":
        assert finding.reason == "defined for adults only, the patient is 17.99 years old"


def test_an_interval_that_reaches_into_another_class_is_told() -> None:
    near = ParameterValue("PT", 19.0, "deg", None, "within", interval_90=(17.5, 20.5))
    finding = {f.name: f for f in assess(NOTHING, {"PT": near})}["Schwab PT"]
    assert finding.grade == "0"
    assert finding.reason == "near a limit: the 90 % interval, 17.5 to 20.5, reaches into +"
