"""Simulated films that stand in while few validation films are labelled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sagittal.datasets.datalist import as_json, read_dataset
from sagittal.datasets.layout import DATASET_FILE
from sagittal.simulator import load_simulator_config, write_dataset

SEED = 20_201_130
"""The films of this seed are used for nothing else, so that no model has learned from them."""


def simulated_validation_films(folder: Path, count: int) -> list[dict[str, Any]]:
    """The fixed simulated validation films, as datalist entries with absolute paths; made once and kept."""
    target = folder / f"simulated-{count}"
    listed = target / DATASET_FILE
    if not listed.is_file():
        write_dataset(load_simulator_config(), target, count=count, seed=SEED)
    dataset = read_dataset(listed)
    return [as_json(entry) for entry in (*dataset.training, *dataset.validation)]
