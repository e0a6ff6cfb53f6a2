"""Films projected from CT volumes with label maps: the simulator's second source."""

from sagittal.simulator.ct.film import CtPose, ProjectedCt, project_ct
from sagittal.simulator.ct.scheme import LabelScheme, load_label_schemes
from sagittal.simulator.ct.volume import CtError, CtVolume, read_ct

__all__ = ["CtError", "CtPose", "CtVolume", "LabelScheme", "ProjectedCt", "load_label_schemes", "project_ct", "read_ct"]
