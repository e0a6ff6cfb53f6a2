"""How far off a film's values are expected to be: what a person's label would gain."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from sagittal.anatomy.definitions import default_definitions
from sagittal.anatomy.measurement import ParameterValue
from sagittal.anatomy.uncertainty import WITHIN_90
from sagittal.films import Film
from sagittal.inference.inspection import inspect_film, measure
from sagittal.inference.looks import MIRRORED, Look
from sagittal.inference.predictor import Predictor

# How a network that has no uncertainty of its own is asked for one: by looking again.
VARIANTS = (MIRRORED, Look(0.86), Look(0.79))
# Mean absolute value of a normal variable of deviation 1.
MEAN_ABSOLUTE = math.sqrt(2 / math.pi)


def expected_error(film: Film, predictor: Predictor) -> float:
    """Mean over the judged parameters (`quality` of the definitions) of the error that is to be expected, in degrees.

    From the 90 % intervals; of a network without landmarks also from how far the values of other looks lie apart. A
    value that is absent is as uncertain as the parameter varies among adults.
    """
    found = inspect_film(film, predictor).measurement.parameters
    again: list[Mapping[str, ParameterValue]] = []
    if not predictor.sees_landmarks:
        again = [
            measure(film, mask, (), predictor.definitions).parameters for mask in predictor.variants(film, VARIANTS)
        ]
    spreads = default_definitions().quality.adult_spread
    errors = [_deviation(found[name], [other[name] for other in again], spreads[name]) for name in spreads]
    return MEAN_ABSOLUTE * float(np.mean(errors))


def _deviation(found: ParameterValue, again: Sequence[ParameterValue], spread: float) -> float:
    if found.value is None or found.interval_90 is None:
        return spread
    own = (found.interval_90[1] - found.interval_90[0]) / 2 / WITHIN_90
    # Where another look finds no value, it says as little as where there is none.
    apart = [spread if other.value is None else other.value - found.value for other in again]
    return min(spread, math.hypot(own, float(np.std([0.0, *apart]))))
