"""All constants of a network's calibration, fitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from scipy import optimize

from sagittal.anatomy.definitions import Definitions
from sagittal.calibration.gains import GAINS, fit_gains
from sagittal.calibration.masks import fit_masks
from sagittal.calibration.peaks import fit_peaks
from sagittal.calibration.seen_film import SeenFilm
from sagittal.inference.predictor import softened

# Constants have four digits: more says nothing.
DIGITS = 4
LEAST_FILMS = 20


class CalibrationError(ValueError):
    """The films do not tell how far to trust the network."""


@dataclass(frozen=True)
class Calibration:
    """`constants` of a network by name; `unfitted` are those that the films told too little of, kept as they were."""

    constants: dict[str, float]
    unfitted: tuple[str, ...]


def fit_calibration(films: Sequence[SeenFilm], definitions: Definitions) -> Calibration:
    """The constants at which what the network says of its own errors is right.

    Args:
        films: seen by one network, at least 20; sixty that its training never saw are better.
        definitions: their constants stay where the films tell too little.

    Raises:
        CalibrationError: too few films.
    """
    if len(films) < LEAST_FILMS:
        raise CalibrationError(f"a calibration needs at least {LEAST_FILMS} films, got {len(films)}; label more")
    fitted = {"temperature": fit_temperature(films), **fit_peaks(films), **fit_masks(films, definitions)}
    without_gains = {**definitions.calibration, **fitted, **dict.fromkeys(GAINS, 1.0)}
    fitted |= fit_gains(films, replace(definitions, calibration=without_gains))
    constants = {name: float(f"{value:.{DIGITS}g}") for name, value in {**definitions.calibration, **fitted}.items()}
    return Calibration(constants, tuple(name for name in constants if name not in fitted))


def fit_temperature(films: Sequence[SeenFilm]) -> float:
    """The temperature at which the true classes are likeliest (Guo 2017)."""
    scores = torch.from_numpy(np.concatenate([film.pixels[0] for film in films])).T
    truth = np.concatenate([film.pixels[1] for film in films])

    def surprise(temperature: float) -> float:
        return -float(softened(scores, temperature)[truth, np.arange(len(truth))].clamp(min=1e-9).log().mean())

    return float(optimize.minimize_scalar(surprise, bounds=(0.3, 5.0), method="bounded").x)
