"""By how much the deviations of what is fused are short, so that nine of ten intervals and circles hold the truth."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import partial

import numpy as np
from scipy import optimize, special

from sagittal.anatomy import Body, Point
from sagittal.anatomy.definitions import Definitions
from sagittal.anatomy.fusion import with_gains
from sagittal.anatomy.measurement import Measurement
from sagittal.anatomy.uncertainty import with_intervals
from sagittal.calibration.likelihood import LEAST
from sagittal.calibration.seen_film import SeenFilm, Truth, measure_seen

# A gain beyond it, or below its inverse, is no calibration: it stays 1, and the check shows it.
LARGEST_GAIN = 20.0
HELD = 0.9
# So many values tell a gain; of fewer none is fitted.
LEAST_VALUES = 15
# Which parameters each gain is fitted on, in this order: the later ones rest on the earlier ones.
GAINED = {
    "s1_gain": ("SS",),
    "tilt_gain": ("PT",),
    "body_gain": ("L2", "L3", "L4", "L1L2", "L2L3", "L3L4", "L4L5"),
    "l5_gain": ("L5", "L5S1"),
    "l1_gain": ("L1", "LL"),
}
GAINS = (*GAINED, "landmark_gain")
Measured = Sequence[tuple[Measurement, Mapping[str, float | None]]]


def fit_gains(films: Sequence[SeenFilm], definitions: Definitions) -> dict[str, float]:
    """Each gain that enough values tell; `definitions` hold all other constants, and gains of 1."""
    measurements = [measure_seen(film, definitions) for film in films]
    measured = [(one, film.truth.values) for one, film in zip(measurements, films, strict=True)]
    gains, fitted = dict(definitions.calibration), dict[str, float]()
    for gain, names in GAINED.items():
        if len(_half_widths_off(measured, names, gains, definitions)) < LEAST_VALUES:
            continue
        shortfall = partial(_shortfall, measured, names, gains, gain, definitions)
        enough = shortfall(LARGEST_GAIN) < 0 < shortfall(1 / LARGEST_GAIN)
        fitted[gain] = float(optimize.brentq(shortfall, 1 / LARGEST_GAIN, LARGEST_GAIN, xtol=0.01)) if enough else 1.0
        gains[gain] = fitted[gain]
    by_kind = [landmark_shares(one, film.truth) for one, film in zip(measurements, films, strict=True)]
    apart = [share for kinds in by_kind for shares in kinds.values() for share in shares]
    if len(apart) >= LEAST:
        fitted["landmark_gain"] = float(np.quantile(apart, HELD))
    return fitted


def _shortfall(
    measured: Measured,
    names: Sequence[str],
    gains: Mapping[str, float],
    gain: str,
    definitions: Definitions,
    value: float,
) -> float:
    """What the share of intervals that hold the truth lacks, with this value of a gain, smoothed."""
    apart = _half_widths_off(measured, names, {**gains, gain: value}, definitions)
    # A smooth step: the share would jump from film to film.
    return HELD - float(special.expit((1 - np.array(apart)) * 20).mean())


def _half_widths_off(
    measured: Measured, names: Sequence[str], gains: Mapping[str, float], definitions: Definitions
) -> list[float]:
    """Errors in half widths of their intervals."""
    apart = []
    for measurement, truth in measured:
        assert measurement.uncertainty is not None
        wider = with_gains(measurement.uncertainty, gains)
        found = with_intervals(measurement.parameters, wider, definitions)
        for name in names:
            true, interval, own = truth.get(name), found[name].interval_90, found[name].value
            if true is not None and own is not None and interval is not None:
                apart.append(abs(own - true) / max((interval[1] - interval[0]) / 2, 1e-9))
    return apart


def landmark_shares(measurement: Measurement, true: Truth) -> dict[str, list[float]]:
    """Distances of found from true landmarks, as shares of the radius that should hold nine of ten."""
    assert measurement.uncertainty is not None
    deviations, found, truth = measurement.uncertainty.landmarks, measurement.landmarks, true.landmarks
    pairs: dict[str, list[tuple[Point, Point, str]]] = {"corners": [], "ends of S1": [], "centres of heads": []}
    for name in found.bodies.keys() & truth.bodies.keys():
        for corner in (field.name for field in fields(Body)):
            ends = (getattr(found.bodies[name], corner), getattr(truth.bodies[name], corner))
            pairs["corners"].append((*ends, f"{name} {corner}"))
    if found.s1 and truth.s1:
        for end in ("anterior", "posterior"):
            pairs["ends of S1"].append((getattr(found.s1, end), getattr(truth.s1, end), f"S1 {end}"))
    for k, head in enumerate(found.femoral_heads, start=1):
        nearest = min(truth.femoral_heads, key=lambda true: math.dist(true.center, head.center), default=None)
        if nearest is not None:
            pairs["centres of heads"].append((head.center, nearest.center, f"femoral_head_{k}"))
    # The radius of a round normal distribution in the plane.
    radius = math.sqrt(-2 * math.log(1 - HELD))
    return {
        kind: [
            math.dist(first, second) / (radius * deviations[name])
            for first, second, name in of_kind
            if name in deviations
        ]
        for kind, of_kind in pairs.items()
    }
