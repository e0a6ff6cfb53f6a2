"""Findings that follow from stated parameters alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sagittal.anatomy.clinical import Finding, assess
from sagittal.anatomy.landmarks import Landmarks
from sagittal.anatomy.measurement import ParameterValue

NOTHING = Landmarks({}, None, (), None)


@pytest.fixture
def find() -> Callable[..., Finding]:
    """One finding of a film whose parameters are stated: a number, or the reason why there is none."""

    def find_one(name: str, *, age_years: float | None = None, **stated: float | str) -> Finding:
        parameters = {
            key: ParameterValue(key, None, "deg", None, "absent", value)
            if isinstance(value, str)
            else ParameterValue(key, float(value), "deg", None, "unranged")
            for key, value in stated.items()
        }
        findings = assess(NOTHING, parameters, age_years=age_years)
        return next(finding for finding in findings if finding.name == name)

    return find_one
