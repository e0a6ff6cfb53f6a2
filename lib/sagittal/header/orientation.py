"""Which side of the film the patient faces."""

from __future__ import annotations

from sagittal.anatomy.landmarks import Side
from sagittal.header.field import Header


def anterior_side(header: Header) -> tuple[Side | None, tuple[str, ...]]:
    """The side by PatientOrientation (direction of rows, of columns), None where it does not tell; and warnings."""
    orientation = header.get("PatientOrientation")
    if orientation is None or isinstance(orientation, str) or len(orientation) != 2:
        return None, ()
    rightward, downward = (str(direction).upper() for direction in orientation)
    warnings: tuple[str, ...] = ("the file says that it is stored upside down",) if downward[:1] == "H" else ()
    if rightward[:1] in ("L", "R"):
        return None, (*warnings, "the file says that the patient was seen from the front or back, not from the side")
    sides: dict[str, Side] = {"A": "right", "P": "left"}
    return sides.get(rightward[:1]), warnings
