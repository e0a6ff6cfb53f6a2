"""Fields of a DICOM header as numbers and pairs, whatever a file may hold in their place."""

from __future__ import annotations

import math
from typing import Any, Protocol


class Header(Protocol):
    """A DICOM header; a pydicom dataset is one."""

    def get(self, keyword: str, default: Any = None) -> Any:
        """The value of an attribute, `default` where the file lacks it."""

    def __contains__(self, keyword: str) -> bool:
        """Whether the file has an attribute."""


def integer(header: Header, keyword: str) -> int:
    """A whole number; 0 where there is none."""
    try:
        return int(header.get(keyword) or 0)
    except (TypeError, ValueError):
        return 0


def number(value: object) -> float | None:
    """A finite number; None where it is none."""
    try:
        value = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return value if math.isfinite(value) else None


def positive_pair(header: Header, keyword: str) -> tuple[float, float] | None:
    """Two numbers above zero; None where there are none."""
    values = header.get(keyword)
    if values is None or isinstance(values, str) or not hasattr(values, "__len__") or len(values) != 2:
        return None
    first, second = number(values[0]), number(values[1])
    if first is None or second is None or first <= 0 or second <= 0:
        return None
    return first, second


def words(header: Header, keyword: str) -> str:
    """A text without blanks around it; empty where there is none."""
    return str(header.get(keyword) or "").strip()
