"""Anatomy: class mask to landmarks to spino-pelvic parameters. Needs numpy and scipy alone."""

from sagittal.anatomy.definitions import Definitions, default_definitions
from sagittal.anatomy.landmarks import Body, Circle, EndPlate, Landmarks, Point, Side
from sagittal.anatomy.measure import MaskError, measure_mask
from sagittal.anatomy.measurement import Measurement, ParameterValue, Quality, Status, Verdict
from sagittal.anatomy.parameters import parameters_from_landmarks

__all__ = [
    "Body",
    "Circle",
    "Definitions",
    "EndPlate",
    "Landmarks",
    "MaskError",
    "Measurement",
    "ParameterValue",
    "Point",
    "Quality",
    "Side",
    "Status",
    "Verdict",
    "default_definitions",
    "measure_mask",
    "parameters_from_landmarks",
]
