"""How uncertain the fits are, and the 90 % intervals of the parameters that follow."""

from __future__ import annotations

import math
import statistics
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sagittal.anatomy.definitions import Definitions
from sagittal.anatomy.measurement import ParameterValue

LUMBAR = ("L1", "L2", "L3", "L4", "L5")
# Standard deviations of a normal distribution to either side that hold 90 %.
WITHIN_90 = 1.645


@dataclass(frozen=True)
class FitUncertainty:
    """Standard deviations in degrees: `plates` of the slopes of end plates ("S1", "L4 superior", ..), whose errors
    have the `correlations` of pairs (none where a pair is not named); `pelvic_tilt` of the direction from the hip axis
    to the S1 midpoint, None without heads or S1. In column widths: `heads` of the heads' centres, in their order;
    `landmarks` of all landmarks that a network found or moved ("L4 superior_anterior", "S1 anterior",
    "femoral_head_1")."""

    plates: Mapping[str, float] = field(default_factory=dict)
    pelvic_tilt: float | None = None
    heads: tuple[float, ...] = ()
    landmarks: Mapping[str, float] = field(default_factory=dict)
    correlations: Mapping[tuple[str, str], float] = field(default_factory=dict)


def plate_deviations(
    roughness: Mapping[str, float], hidden: Collection[str], definitions: Definitions
) -> dict[str, float]:
    """Standard deviation in degrees of each plate's slope.

    `roughness` is the misfit of its line as a share of its length: a rim that wanders tilts the line by about as much.
    How far rims wander is more a mask's than a plate's own: what the stairs do not explain is taken, by `plate_pooled`,
    from the middle of all plates. Plates that are `hidden` follow a cut.
    """
    model = definitions.uncertainty
    wander = {name: _beyond(rough, model["plate_stair"]) ** 2 for name, rough in roughness.items()}
    if not wander:
        return {}
    usual, pooled = statistics.median(wander.values()), model["plate_pooled"]
    return {
        name: math.hypot(
            model["plate_floor"],
            model["plate_gain"] * math.degrees(math.sqrt(pooled * usual + (1 - pooled) * own)),
        )
        * (model["hidden_factor"] if name in hidden else 1.0)
        for name, own in wander.items()
    }


def tilt_deviation(
    centers: Sequence[float], radius: float, s1_roughness: float, distance: float, definitions: Definitions
) -> float:
    """Standard deviation in degrees of pelvic tilt.

    Args:
        centers: deviation of each head's centre across the line from the hip axis to the S1 midpoint, of one or both.
        radius: of a head; lengths in the unit of `distance`.
        s1_roughness: misfit of the S1 plate per length.
        distance: from the hip axis to the S1 midpoint.
        definitions: hold the model's constants.
    """
    model = definitions.uncertainty
    spread = math.sqrt(sum(center**2 for center in centers)) / len(centers)
    if len(centers) == 1:
        # The other head's centre may lie up to about a radius off, and the hip axis half way to it.
        spread = math.hypot(spread, model["single_head"] * radius)
    angle = math.degrees(math.atan2(spread, distance))
    wander = _beyond(s1_roughness, model["plate_stair"])
    return math.hypot(angle, model["tilt_floor"], model["tilt_s1_gain"] * math.degrees(math.atan(wander)))


def center_deviation(variance: float, misfit: float, stair: float, definitions: Definitions) -> float:
    """Standard deviation of a head's centre along a direction, given the fit's own variance there.

    A rim that wanders farther from its circle than the grid's stairs do (`misfit`, `stair`: deviations in one unit)
    wanders over longer stretches than the fit can tell.
    """
    wander = _beyond(misfit, stair) / max(misfit, 1e-9)
    return math.sqrt(variance * (1 + (definitions.uncertainty["head_gain"] * wander) ** 2))


def _beyond(roughness: float, stair: float) -> float:
    """What of a misfit the stairs of the grid do not explain, both as shares of a length."""
    return math.sqrt(max(roughness**2 - stair**2, 0.0))


def with_intervals(
    parameters: Mapping[str, ParameterValue], uncertainty: FitUncertainty, definitions: Definitions
) -> dict[str, ParameterValue]:
    """The parameters with their 90 % intervals: each is a sum of slopes and of pelvic tilt, whose error is taken as
    independent of theirs; LDI is linearised. A value whose landmarks have no known uncertainty keeps none.
    """
    return {
        name: _with_interval(parameter, _terms(name, parameters), uncertainty) for name, parameter in parameters.items()
    }


def _with_interval(
    parameter: ParameterValue, terms: Mapping[str, float] | None, uncertainty: FitUncertainty
) -> ParameterValue:
    if parameter.value is None or terms is None:
        return parameter
    spreads: dict[str, float] = {}
    for name, factor in terms.items():
        deviation = uncertainty.pelvic_tilt if name == "PT" else uncertainty.plates.get(name)
        if deviation is None:
            return parameter
        spreads[name] = factor * deviation
    variance = sum(spread**2 for spread in spreads.values())
    for (first, second), correlation in uncertainty.correlations.items():
        variance += 2 * correlation * spreads.get(first, 0.0) * spreads.get(second, 0.0)
    half = WITHIN_90 * math.sqrt(max(variance, 0.0))
    return replace(parameter, interval_90=(parameter.value - half, parameter.value + half))


def _terms(name: str, parameters: Mapping[str, ParameterValue]) -> Mapping[str, float] | None:
    """How a parameter changes with each slope ("S1", "L4 superior", ..) and with "PT"."""
    top = {"S1": 1.0, "L1 superior": -1.0}
    linear: dict[str, Mapping[str, float]] = {
        "PI": {"S1": 1.0, "PT": 1.0},
        "PT": {"PT": 1.0},
        "SS": {"S1": 1.0},
        "LL": top,
        "L4S1": {"S1": 1.0, "L4 superior": -1.0},
        "PI-LL": {"PT": 1.0, "L1 superior": 1.0},
        "RLL": {"S1": 1 - 0.62, "L1 superior": -1.0, "PT": -0.62},
    }
    if name in linear:
        return linear[name]
    if name == "LDI":
        lordosis, lower = parameters["LL"].value, parameters["L4S1"].value
        if not lordosis or lower is None:
            return None
        ratio = lower / lordosis
        return {
            "S1": 100 * (1 - ratio) / lordosis,
            "L4 superior": -100 / lordosis,
            "L1 superior": 100 * ratio / lordosis,
        }
    if name in LUMBAR:
        return {f"{name} inferior": 1.0, f"{name} superior": -1.0}
    upper, lower_level = name[:2], name[2:]
    return {f"{upper} inferior": -1.0, "S1" if lower_level == "S1" else f"{lower_level} superior": 1.0}
