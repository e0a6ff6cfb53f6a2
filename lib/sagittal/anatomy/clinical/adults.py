"""Scores that were made for adults alone."""

from __future__ import annotations

from sagittal.anatomy.clinical.finding import AbsentError


def require_adult(age_years: float | None, adult_age: float) -> None:
    """Let pass who is not known to be younger than `adult_age` years.

    Raises:
        AbsentError: the patient is a child.
    """
    if age_years is not None and age_years < adult_age:
        raise AbsentError(f"defined for adults only, the patient is {age_years:g} years old")
