"""Roussouly's types at either side of every threshold."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from sagittal.anatomy.clinical import Finding

Find = Callable[..., Finding]


@pytest.mark.parametrize(
    ("slope", "incidence", "tilt", "grade"),
    [
        (math.nextafter(35, 0), 50, 15, "type 1 or 2"),
        (35, 50, 15, "type 3"),
        (math.nextafter(45, 0), 60, 15, "type 3"),
        (45, 60, 15, "type 4"),
        (40, math.nextafter(50, 0), math.nextafter(5, 0), "type 3AP"),
        (40, 50, 4, "type 3"),
        (40, 45, 5, "type 3"),
        # Only type 3 has an anteverted form.
        (34, 38, 4, "type 1 or 2"),
        (46, 49, 3, "type 4"),
    ],
)
def test_types(find: Find, slope: float, incidence: float, tilt: float, grade: str) -> None:
    finding = find("Roussouly", SS=slope, PI=incidence, PT=tilt)
    assert (finding.value, finding.grade) == (slope, grade)


def test_it_is_never_more_than_a_hint_and_says_how_well_surgeons_agree(find: Find) -> None:
    finding = find("Roussouly", SS=30, PI=45, PT=15)
    assert finding.status == "hint"
    assert "kappa of 0.37 to 0.43" in (finding.reason or "")


def test_without_heads_the_two_forms_of_type_3_stay_open(find: Find) -> None:
    finding = find("Roussouly", SS=40, PI="no femoral head found", PT="no femoral head found")
    assert finding.grade == "type 3 or 3AP"
    assert "no femoral head found" in (finding.reason or "")
    assert find("Roussouly", SS=50, PI="no femoral head found", PT="no femoral head found").grade == "type 4"


def test_it_is_absent_without_a_sacral_slope(find: Find) -> None:
    finding = find("Roussouly", SS="no S1 end plate found")
    assert (finding.status, finding.reason) == ("absent", "no S1 end plate found")


def test_it_is_for_adults(find: Find) -> None:
    assert find("Roussouly", SS=40, PI=50, PT=10, age_years=9).status == "absent"
