"""Which S1 end plate is right: the mask's edge, a pair of the network's landmarks, or both as one.

Every combination is a hypothesis. Its weight is how often masks are right, how high the peaks stand among their rivals,
how well mask and peaks agree, and how the plate fits L5 and what sacral slopes are. The likeliest is taken; what the
others say makes it the less certain. Frame: film column widths (x, y), square.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sagittal.anatomy.definitions import Definitions
from sagittal.anatomy.estimate import Estimate, agreement, combine, direction_deviation, middle
from sagittal.anatomy.grid import Points
from sagittal.anatomy.landmarks import slope_of
from sagittal.anatomy.network_landmark import NetworkLandmark, estimate_of, of_kind, shares

# Degrees of freedom of the priors: real spines leave what is usual more often than a normal distribution does.
FREEDOM = 4.0


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What an S1 plate must fit: depth of a body, anterior and posterior end (2, 2) of L5's inferior plate (of L6's
    where there is one), None without either; 1 where the posterior side is at greater x, else -1."""

    depth: float
    above: Points | None
    towards_posterior: float


@dataclass(frozen=True, eq=False)
class S1Plate:
    """The plate that was chosen. `slope_deviation` (degrees) and `midpoint` know of the other hypotheses too,
    `probability` says how likely this one is among them; `mask_agrees` is False where the mask's edge was given up."""

    anterior: Estimate
    posterior: Estimate
    midpoint: Estimate
    slope_deviation: float
    probability: float
    mask_agrees: bool


@dataclass(frozen=True, eq=False)
class _Hypothesis:
    weight: float
    anterior: Estimate
    posterior: Estimate
    mask_agrees: bool


def choose_s1(
    mask: tuple[Estimate, Estimate] | None,
    seen: Sequence[NetworkLandmark],
    around: Surroundings,
    aspect: float,
    definitions: Definitions,
) -> S1Plate | None:
    """The likeliest plate; None where the mask shows none and no pair of landmarks is likelier right than wrong.

    Args:
        mask: anterior and posterior end of the mask's edge.
        seen: the network's landmarks.
        around: what the plate must fit.
        aspect: row over column size of a pixel.
        definitions: constants of `fusion`.
    """
    model = definitions.fusion
    hypotheses = list(_hypotheses(mask, seen, around, aspect, model))
    unseen = _weight_of_none(mask, seen, model)
    total = unseen + sum(hypothesis.weight for hypothesis in hypotheses)
    best = max(hypotheses, key=lambda hypothesis: hypothesis.weight, default=None)
    if best is None or (mask is None and best.weight < total / 2):
        return None
    variance = unseen / total * model["sacral_slope_spread"] ** 2
    covariance = np.eye(2) * unseen / total * around.depth**2 / (math.pi * model["elsewhere"])
    best_middle, best_slope = middle((best.anterior, best.posterior)), _slope(best.anterior, best.posterior, around)
    for one in hypotheses:
        share = one.weight / total
        apart = _turn(_slope(one.anterior, one.posterior, around), best_slope)
        variance += share * (direction_deviation(one.anterior, one.posterior) ** 2 + apart**2)
        its_middle = middle((one.anterior, one.posterior))
        offset = its_middle.point - best_middle.point
        covariance = covariance + share * (its_middle.covariance + np.outer(offset, offset))
    midpoint = Estimate(best_middle.point, covariance)
    probability = best.weight / total
    return S1Plate(best.anterior, best.posterior, midpoint, math.sqrt(variance), probability, best.mask_agrees)


def _hypotheses(
    mask: tuple[Estimate, Estimate] | None,
    seen: Sequence[NetworkLandmark],
    around: Surroundings,
    aspect: float,
    model: Mapping[str, float],
) -> Iterator[_Hypothesis]:
    fronts, no_front = _ends(seen, "s1_anterior", aspect, model)
    backs, no_back = _ends(seen, "s1_posterior", aspect, model)
    right = model["mask_plate_right"] if mask is not None else 0.0
    elsewhere = model["elsewhere"]
    for front_share, front in fronts:
        for back_share, back in backs:
            yield _weighed((1 - right) * front_share * back_share * elsewhere**2, (front, back), False, around, model)
    if mask is None:
        return
    front_or_none: list[tuple[float, Estimate | None]] = [*fronts, (no_front, None)]
    back_or_none: list[tuple[float, Estimate | None]] = [*backs, (no_back, None)]
    for (front_share, peak), (back_share, other) in itertools.product(front_or_none, back_or_none):
        weight, ends = right * front_share * back_share, []
        for of_mask, seen_end in zip(mask, (peak, other)):
            weight *= elsewhere if seen_end is None else agreement(of_mask, seen_end) * around.depth**2
            ends.append(of_mask if seen_end is None else combine(of_mask, seen_end))
        yield _weighed(weight, (ends[0], ends[1]), True, around, model)


def _ends(
    seen: Sequence[NetworkLandmark], kind: str, aspect: float, model: Mapping[str, float]
) -> tuple[list[tuple[float, Estimate]], float]:
    """The highest peaks of a kind with their shares, and the share of no peak."""
    peaks = of_kind(seen, kind)
    parts = shares(peaks, model["noise_height"])
    candidates = [(share, estimate_of(peak, aspect)) for share, peak in zip(parts, peaks)]
    return candidates[: int(model["candidates"])], 1 - sum(parts)


def _weight_of_none(
    mask: tuple[Estimate, Estimate] | None, seen: Sequence[NetworkLandmark], model: Mapping[str, float]
) -> float:
    """Of the mask being wrong and an end without a peak."""
    wrong = 1 - model["mask_plate_right"] if mask is not None else 1.0
    shown = 1.0
    for kind in ("s1_anterior", "s1_posterior"):
        shown *= sum(shares(of_kind(seen, kind), model["noise_height"]))
    return wrong * (1 - shown) * model["elsewhere"] ** 2 * model["unseen_plate"]


def _weighed(
    weight: float, ends: tuple[Estimate, Estimate], mask_agrees: bool, around: Surroundings, model: Mapping[str, float]
) -> _Hypothesis:
    return _Hypothesis(weight * _likelihood(*ends, around, model), *ends, mask_agrees)


def _likelihood(front: Estimate, back: Estimate, around: Surroundings, model: Mapping[str, float]) -> float:
    """How usual a plate is, 1 for the most usual: its length, its slope, and how it lies to the body above it."""
    length = float(np.linalg.norm(back.point - front.point)) / around.depth
    slope = _slope(front, back, around)
    likelihood = _usual(length, "plate_length", model) * _usual(slope, "sacral_slope", model)
    if around.above is not None:
        above = (Estimate(around.above[0], np.zeros((2, 2))), Estimate(around.above[1], np.zeros((2, 2))))
        opening = _turn(slope, _slope(*above, around))
        distance = np.linalg.norm((front.point + back.point) / 2 - around.above.mean(axis=0)) / around.depth
        likelihood *= _usual(opening, "plate_opening", model) * _usual(float(distance), "plate_distance", model)
    return likelihood


def _usual(value: float, name: str, model: Mapping[str, float]) -> float:
    off = (value - model[name]) / model[f"{name}_spread"]
    return float((1 + off**2 / FREEDOM) ** (-(FREEDOM + 1) / 2))


def _slope(front: Estimate, back: Estimate, around: Surroundings) -> float:
    return slope_of(front.point, back.point, around.towards_posterior)


def _turn(first: float, second: float) -> float:
    return (first - second + 180.0) % 360.0 - 180.0
