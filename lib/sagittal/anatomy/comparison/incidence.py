"""Pelvic incidence of one adult is one number: films that disagree say that one of them is wrong.

Source: Legaye 1998, Eur Spine J 7:99: PI does not change with position and is constant after growth.
"""

from __future__ import annotations

from collections.abc import Sequence

from sagittal.anatomy.comparison.compared_film import ComparedFilm


def incidence_flag(films: Sequence[ComparedFilm], *, tolerance: float, adult_age: float) -> str | None:
    """A sentence where PI differs by more than `tolerance` degrees between any two films; None where it does not.

    None too of a child, who is younger than `adult_age` years on any film: PI grows with it. Where no age is known
    the sentence says that it holds for an adult.
    """
    ages = [film.age_years for film in films if film.age_years is not None]
    if any(age < adult_age for age in ages):
        return None
    measured = [(film.parameters["PI"].value, film.name) for film in films if "PI" in film.parameters]
    values = sorted((value, name) for value, name in measured if value is not None)
    if len(values) < 2 or values[-1][0] - values[0][0] <= tolerance:
        return None
    (low, one), (high, other) = values[0], values[-1]
    of_whom = "of one adult" if ages else "of one patient, if he is an adult,"
    return (
        f"PI {of_whom} differs by {high - low:.1f} degrees: {low:.1f} on {one}, {high:.1f} on {other}. One of them is "
        "wrong: check S1 end plate, femoral heads, rotation of the pelvis, and whether it is one patient"
    )
