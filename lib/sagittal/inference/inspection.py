"""Film -> mask -> measurement."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sagittal.anatomy import Measurement, ParameterValue, measure_mask
from sagittal.anatomy.clinical import Finding
from sagittal.anatomy.definitions import Definitions, default_definitions
from sagittal.anatomy.network_landmark import NetworkLandmark
from sagittal.anatomy.parameters import status_of
from sagittal.films import Film
from sagittal.view import View, with_view

if TYPE_CHECKING:
    from sagittal.inference.predictor import Predictor


UNCALIBRATED = "nobody measured how far to trust this network: its intervals are wide guesses (`sagittal calibrate`)"


@dataclass(frozen=True, eq=False)
class Inspection:
    """All that was found on a film.

    `model` says where the mask came from: a network's name, or "mask" where one was given. `value_branch` has the
    values that the network emitted itself, beside those of `measurement`; None where it has no such branch. `clinical`
    are findings that another process told; None: they follow from the measurement. `view` is what the picture looks
    like; None where a mask was given: then nobody looked.
    """

    film: Film
    measurement: Measurement
    model: str
    value_branch: Mapping[str, ParameterValue] | None
    clinical: tuple[Finding, ...] | None = None
    view: View | None = None


def inspect_film(film: Film, predictor: Predictor) -> Inspection:
    """Segment a film and measure it, and look whether it is a lateral lumbar film at all.

    Raises:
        ViewError: the file of that look's classifier is missing or damaged.
    """
    from sagittal.view import view_check

    prediction = predictor.predict(film)
    branch = None if prediction.values is None else value_branch(prediction.values)
    view = view_check()(film.pixels)
    measurement = measure(film, prediction.class_mask, prediction.landmarks, predictor.definitions)
    if not predictor.calibrated:
        measurement = replace(measurement, warnings=(*measurement.warnings, UNCALIBRATED))
    measurement = with_view(measurement, view, film.view_doubt)
    return Inspection(film, measurement, predictor.name, branch, view=view)


def inspect_mask(film: Film, mask: npt.NDArray[np.uint8]) -> Inspection:
    """Measure a given mask (rows, columns) of class ids or of structure ids; no network runs.

    Raises:
        MaskError: wrong shape, type or ids.
    """
    return Inspection(film, with_view(measure(film, mask), None, film.view_doubt), "mask", None)


def measure(
    film: Film,
    mask: npt.NDArray[np.uint8],
    seen: Sequence[NetworkLandmark] | None = None,
    definitions: Definitions | None = None,
) -> Measurement:
    """Measure a mask on its film, with the landmarks that the network which made it saw (None: no network made it) and
    the definitions that hold its calibration."""
    return measure_mask(
        mask, pixel_aspect=film.pixel_aspect, anterior=film.anterior, seen=seen, definitions=definitions
    )


def value_branch(values: Mapping[str, float]) -> Mapping[str, ParameterValue]:
    """The values of a network with unit, standard range and status; absent with the reason where not finite."""
    definitions = default_definitions().parameters
    named = {}
    for name, value in values.items():
        unit, limits = definitions[name].unit, definitions[name].range
        if math.isfinite(value):
            named[name] = ParameterValue(name, value, unit, limits, status_of(value, limits))
        else:
            named[name] = ParameterValue(name, None, unit, limits, "absent", _why_absent(name, values))
    return MappingProxyType(named)


def _why_absent(name: str, values: Mapping[str, float]) -> str:
    least = default_definitions().ldi_minimum_lordosis
    if name == "LDI" and values.get("LL", math.inf) < least:
        return f"undefined for LL under {least:g} degrees (the network's LL is {values['LL']:.1f})"
    return "the network gave no finite value"
