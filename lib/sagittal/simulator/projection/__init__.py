"""Projects bones that stand as stacks of sagittal sections onto the film, from a point source."""

from sagittal.simulator.projection.beam import Beam
from sagittal.simulator.projection.project import Projector
from sagittal.simulator.projection.solid import Solid, Tube

__all__ = ["Beam", "Projector", "Solid", "Tube"]
