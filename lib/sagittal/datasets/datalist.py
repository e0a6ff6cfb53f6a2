"""Reading and writing of dataset.json."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sagittal.datasets.error import DatalistError
from sagittal.datasets.fault import faults_of
from sagittal.datasets.layout import PARTS, Dataset, Entry
from sagittal.datasets.whole_file import replace_file


def read_dataset(path: Path) -> Dataset:
    """A dataset.json, checked; its paths made absolute. The files it names are not opened.

    Raises:
        DatalistError: names the file, the entry and what is wrong with it.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DatalistError(f"{path}: cannot be read as a datalist: {error}") from error
    if not isinstance(content, dict) or not isinstance(content.get("training"), list):
        raise DatalistError(f"{path}: expected a mapping with a list 'training'")
    content = {key: value for key, value in content.items() if not (key in PARTS and value is None)}
    try:
        dataset = Dataset.model_validate(content)
    except ValidationError as error:
        raise DatalistError(f"{path}: {faults_of(error)}") from error
    located = {part: tuple(_located(entry, path.parent) for entry in dataset.part(part)) for part in PARTS}
    return dataset.model_copy(update=located)


def write_datalist(
    path: Path,
    *,
    training: Iterable[Mapping[str, Any]],
    validation: Iterable[Mapping[str, Any]],
    facts: Mapping[str, Any] | None = None,
    staging: Path | None = None,
) -> Path:
    """Write a dataset.json whole, `facts` (description, ..) at its top, by way of `staging`; returns `path`.

    Raises:
        OSError: it cannot be written.
        ValueError: an entry holds a number that is not finite.
    """
    content = {**(facts or {}), "training": list(training), "validation": list(validation)}
    replace_file(path, json.dumps(content, indent=1, allow_nan=False).encode(), staging=staging)
    return path


def as_json(entry: Entry) -> dict[str, Any]:
    """An entry as plain Python types, without what was not given."""
    return entry.model_dump(mode="json", exclude_unset=True)


def _located(entry: Entry, folder: Path) -> Entry:
    named = {key: getattr(entry, key) for key in ("image", "label", "landmarks")}
    return entry.model_copy(update={key: str(folder / name) for key, name in named.items() if name is not None})
