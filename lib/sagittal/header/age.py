"""How old the patient was."""

from __future__ import annotations

import re
from datetime import date

from sagittal.header.field import Header, words

_DAYS_PER_YEAR = 365.2425
_YEARS_PER_UNIT = {"Y": 1.0, "M": 1 / 12, "W": 7 / _DAYS_PER_YEAR, "D": 1 / _DAYS_PER_YEAR}


def age_years(header: Header) -> float | None:
    """Age at the study by PatientAge, else by the dates; None where zero, as de-identified files have it."""
    stated = re.fullmatch(r"(\d{1,3})([YMWD])", words(header, "PatientAge").upper())
    if stated:
        return int(stated[1]) * _YEARS_PER_UNIT[stated[2]] or None
    born, taken = _date(header, "PatientBirthDate"), _date(header, "StudyDate")
    if born is None or taken is None or taken <= born:
        return None
    return round((taken - born).days / _DAYS_PER_YEAR, 2)


def _date(header: Header, keyword: str) -> date | None:
    written = re.fullmatch(r"(\d{4})-?(\d{2})-?(\d{2})", words(header, keyword))
    try:
        return date(*map(int, written.groups())) if written else None
    except ValueError:
        return None
