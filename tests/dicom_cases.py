"""Inspections of complete DICOM films, with drawn masks and given landmarks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sagittal.anatomy.landmarks import Body, Circle, EndPlate, Landmarks
from sagittal.anatomy.measurement import Measurement, Quality
from sagittal.anatomy.parameters import parameters_from_landmarks
from sagittal.inference import Inspection
from skimage.draw import disk, polygon

ROWS, COLUMNS = 300, 180
# What a complete film of a hospital has beside its pixels.
COMPLETE = {
    "PatientName": "Muster^Erika",
    "PatientBirthDate": "19600102",
    "PatientSex": "F",
    "StudyDate": "20240305",
    "StudyTime": "101112",
    "StudyID": "S1",
    "AccessionNumber": "A1",
    "ReferringPhysicianName": "Arzt^A",
    "PixelSpacing": [0.5, 0.5],
    "ImagerPixelSpacing": [0.6, 0.6],
    "PatientOrientation": ["P", "F"],
}
HEADS = (Circle((65.0, 262.0), 17.0), Circle((60.0, 275.0), 18.0))


def drawn_mask(heads: tuple[Circle, ...] = HEADS) -> np.ndarray:
    """(rows, columns) class ids: five bodies, a sacrum and heads of a patient who faces left."""
    mask = np.zeros((ROWS, COLUMNS), np.uint8)
    for number, head in reversed(list(enumerate(heads))):
        rows, columns = disk(head.center[::-1], head.radius, shape=mask.shape)
        mask[rows, columns] = 3 + number
    mask[polygon([225, 210, 260, 268], [62, 92, 125, 112])] = 2
    for k in range(5):
        top, left = 20 + 37 * k, 66 - 2 * k
        mask[polygon([top, top - 1, top + 25, top + 27], [left, left + 34, left + 34, left])] = 1
    return mask


@dataclass(frozen=True)
class Case:
    """A DICOM film on disk and what was found on it."""

    path: Path
    inspection: Inspection


def with_intervals(inspection: Inspection, half_width: float | None) -> Inspection:
    """The same with 90 % intervals that reach so far below and twice as far above every value."""
    parameters = {
        name: replace(
            parameter,
            interval_90=(
                None
                if parameter.value is None or half_width is None
                else (parameter.value - half_width, parameter.value + 2 * half_width)
            ),
        )
        for name, parameter in inspection.measurement.parameters.items()
    }
    return replace(inspection, measurement=replace(inspection.measurement, parameters=parameters))


def with_landmarks(inspection: Inspection, landmarks: Landmarks) -> Inspection:
    """The same with other landmarks and the parameters that follow from them."""
    parameters = parameters_from_landmarks(landmarks, pixel_aspect=inspection.film.pixel_aspect)
    measurement = Measurement(landmarks, parameters, Quality("measurable", ()), (), inspection.measurement.label_map)
    return replace(inspection, measurement=measurement)


def six_bodies() -> Landmarks:
    """T12 to L5, an S1 end plate and both heads, all on the film."""
    bodies = {
        level: Body((70.0, 190.0 - 33 * k), (100.0, 185.0 - 32 * k), (69.0, 213.0 - 33 * k), (99.0, 206.0 - 32 * k))
        for k, level in enumerate(("L5", "L4", "L3", "L2", "L1", "T12"))
    }
    return Landmarks(bodies, EndPlate((68.25, 231.5), (95.0, 218.0)), HEADS, "left")
