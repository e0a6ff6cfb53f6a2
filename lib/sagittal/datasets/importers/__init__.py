"""Importers of others' datasets, one file each: every one says what its source looks like and what it yields."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from pathlib import Path

from sagittal.datasets.importers import authors_masks, buu_lspine, labelme, seed_table, yolo_pose
from sagittal.datasets.importers.source import Found


class Kind(StrEnum):
    """The sets that can be imported."""

    BUU_LSPINE = "buu-lspine"
    SEED_TABLE = "seed-table"
    AUTHORS_MASKS = "authors-masks"
    YOLO_POSE = "yolo-pose"
    LABELME = "labelme"


def finder(kind: Kind, labels: Path | None = None) -> Callable[[Path], Found]:
    """What finds the films of a kind of source; `labels` is a mapping of labelme's names (default: the shipped one).

    Raises:
        ConfigurationError: the mapping does not fit its schema.
        ValueError: a mapping for another kind than labelme.
    """
    if kind is Kind.LABELME:
        return partial(labelme.find, labelme.load_labels(labels))
    if labels is not None:
        raise ValueError(f"a mapping of labels belongs to {Kind.LABELME}, not to {kind}")
    finders: dict[Kind, Callable[[Path], Found]] = {
        Kind.BUU_LSPINE: buu_lspine.find,
        Kind.SEED_TABLE: seed_table.find,
        Kind.AUTHORS_MASKS: authors_masks.find,
        Kind.YOLO_POSE: yolo_pose.find,
    }
    return finders[kind]
