"""Result types of the anatomy: parameters with unit, range and reason; quality; the whole measurement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from sagittal.anatomy.landmarks import Landmarks

if TYPE_CHECKING:
    from sagittal.anatomy.uncertainty import FitUncertainty

Status = Literal["within", "below", "above", "unranged", "absent"]
Verdict = Literal["measurable", "measurable with caution", "not measurable"]


@dataclass(frozen=True)
class ParameterValue:
    """One parameter: `value` is None exactly when `status` is "absent", and `reason` then says why."""

    name: str
    value: float | None
    unit: str
    range: tuple[float, float] | None
    status: Status
    reason: str | None = None
    interval_90: tuple[float, float] | None = None


@dataclass(frozen=True)
class Quality:
    """Whether the film can be relied on, and why not."""

    verdict: Verdict
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Measurement:
    """All that was measured on one film.

    `label_map` is (rows, columns) uint8 of structure ids on the film's grid; where the heads overlap head 1 wins.
    `parameters` holds every parameter of the definitions, in their order. `uncertainty` is that of their
    landmarks, from which the parameters' intervals follow.
    """

    landmarks: Landmarks
    parameters: Mapping[str, ParameterValue]
    quality: Quality
    warnings: tuple[str, ...]
    label_map: npt.NDArray[np.uint8]
    uncertainty: FitUncertainty | None = None
