"""Calibration: how far to trust a network, measured on films whose truth is known."""

from sagittal.calibration.fit import Calibration, CalibrationError, fit_calibration
from sagittal.calibration.seen_film import SeenFilm, Truth, look_at, measure_seen, truth_of

__all__ = [
    "Calibration",
    "CalibrationError",
    "SeenFilm",
    "Truth",
    "fit_calibration",
    "look_at",
    "measure_seen",
    "truth_of",
]
