"""What the DICOM header of a film says: its kind, spacing, side, age, polarity. Python 3.9, the standard library alone.

3D Slicer runs the same code.
"""

from sagittal.header.age import age_years
from sagittal.header.field import Header
from sagittal.header.kind import doubts_of, why_no_film
from sagittal.header.orientation import anterior_side
from sagittal.header.polarity import is_inverted
from sagittal.header.spacing import Spacing, SpacingRule, spacing_of
from sagittal.header.view import view_doubt_of

__all__ = [
    "Header",
    "Spacing",
    "SpacingRule",
    "age_years",
    "anterior_side",
    "doubts_of",
    "is_inverted",
    "spacing_of",
    "view_doubt_of",
    "why_no_film",
]
