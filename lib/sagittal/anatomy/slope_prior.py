"""Slopes of end plates made the most probable ones: what each rim says, and how plates of a spine stand to each other.

A rim that a mask frays or hides tilts its plate by degrees; neighbours rarely stand so. Where a rim is smooth it says
so much more than the prior that nothing moves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sagittal.anatomy.corners import turned_ends
from sagittal.anatomy.definitions import Definitions
from sagittal.anatomy.grid import Points
from sagittal.anatomy.landmarks import Body, EndPlate, Landmarks, Side, posterior_sign, slope_of

# Degrees of freedom of Student's distribution that wedges and discs, and errors of ragged rims, have the tails of:
# crushed bodies, bridges.
TAILS = 4.0
# A rim whose slope is known better than this, in degrees, is believed whatever it says.
RAGGED = 0.8
# Correlation of the errors of both ragged rims of a disc.
ACROSS_DISC = 0.4
# A plate that holds its neighbours and does not move itself is believed this much more than it says.
HELD = 0.1
ITERATIONS = 8
SIDES = ("superior", "inferior")


@dataclass(frozen=True)
class SettledSlopes:
    """Slopes and their deviations in degrees by plate ("S1", "L5 inferior", ..), and the correlation of each pair."""

    slopes: Mapping[str, float]
    deviations: Mapping[str, float]
    correlations: Mapping[tuple[str, str], float] = field(default_factory=dict)


def settle_slopes(
    slopes: Mapping[str, float], deviations: Mapping[str, float], definitions: Definitions
) -> SettledSlopes:
    """The most probable slopes given those that the rims say, with their deviations, and the definitions' `slopes`.

    Six lumbar bodies have no prior here; their slopes stay.
    """
    steps = _steps(slopes, definitions)
    if not steps or any(name.startswith("L6") for name in slopes):
        return SettledSlopes(slopes, deviations)
    names = [name for name in ("S1", *_upwards(definitions.levels_from_sacrum)) if name in slopes]
    index = {name: k for k, name in enumerate(names)}
    said = np.array([slopes[name] for name in names])
    said_variance = np.array([deviations[name] ** 2 for name in names])
    lower = np.array([index[step.lower] for step in steps])
    upper = np.array([index[step.upper] for step in steps])
    usual = np.array([step.usual for step in steps])
    variance = np.array([step.variance for step in steps])
    together = _together(names, said_variance)
    said_weight, step_weight = np.ones(len(names)), np.ones(len(steps))
    settled, covariance = said, np.diag(said_variance)
    for _ in range(ITERATIONS):
        spread = np.sqrt(said_variance / said_weight)
        told = np.linalg.inv(together * np.outer(spread, spread))
        precision = told.copy()
        share = step_weight / variance
        np.add.at(precision, (lower, lower), share)
        np.add.at(precision, (upper, upper), share)
        np.add.at(precision, (lower, upper), -share)
        np.add.at(precision, (upper, lower), -share)
        pull = told @ said
        np.add.at(pull, lower, share * usual)
        np.add.at(pull, upper, -share * usual)
        covariance = np.linalg.inv(precision)
        settled = covariance @ pull
        step_weight = _student((settled[lower] - settled[upper] - usual) ** 2 / variance)
        said_weight = np.where(said_variance > RAGGED**2, _student((settled - said) ** 2 / said_variance), 1.0)
    spread = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(spread, spread)
    pairs = {(a, b): float(correlation[index[a], index[b]]) for a in names for b in names if index[a] < index[b]}
    return SettledSlopes(dict(zip(names, settled.tolist())), dict(zip(names, spread.tolist())), pairs)


def settle_plates(
    landmarks: Landmarks, deviations: Mapping[str, float], aspect: float, definitions: Definitions
) -> Landmarks:
    """Landmarks in film pixels with the end plates of bodies that are known badly turned, about their middles, to their
    most probable slopes.

    Plates whose slope is known to `known_plate` degrees (definitions' `fusion`) stay and hold the others. S1 is never
    moved: its plate is chosen by what is usual already (`choose_s1`). So are the slopes of six lumbar bodies, of which
    there is no prior. How uncertain plates are is not told anew: what they are turned by is no measurement.

    Args:
        landmarks: what is to settle; without a known anterior side they stay as they are.
        deviations: of the slopes, in degrees, by plate.
        aspect: row over column size of a pixel.
        definitions: hold the priors.
    """
    if landmarks.anterior is None:
        return landmarks
    plates = {f"{name} {side}": getattr(body, side) for name, body in landmarks.bodies.items() for side in SIDES}
    if landmarks.s1 is not None:
        plates["S1"] = landmarks.s1
    said = {name: _slope(plate, landmarks.anterior, aspect) for name, plate in plates.items()}
    loose = {name for name in said if deviations[name] > definitions.fusion["known_plate"]}
    spread = {name: deviations[name] * (1.0 if name in loose else HELD) for name in said}
    settled = settle_slopes(said, spread, definitions).slopes
    moved = {
        name: _turned(plates[name], settled[name] - said[name], landmarks.anterior, aspect) for name in loose - {"S1"}
    }
    bodies = {}
    for name, body in landmarks.bodies.items():
        superior, inferior = (moved.get(f"{name} {side}", getattr(body, side)) for side in SIDES)
        bodies[name] = Body(superior.anterior, superior.posterior, inferior.anterior, inferior.posterior)
    return replace(landmarks, bodies=bodies)


def _slope(plate: EndPlate, anterior: Side, aspect: float) -> float:
    front, back = np.array([plate.anterior, plate.posterior]) * (1, aspect)
    return slope_of(front, back, posterior_sign(anterior))


def _turned(plate: EndPlate, steeper: float, anterior: Side, aspect: float) -> EndPlate:
    """A plate turned about its middle, as long as before, until its slope is so many degrees greater."""
    ends = np.array([plate.anterior, plate.posterior]) * (1, aspect)
    front, back = turned_ends(ends, clockwise(steeper, posterior_sign(anterior))) / (1, aspect)
    return EndPlate((float(front[0]), float(front[1])), (float(back[0]), float(back[1])))


def _together(names: Sequence[str], variance: Points) -> Points:
    """Correlations of what rims say: what frays a mask moves both rims of a disc alike, where both are ragged."""
    together = np.eye(len(names))
    for k, upper in enumerate(names[1:]):
        if upper.endswith("inferior") and min(variance[k], variance[k + 1]) > RAGGED**2:
            together[k, k + 1] = together[k + 1, k] = ACROSS_DISC
    return together


@dataclass(frozen=True)
class _Step:
    """From a plate to the next one above it: the usual fall of the slope, and its variance."""

    lower: str
    upper: str
    usual: float
    variance: float


def _upwards(levels: Sequence[str]) -> list[str]:
    return [f"{level} {side}" for level in levels for side in ("inferior", "superior")]


def _steps(slopes: Mapping[str, float], definitions: Definitions) -> list[_Step]:
    """The steps between plates that are there; over plates that are not, they add up."""
    steps = []
    below = "S1" if "S1" in slopes else None
    usual = variance = 0.0
    for name in _upwards(definitions.levels_from_sacrum):
        level, side = name.split()
        mean, deviation = _prior(level, side, definitions)
        usual, variance = usual + mean, variance + deviation**2
        if name in slopes:
            if below is not None:
                steps.append(_Step(below, name, usual, variance))
            below, usual, variance = name, 0.0, 0.0
    return steps


def _prior(level: str, side: str, definitions: Definitions) -> tuple[float, float]:
    return definitions.slopes["discs" if side == "inferior" else "wedges"][level]


def _student(squared: Points) -> Points:
    return np.asarray(np.minimum((TAILS + 1) / (TAILS + squared), 1.0))


def clockwise(steeper: float, towards_posterior: float) -> float:
    """Degrees by which a plate is turned clockwise on screen, its right end sinking, to be so many degrees steeper."""
    return -towards_posterior * steeper
