"""Wide intervals ask for caution, and very wide ones say that a film cannot be measured."""

from __future__ import annotations

import pytest
from sagittal.anatomy.definitions import QualityLimits
from sagittal.anatomy.measurement import ParameterValue
from sagittal.anatomy.quality import judge, uncertain_values

LIMITS = QualityLimits(6.0, 20.0, {"SS": 8.0, "PI": 10.0})


def parameter(name: str, half_width: float) -> ParameterValue:
    return ParameterValue(name, 40.0, "deg", None, "unranged", interval_90=(40 - half_width, 40 + half_width))


@pytest.mark.parametrize(
    ("half_width", "verdict"),
    [(3.0, "measurable"), (9.0, "measurable with caution"), (25.0, "not measurable")],
)
def test_the_verdict_follows_the_widest_interval(half_width: float, verdict: str) -> None:
    parameters = {"SS": parameter("SS", half_width), "PI": parameter("PI", 2.0), "L1": parameter("L1", 90.0)}
    quality = judge(uncertain_values(parameters, LIMITS))
    assert quality.verdict == verdict
    if verdict != "measurable":
        assert quality.reasons == (f"values that may be off, in degrees (90 % interval): SS by {half_width:.0f}",)


def test_what_has_no_interval_is_not_judged() -> None:
    absent = ParameterValue("SS", None, "deg", None, "absent", "no S1")
    assert uncertain_values({"SS": absent}, LIMITS) == ()
