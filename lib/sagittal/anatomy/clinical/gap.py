"""The GAP score: how well pelvis and lordosis fit the pelvic incidence.

Source: Yilgor 2017, Global Alignment and Proportion score, J Bone Joint Surg Am 99:1661.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sagittal.anatomy.clinical.adults import require_adult
from sagittal.anatomy.clinical.finding import AbsentError, Finding, absent, required
from sagittal.anatomy.clinical.graded import graded
from sagittal.anatomy.clinical.limits import GapLimits, Steps
from sagittal.anatomy.measurement import ParameterValue

Parameters = Mapping[str, ParameterValue]
Points = tuple[int, int]


def gap_findings(
    parameters: Parameters, *, age_years: float | None, adult_age: float, limits: GapLimits
) -> tuple[Finding, ...]:
    """The score's bounds, and the three of its parts that a lumbar film shows.

    Relative pelvic version: SS - (0.59 PI + 9). Relative lumbar lordosis: LL - (0.62 PI + 29), the parameter RLL.
    Lordosis distribution index: the parameter LDI. The fourth part, relative spinopelvic alignment, needs the global
    tilt of a film of the whole spine: each of its points is possible, as are both cases of an age that is not known
    and every point of an LDI that is undefined. The score is therefore a lower and an upper bound.
    """

    def of_adult(measure: Callable[[], float]) -> Callable[[], float]:
        def checked() -> float:
            require_adult(age_years, adult_age)
            return measure()

        return checked

    def interval(name: str) -> tuple[float, float] | None:
        return parameters[name].interval_90 if name in parameters else None

    version = of_adult(lambda: _relative_pelvic_version(parameters, limits))
    lordosis = of_adult(lambda: required(parameters, "RLL"))
    distribution = of_adult(lambda: required(parameters, "LDI"))
    try:
        score = _score(
            limits.relative_pelvic_version.of(version()).points + limits.relative_lumbar_lordosis.of(lordosis()).points,
            _possible_points(distribution, limits.lordosis_distribution_index),
            _ideal_tilt(parameters, limits),
            age_years,
            limits,
        )
    except AbsentError as absence:
        score = absent("GAP", "GAP score", "", str(absence))
    return (
        score,
        graded("GAP RPV", "Relative pelvic version", "deg", limits.relative_pelvic_version, version),
        graded(
            "GAP RLL",
            "Relative lumbar lordosis",
            "deg",
            limits.relative_lumbar_lordosis,
            lordosis,
            interval=interval("RLL"),
        ),
        graded(
            "GAP LDI",
            "Lordosis distribution index",
            "%",
            limits.lordosis_distribution_index,
            distribution,
            interval=interval("LDI"),
        ),
    )


def _relative_pelvic_version(parameters: Parameters, limits: GapLimits) -> float:
    # PI first: its absence explains more.
    incidence = required(parameters, "PI")
    return required(parameters, "SS") - limits.ideal_sacral_slope.of(incidence)


def _ideal_tilt(parameters: Parameters, limits: GapLimits) -> float:
    return limits.ideal_global_tilt.of(required(parameters, "PI"))


def _possible_points(measure: Callable[[], float], steps: Steps) -> Points:
    try:
        points = steps.of(measure()).points
    except AbsentError:
        return steps.points
    return (points, points)


def _score(known: int, distribution: Points, ideal_tilt: float, age_years: float | None, limits: GapLimits) -> Finding:
    """Bounds from the sum of what is known and the points that each other part may have."""
    alignment = limits.relative_spinopelvic_alignment.points
    age = limits.age.points if age_years is None else (limits.age.of(age_years).points,) * 2
    without_age = [known + part + other for part, other in zip(distribution, alignment)]
    low, high = without_age[0] + age[0], without_age[1] + age[1]
    best, worst = limits.score.of(low), limits.score.of(high)
    ideal = round(ideal_tilt, 1) + 0.0
    reasons = [
        f"global tilt (ideal here {ideal:.1f} degrees) is not on a lumbar film: "
        f"{alignment[0]} to {alignment[1]} points are open"
    ]
    if distribution[0] != distribution[1]:
        reasons.append(f"the LDI is absent: {distribution[0]} to {distribution[1]} points are open")
    if age_years is None:
        cases = [
            f"{step.grade} {without_age[0] + step.points} to {without_age[1] + step.points}"
            for step in limits.age.steps
        ]
        reasons.append(f"age is not known: {', '.join(cases)}")
    return Finding(
        name="GAP",
        title="GAP score",
        value=None,
        unit="",
        bounds=(float(low), float(high)),
        grade=_range_of_grades(best.grade, worst.grade),
        status="abnormal" if best.points else "hint" if worst.points else "normal",
        reason="; ".join(reasons),
    )


def _range_of_grades(best: str, worst: str) -> str:
    """Both in words, what they end in said once."""
    if best == worst:
        return best
    degree, _, kind = best.rpartition(" ")
    return f"{degree if degree and worst.endswith(kind) else best} to {worst}"
