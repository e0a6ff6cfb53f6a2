"""SRS-Schwab sagittal modifiers of adult spinal deformity.

Source: Schwab 2012, Scoliosis Research Society-Schwab adult spinal deformity classification, Spine 37:1077. The third
modifier, the sagittal vertical axis, needs a film of the whole spine.
"""

from __future__ import annotations

from collections.abc import Mapping

from sagittal.anatomy.clinical.adults import require_adult
from sagittal.anatomy.clinical.finding import Finding, required
from sagittal.anatomy.clinical.graded import graded
from sagittal.anatomy.clinical.limits import SchwabLimits
from sagittal.anatomy.measurement import ParameterValue


def schwab_findings(
    parameters: Mapping[str, ParameterValue], *, age_years: float | None, adult_age: float, limits: SchwabLimits
) -> tuple[Finding, ...]:
    """PI-LL below 10, 10 to 20, above 20 degrees, and PT below 20, 20 to 30, above 30 degrees: 0, + and ++."""
    steps = {"PI-LL": limits.incidence_less_lordosis, "PT": limits.pelvic_tilt}
    titles = {"PI-LL": "SRS-Schwab modifier PI-LL", "PT": "SRS-Schwab modifier pelvic tilt"}

    def measure(name: str) -> float:
        require_adult(age_years, adult_age)
        return required(parameters, name)

    findings = []
    for name, classes in steps.items():
        interval = parameters[name].interval_90 if name in parameters else None
        findings.append(
            graded(f"Schwab {name}", titles[name], "deg", classes, lambda n=name: measure(n), interval=interval)  # type: ignore[misc]
        )
    return tuple(findings)
