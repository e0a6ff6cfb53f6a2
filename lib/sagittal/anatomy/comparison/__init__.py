"""Films of one subject compared: before and after surgery, flexion and extension."""

from sagittal.anatomy.comparison.changes import Change
from sagittal.anatomy.comparison.compare import Comparison, ComparisonError, compare
from sagittal.anatomy.comparison.compared_film import ComparedFilm
from sagittal.anatomy.comparison.instability import SegmentMotion

__all__ = ["Change", "ComparedFilm", "Comparison", "ComparisonError", "SegmentMotion", "compare"]
