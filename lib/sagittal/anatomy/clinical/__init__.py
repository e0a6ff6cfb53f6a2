"""Clinical classes, scores and indices, each a hint for a reader and no diagnosis."""

from sagittal.anatomy.clinical.assess import assess
from sagittal.anatomy.clinical.finding import Finding, FindingStatus
from sagittal.anatomy.clinical.limits import ClinicalLimits, default_limits

__all__ = ["ClinicalLimits", "Finding", "FindingStatus", "assess", "default_limits"]
