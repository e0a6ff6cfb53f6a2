"""Writes simulated films as a dataset: a datalist JSON in MONAI's convention beside images, labels and landmarks."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from sagittal.datasets import landmarks_as_json, write_datalist
from sagittal.datasets.layout import DATASET_FILE, IMAGES, LABELS, LANDMARKS
from sagittal.simulator.config import SimulatorConfig
from sagittal.simulator.film import simulate_film


def configuration_digest(config: SimulatorConfig) -> str:
    """SHA-256 of the configuration, the name by which a simulated dataset can be made again."""
    return hashlib.sha256(config.model_dump_json().encode()).hexdigest()


def write_dataset(
    config: SimulatorConfig,
    out: Path,
    count: int,
    seed: int,
    *,
    validation: float = 0.1,
    rows: int | None = None,
    workers: int = 1,
    on_film: Callable[[int], None] | None = None,
) -> Path:
    """Simulate `count` films from consecutive seeds and write them.

    In the layout of `sagittal.datasets.layout`, films of 8 bit; the last share of the films is for validation.

    Returns:
        The path of dataset.json.

    Raises:
        ValueError: `count` is not positive or `validation` is not a share.
        OSError: the folder cannot be written.
    """
    if count < 1 or not 0 <= validation <= 1:
        raise ValueError(f"count must be positive and validation in 0 to 1, got {count} and {validation}")
    for folder in (IMAGES, LABELS, LANDMARKS):
        (out / folder).mkdir(parents=True, exist_ok=True)
    jobs = [(config, out, seed + number, rows) for number in range(count)]
    entries: list[dict[str, Any]] = []
    if workers > 1:
        # Spawned, not forked: the caller may hold threads of torch or OpenCV.
        with multiprocessing.get_context("spawn").Pool(workers) as pool:
            for entry in pool.imap(_write_one, jobs, chunksize=4):
                entries.append(entry)
                if on_film:
                    on_film(len(entries))
    else:
        for job in jobs:
            entries.append(_write_one(job))
            if on_film:
                on_film(len(entries))
    held_out = round(count * validation)
    facts = {
        "description": "Simulated lateral lumbar films. Not for clinical use.",
        "simulator_digest": configuration_digest(config),
        "seed": seed,
    }
    training, validating = entries[: count - held_out], entries[count - held_out :]
    return write_datalist(out / DATASET_FILE, training=training, validation=validating, facts=facts)


def _write_one(job: tuple[SimulatorConfig, Path, int, int | None]) -> dict[str, Any]:
    config, out, seed, rows = job
    simulated = simulate_film(config, seed, rows=rows)
    name = simulated.film.identity.name
    Image.fromarray(np.round(simulated.film.pixels * 255).astype(np.uint8)).save(out / IMAGES / f"{name}.png")
    Image.fromarray(simulated.class_mask).save(out / LABELS / f"{name}.png")
    truth = landmarks_as_json(simulated.landmarks)
    (out / LANDMARKS / f"{name}.json").write_text(json.dumps(truth), encoding="utf-8")
    return {
        "image": f"{IMAGES}/{name}.png",
        "label": f"{LABELS}/{name}.png",
        "landmarks": f"{LANDMARKS}/{name}.json",
        "landmarks_from": "marks",
        "parameters": {key: parameter.value for key, parameter in simulated.parameters.items()},
        "subject": name,
        "instrumented": simulated.instrumented,
    }
