"""One film of a foreign set, measured and made ours."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from sagittal.anatomy import Measurement, measure_mask, parameters_from_landmarks
from sagittal.anatomy.definitions import default_definitions
from sagittal.anatomy.landmarks import Landmarks
from sagittal.datasets.importers.class_masks import CLASSES, ClassMask
from sagittal.datasets.importers.source import Annotation
from sagittal.films import Film
from sagittal.films.file_format import film_name

HEADS_EXCHANGED = "heads 1 and 2 were exchanged: ours is the one with the more cranial centre first"


@dataclass(frozen=True, eq=False)
class ImportedFilm:
    """What is written of a film: class mask, landmarks (None where there are none) and the facts of its entry."""

    mask: ClassMask | None
    landmarks: Landmarks | None
    facts: dict[str, Any]


def made_ours(annotation: Annotation, film: Film) -> ImportedFilm:
    """Heads in our order, landmarks measured on the mask where none were marked, parameters from the landmarks."""
    aspect = annotation.spacing_mm or film.pixel_aspect
    mask, landmarks = annotation.mask, annotation.landmarks
    remarks = list(annotation.remarks)
    origin = "marks"
    if mask is not None:
        measured = measure_mask(mask, pixel_aspect=aspect, anterior=landmarks.anterior if landmarks else film.anterior)
        mask = _heads_in_our_order(mask, measured, remarks)
        if landmarks is None:
            origin, landmarks = "mask", measured.landmarks
            remarks += [reason for reason in measured.quality.reasons if measured.quality.verdict == "not measurable"]
    assert landmarks is not None, "an annotation has a mask or landmarks"
    parameters = parameters_from_landmarks(landmarks, pixel_aspect=aspect)
    if origin == "marks" and (lordosis := parameters["LL"].value) is not None and lordosis < 0:
        remarks.append("the lumbar spine is kyphotic by the marks; check the side that the patient faces")
    if not landmarks.bodies and landmarks.s1 is None:
        landmarks = None
    spacing = annotation.spacing_mm or film.spacing_mm
    source = annotation.spacing_source or (film.spacing_rule.value if film.spacing_mm else None)
    facts: dict[str, Any] = {
        "parameters": {name: parameter.value for name, parameter in parameters.items()},
        "film": {
            "shape": film.shape,
            "spacing_mm": spacing,
            "spacing_source": source,
            "pixel_aspect": aspect,
            "sex": annotation.sex,
            "age_years": annotation.age_years if annotation.age_years is not None else film.identity.age_years,
        },
        "remarks": remarks,
    }
    if landmarks is not None:
        facts["landmarks_from"] = origin
    if annotation.parameters:
        facts["source_parameters"] = dict(annotation.parameters)
    return ImportedFilm(mask, landmarks, facts)


def _heads_in_our_order(mask: ClassMask, measured: Measurement, remarks: list[str]) -> ClassMask:
    """The mask with both heads' ids exchanged where the measured head 1 is the mask's head 2."""
    theirs = mask == CLASSES["femoral_head_1"]
    if not theirs.any():
        return mask
    second = default_definitions().structures["femoral_head_2"].id
    if np.count_nonzero(measured.label_map[theirs] == second) * 2 <= np.count_nonzero(measured.label_map[theirs]):
        return mask
    table = np.arange(256, dtype=np.uint8)
    table[[CLASSES["femoral_head_1"], CLASSES["femoral_head_2"]]] = CLASSES["femoral_head_2"], CLASSES["femoral_head_1"]
    remarks.append(HEADS_EXCHANGED)
    return np.asarray(table[mask])


def png_of(mask: ClassMask) -> bytes:
    """A class mask as the bytes of an 8-bit grey PNG."""
    png = io.BytesIO()
    Image.fromarray(mask).save(png, "PNG")
    return png.getvalue()


def named_by(file: str, taken: set[str]) -> str:
    """A name for a film in our folders: letters, digits, `.`, `_`, `-` of its stem, told apart from those `taken`."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "_", film_name(Path(file.removesuffix(".json")))).strip("._-")[:100] or "film"
    number, name = 1, stem
    while name.casefold() in taken:
        number += 1
        name = f"{stem}_{number}"
    taken.add(name.casefold())
    return name
