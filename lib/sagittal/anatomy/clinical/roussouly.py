"""The type of a normal back by Roussouly, as a hint.

Source: Roussouly 2005, Spine 30:346 (types by sacral slope); Laouissat 2018, Eur Spine J 27:2002 (anteverted type 3:
its limits lie between that group, PI 48 +- 6 and PT 4 +- 3, and plain type 3, PI 53 and PT 13, by the abstract).
"""

from __future__ import annotations

from collections.abc import Mapping

from sagittal.anatomy.clinical.adults import require_adult
from sagittal.anatomy.clinical.finding import AbsentError, Finding, absent, required
from sagittal.anatomy.clinical.graded import reaching
from sagittal.anatomy.clinical.limits import RoussoulyLimits
from sagittal.anatomy.measurement import ParameterValue

NAME, TITLE = "Roussouly", "Roussouly type"
# Apex and number of lordotic vertebrae, which tell type 1 from type 2, are a matter of the whole curve.
THIRD = 3


def roussouly_finding(
    parameters: Mapping[str, ParameterValue], *, age_years: float | None, adult_age: float, limits: RoussoulyLimits
) -> Finding:
    """SS below 35 degrees: type 1 or 2; 35 to below 45: type 3, its anteverted form with PI < 50 and PT < 5; else 4.

    A hint, whatever the film: surgeons themselves agree with a kappa of 0.37 to 0.43 only. The value is SS.
    """
    try:
        require_adult(age_years, adult_age)
        slope = required(parameters, "SS")
    except AbsentError as absence:
        return absent(NAME, TITLE, "deg", str(absence))
    low, high = limits.kappa
    reasons = [f"a hint only: surgeons agree on it with a kappa of {low:g} to {high:g}"]
    step = limits.sacral_slope.of(slope)
    grade = step.grade
    if step.points == THIRD:
        try:
            grade = limits.anteverted_grade if _is_anteverted(parameters, limits) else grade
        except AbsentError as absence:
            grade = f"{grade} or {limits.anteverted_grade.split()[-1]}"
            reasons.append(f"PI and PT would tell which: {absence}")
    near = reaching(limits.sacral_slope, slope, parameters["SS"].interval_90)
    return Finding(NAME, TITLE, slope, "deg", None, grade, "hint", "; ".join([*reasons, *([near] if near else [])]))


def _is_anteverted(parameters: Mapping[str, ParameterValue], limits: RoussoulyLimits) -> bool:
    incidence, tilt = required(parameters, "PI"), required(parameters, "PT")
    return incidence < limits.anteverted_incidence_below and tilt < limits.anteverted_tilt_below
