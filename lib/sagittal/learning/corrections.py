"""Corrected labels as a training set."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from sagittal.anatomy import MaskError, measure_mask
from sagittal.anatomy.definitions import Definitions, default_definitions
from sagittal.datasets import is_validation_film, landmarks_as_json, write_datalist
from sagittal.datasets.layout import LABELS, LANDMARKS
from sagittal.films import Film, FilmError, read_film, read_mask


@dataclass(frozen=True)
class Correction:
    """A film with its final label.

    `names` maps the label map's values to structure names where the client said so (clients number segments by their
    order), None where the values are our ids.
    """

    film_id: str
    film: Path
    label: Path
    names: Mapping[int, str] | None = None


@dataclass(frozen=True)
class Skipped:
    """A correction that no training can use, and why."""

    film_id: str
    reason: str


@dataclass(frozen=True)
class TrainingSet:
    """A datalist on disk (MONAI's convention), and what was left out of it."""

    datalist: Path
    training: tuple[dict[str, Any], ...]
    validation: tuple[dict[str, Any], ...]
    skipped: tuple[Skipped, ...]


def labelled_film(correction: Correction, definitions: Definitions | None = None) -> tuple[Film, npt.NDArray[np.uint8]]:
    """The film and its label map, (rows, columns) uint8 of class or structure ids on the film's grid.

    Raises:
        FilmError: film or label cannot be read, or they do not fit each other.
        MaskError: the label holds a segment or a value that is none of ours, or nothing at all.
    """
    known = definitions or default_definitions()
    film = read_film(correction.film)
    label_map = read_mask(correction.label, film.shape)
    if correction.names is not None:
        label_map = _renumbered(label_map, correction.names, known)
    unknown = set(np.unique(label_map).tolist()) - set(class_of_value(known))
    if unknown:
        raise MaskError(f"values {sorted(unknown)} are ids of no class or structure")
    if not label_map.any():
        raise MaskError("the label is empty")
    return film, label_map


def class_of_value(definitions: Definitions) -> dict[int, int]:
    """Class id of every value that a label may hold: class ids stand for themselves."""
    return {c.id: c.id for c in definitions.classes.values()} | dict(definitions.class_of_structure)


def write_training_set(
    corrections: Iterable[Correction],
    folder: Path,
    *,
    simulated_validation: Sequence[Mapping[str, Any]] = (),
    minimum_validation: int = 1,
) -> TrainingSet:
    """Write class masks and the datalist `folder/datalist.json`.

    Films are held out by `is_validation_film`. With fewer than `minimum_validation` of them, the fixed
    `simulated_validation` entries (absolute paths) are added to the validation split. Targets of the value branch are
    measured on the corrected label, and so are the landmarks that heat maps learn from.
    """
    definitions = default_definitions()
    for part in (LABELS, LANDMARKS):
        (folder / part).mkdir(parents=True, exist_ok=True)
    entries: dict[str, list[dict[str, Any]]] = {"training": [], "validation": []}
    skipped = []
    for number, correction in enumerate(corrections):
        try:
            film, label_map = labelled_film(correction, definitions)
        except (FilmError, MaskError) as error:
            skipped.append(Skipped(correction.film_id, str(error)))
            continue
        label = folder / LABELS / f"{number:05d}.png"
        Image.fromarray(_class_lookup(definitions)[label_map]).save(label)
        measurement = measure_mask(label_map, pixel_aspect=film.pixel_aspect, anterior=film.anterior)
        measured = measurement.parameters
        entry = {
            "image": str(correction.film),
            "label": str(label),
            "parameters": {name: measured[name].value for name in definitions.value_branch},
            "subject": correction.film_id,
        }
        if measurement.landmarks.bodies:
            marks = folder / LANDMARKS / f"{number:05d}.json"
            marks.write_text(json.dumps(landmarks_as_json(measurement.landmarks)), encoding="utf-8")
            entry |= {"landmarks": str(marks), "landmarks_from": "mask"}
        entries["validation" if is_validation_film(correction.film_id) else "training"].append(entry)
    if len(entries["validation"]) < minimum_validation:
        entries["validation"].extend(dict(entry) for entry in simulated_validation)
    datalist = write_datalist(folder / "datalist.json", training=entries["training"], validation=entries["validation"])
    return TrainingSet(datalist, tuple(entries["training"]), tuple(entries["validation"]), tuple(skipped))


def _class_lookup(definitions: Definitions) -> npt.NDArray[np.uint8]:
    lookup = np.zeros(256, np.uint8)
    for value, class_id in class_of_value(definitions).items():
        lookup[value] = class_id
    return lookup


def _renumbered(
    label_map: npt.NDArray[np.uint8], names: Mapping[int, str], definitions: Definitions
) -> npt.NDArray[np.uint8]:
    renumbered = np.zeros_like(label_map)
    for value in np.unique(label_map[label_map > 0]).tolist():
        name = names.get(value)
        if name is None:
            raise MaskError(f"value {value} has no segment name among {sorted(names)}")
        if name not in definitions.structures:
            raise MaskError(
                f"segment '{name}' is no structure we know; rename it to one of {list(definitions.structures)}"
            )
        renumbered[label_map == value] = definitions.structures[name].id
    return renumbered
