"""Pictures that are no lateral lumbar film, for the view check to learn from: none of a patient."""

from sagittal.simulator.negatives.draw import KINDS, draw_negative

__all__ = ["KINDS", "draw_negative"]
