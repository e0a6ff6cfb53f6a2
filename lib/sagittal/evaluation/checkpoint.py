"""A trained network against films with known masks and parameters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sagittal.anatomy.definitions import default_definitions
from sagittal.anatomy.measurement import ParameterValue
from sagittal.evaluation.metrics import accuracy, confusion_matrix, match_heads, segmentation_scores
from sagittal.films import read_film, read_mask
from sagittal.inference import Predictor
from sagittal.inference.inspection import measure

Pairs = dict[str, list[tuple[float, float | None]]]


def evaluate_checkpoint(checkpoint: Path, entries: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Score a model file on datalist entries, each film on its own grid.

    Returns:
        `films`; the figures of `segmentation_scores` over all films with heads as labelled; the same under
        `heads_matched` with each film's heads exchanged where that agrees better; `parameters` with errors of the
        geometric values and `value_branch` with those of the network's own (None without one), per parameter that an
        entry knows.

    Raises:
        ModelError, FilmError: name the file that cannot be used.
        KeyError: an entry has no image or label.
    """
    predictor = Predictor(checkpoint)
    classes = len(default_definitions().classes)
    confusion, matched = (np.zeros((classes, classes), dtype=np.int64) for _ in range(2))
    geometric: Pairs = defaultdict(list)
    emitted: Pairs = defaultdict(list)
    films = 0
    for entry in entries:
        film = read_film(Path(entry["image"]))
        truth = read_mask(Path(entry["label"]), film.shape)
        prediction = predictor.predict(film)
        counts = confusion_matrix(truth, prediction.class_mask, classes)
        confusion += counts
        matched += match_heads(counts)
        films += 1
        known = {name: value for name, value in (entry.get("parameters") or {}).items() if value is not None}
        measured: Mapping[str, ParameterValue] = {}
        if known:
            measured = measure(film, prediction.class_mask, prediction.landmarks, predictor.definitions).parameters
        for name in known.keys() & measured.keys():
            geometric[name].append((known[name], measured[name].value))
            if prediction.values is not None and name in prediction.values:
                emitted[name].append((known[name], prediction.values[name]))
    return {
        "films": films,
        **segmentation_scores(confusion),
        "heads_matched": segmentation_scores(matched),
        "parameters": parameter_errors(geometric),
        "value_branch": parameter_errors(emitted) if predictor.scale is not None else None,
    }


def parameter_errors(pairs: Mapping[str, list[tuple[float, float | None]]]) -> dict[str, dict[str, Any]]:
    """Per parameter from (truth, found) pairs: films, absent (a failure, left out of the means), errors, accuracy."""
    table: dict[str, dict[str, Any]] = {}
    for name in default_definitions().parameters:
        if not pairs.get(name):
            continue
        errors = [found - truth for truth, found in pairs[name] if found is not None]
        row: dict[str, Any] = {"films": len(pairs[name]), "absent": len(pairs[name]) - len(errors)}
        absolute = np.abs(errors)
        row["mean_absolute_error"] = float(absolute.mean()) if errors else None
        row["median_absolute_error"] = float(np.median(absolute)) if errors else None
        row["bias"] = float(np.mean(errors)) if errors else None
        row["accuracy"] = dict(accuracy(name, float(absolute.mean())) or {}) or None if errors else None
        table[name] = row
    return table
