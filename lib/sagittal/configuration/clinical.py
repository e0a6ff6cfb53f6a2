"""Schema of clinical.yaml."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from sagittal.configuration.load import Checked

Positive = Annotated[float, Field(gt=0)]


class Step(Checked):
    """One class: values under `below`, or up to and with `up_to`, or, of the last class, all that is above."""

    below: float | None = None
    up_to: float | None = None
    points: Annotated[int, Field(ge=0)]
    grade: str

    @model_validator(mode="after")
    def _have_one_bound(self) -> Self:
        if self.below is not None and self.up_to is not None:
            raise ValueError("a class has below or up_to, not both")
        return self

    @property
    def bound(self) -> float:
        return next((bound for bound in (self.below, self.up_to) if bound is not None), math.inf)


def _rise(steps: list[Step]) -> list[Step]:
    bounds = [step.bound for step in steps]
    if any(upper <= lower for lower, upper in pairwise(bounds)):
        raise ValueError(f"bounds of classes must rise, got {bounds}")
    if bounds[-1] != math.inf:
        raise ValueError("the last class must be without bound")
    return steps


def _rise_too(pair: list[float]) -> list[float]:
    if pair[0] >= pair[1]:
        raise ValueError(f"a range must rise, got {pair}")
    return pair


Steps = Annotated[list[Step], Field(min_length=2), AfterValidator(_rise)]
Range = Annotated[list[float], Field(min_length=2, max_length=2), AfterValidator(_rise_too)]


class Ideal(Checked):
    slope: float
    offset: float


class Gap(Checked):
    ideal_sacral_slope: Ideal
    ideal_global_tilt: Ideal
    relative_pelvic_version: Steps
    relative_lumbar_lordosis: Steps
    lordosis_distribution_index: Steps
    relative_spinopelvic_alignment: Steps
    age: Steps
    score: Steps


class Schwab(Checked):
    incidence_less_lordosis: Steps
    pelvic_tilt: Steps


class Anteverted(Checked):
    grade: str
    incidence_below: float
    tilt_below: float


class Roussouly(Checked):
    sacral_slope: Steps
    anteverted: Anteverted
    kappa: Range


class Slip(Checked):
    least_percent: Positive
    grades: Steps


class Obliquity(Checked):
    unreliable_rotation: Annotated[float, Field(gt=0, lt=90)]
    head_distance_in_radii: Positive


class Comparison(Checked):
    unstable_slip_mm: Positive
    unstable_angle: Positive
    incidence_tolerance: Positive


class Limits(Checked):
    adult_age: Positive
    gap: Gap
    schwab: Schwab
    roussouly: Roussouly
    slip: Slip
    genant: Steps
    segmental_angle: dict[str, Range]
    disc_height_index: Range
    obliquity: Obliquity
    comparison: Comparison


class Clinical(Checked):
    """clinical.yaml."""

    clinical: Limits
