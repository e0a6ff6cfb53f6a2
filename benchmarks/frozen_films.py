"""Networks, and what each part of the default one brings, on the frozen test films (sagittal.simulator.frozen_films).

    python benchmarks/frozen_films.py [--films 1000] [--parts-films 200] [--runs FOLDER] [--more NAME=CHECKPOINT ..]

Writes benchmarks/frozen_films.md; --more adds networks that do not ship. Errors of each film are kept in --runs by
model and digest: stop it at any moment, the same command goes on; empty that folder after changing code. No network was
ever trained on these seeds.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import torch
from rich.progress import track
from sagittal.anatomy import fusion, recut
from sagittal.anatomy.definitions import default_definitions
from sagittal.evaluation.measuring import score_measurement
from sagittal.evaluation.metrics import confusion_matrix, segmentation_scores
from sagittal.films import Film
from sagittal.inference import Prediction, Predictor, predictor, shipped_model
from sagittal.inference.inspection import measure
from sagittal.inference.looks import DEFAULT_LOOKS
from sagittal.simulator import SimulatedFilm
from sagittal.simulator.frozen_films import FILMS, frozen_films_digest, frozen_whole_film

ROOT = Path(__file__).parents[1]
SHOWN = ("PI", "PT", "SS", "LL", "L4S1", "PI-LL", "LDI", "RLL")
STRUCTURES = ("vertebra", "sacrum", "femoral_heads")
GOALS = {"PI": 1.5, "PT": 1.0, "SS": 1.5, "LL": 1.5}


Seeing = tuple[str, str, bool, bool]


@dataclass(frozen=True)
class Row:
    """A network, by the name that it ships under or its checkpoint's path; or the default one less a part.

    `own_values`: those of the value branch instead of the measured ones. `landmarks`: whether the network's own
    landmarks are made one with the mask's, `parted`: whether they part bodies that the mask took for one, `settled`:
    whether badly known plates are drawn to their neighbours. `head_maps`: whether its maps of the heads are looked at.
    """

    model: str
    looks: str = DEFAULT_LOOKS
    closer: bool = True
    landmarks: bool = True
    parted: bool = True
    settled: bool = True
    own_values: bool = False
    head_maps: bool = True

    @property
    def seeing(self) -> Seeing:
        """What its prediction depends on."""
        return self.model, self.looks, self.closer, self.head_maps


NETWORKS = {
    "spine": Row("spine"),
    "bilunet": Row("bilunet"),
    "mbnet": Row("mbnet"),
    "mbnet, its own values": Row("mbnet", own_values=True),
}
PARTS = {
    "all of it": Row("spine"),
    "without the mirrored look": Row("spine", looks="one"),
    "without the closer look": Row("spine", closer=False),
    "without the maps of the heads": Row("spine", head_maps=False),
    "bodies not parted at seen discs": Row("spine", parted=False),
    "badly known plates not drawn": Row("spine", settled=False),
    "without its landmarks (mask alone)": Row("spine", landmarks=False),
    "with looks at two scales": Row("spine", looks="scales"),
}


def predicted(row: Row, film: Film) -> Prediction:
    with ExitStack() as less:
        if not row.closer:
            less.enter_context(mock.patch.object(predictor, "CLOSER", 0.0))
        if not row.head_maps:
            less.enter_context(mock.patch.object(predictor, "with_discs", lambda peaks, *_: peaks))
        return loaded(row.model, row.looks).predict(film)


def errors_of(row: Row, simulated: SimulatedFilm, prediction: Prediction) -> dict[str, Any]:
    """Errors by parameter, what is absent, and the pixel counts of structures on one film."""
    counts = confusion_matrix(simulated.class_mask, prediction.class_mask, len(default_definitions().classes))
    if row.own_values:
        assert prediction.values is not None
        truth = {name: value.value for name, value in simulated.parameters.items() if value.value is not None}
        errors = {name: prediction.values[name] - value for name, value in truth.items()}
        return {"errors": errors, "absent": [], "wrong_names": None, "counts": counts.tolist()}
    seen = prediction.landmarks if row.landmarks else None
    definitions = loaded(row.model, row.looks).definitions
    with ExitStack() as less:
        if not row.parted:
            less.enter_context(mock.patch.object(recut, "free_discs", lambda mask, *_: mask))
        if not row.settled:
            less.enter_context(mock.patch.object(fusion, "settle_plates", lambda landmarks, *_: landmarks))
        measured = measure(simulated.film, prediction.class_mask, seen, definitions)
    score = score_measurement(measured, simulated.label_map, simulated.parameters)
    return {
        "errors": dict(score.errors),
        "absent": sorted(score.absent),
        "wrong_names": len(score.wrong_names),
        "counts": counts.tolist(),
    }


@cache
def loaded(model: str, looks: str) -> Predictor:
    return Predictor(checkpoint(model), looks=looks)


def checkpoint(model: str) -> Path:
    return Path(model) if Path(model).is_file() else shipped_model(model)


@cache
def weights_digest(model: str) -> str:
    return hashlib.sha256(checkpoint(model).read_bytes()).hexdigest()


class Kept:
    """What was found so far, a file a row, named by weights, parts and films, but not by code."""

    def __init__(self, folder: Path, row: Row) -> None:
        key = hashlib.sha256(f"{row} {weights_digest(row.model)} {frozen_films_digest()}".encode()).hexdigest()[:16]
        self.path = folder / f"{key}.jsonl"
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
        self.found: dict[int, dict[str, Any]] = {entry["film"]: entry for entry in map(json.loads, lines)}

    def add(self, number: int, entry: Mapping[str, Any]) -> None:
        self.found[number] = {"film": number, **entry}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(self.found[number]) + "\n")


def measured_rows(rows: Mapping[str, Row], films: int, folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Each row's entries of the first films; those not yet kept are measured now."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {name: Kept(folder, row) for name, row in rows.items()}
    for number in track(range(films), f"{len(rows)} rows", disable=not sys.stdout.isatty()):
        missing = [name for name in rows if number not in kept[name].found]
        if missing:
            simulated = frozen_whole_film(number)
            predictions: dict[Seeing, Prediction] = {}
            for name in missing:
                row = rows[name]
                if row.seeing not in predictions:
                    predictions[row.seeing] = predicted(row, simulated.film)
                kept[name].add(number, errors_of(row, simulated, predictions[row.seeing]))
    return {name: [kept[name].found[number] for number in range(films)] for name in rows}


def table(results: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """Mean absolute errors with the films on which the value is absent; IoU; films with a level named wrong."""
    lines = [
        "| | " + " | ".join(SHOWN) + " | wrong names | bodies | sacrum | heads |",
        "|---|" + "---|" * (len(SHOWN) + 4),
    ]
    for name, entries in results.items():
        cells = [cell(parameter, entries) for parameter in SHOWN]
        wrong = [entry["wrong_names"] for entry in entries]
        cells.append("-" if None in wrong else str(sum(count > 0 for count in wrong)))
        scores = segmentation_scores(np.sum([entry["counts"] for entry in entries], axis=0))
        cells += [f"{scores[f'iou_{structure}']:.3f}" for structure in STRUCTURES]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def cell(parameter: str, entries: Sequence[Mapping[str, Any]]) -> str:
    errors = [abs(entry["errors"][parameter]) for entry in entries if parameter in entry["errors"]]
    absent = sum(parameter in entry["absent"] for entry in entries)
    shown = f"{np.mean(errors):.1f} ({np.median(errors):.1f})" if errors else "-"
    return f"{shown}, {absent} absent" if absent else shown


def main() -> None:
    parser = argparse.ArgumentParser(description="Networks on the frozen test films.")
    parser.add_argument("--films", type=int, default=FILMS)
    parser.add_argument("--parts-films", type=int, default=200)
    parser.add_argument("--runs", type=Path, default=ROOT / "runs" / "frozen_films")
    parser.add_argument("--more", nargs="+", default=[], metavar="NAME=CHECKPOINT")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows = dict(NETWORKS)
    for name, _, path in (more.partition("=") for more in options.more):
        if name in rows or not Path(path).is_file():
            parser.error(f"--more wants NAME=CHECKPOINT, a new name and a file: {name}={path}")
        rows[name] = Row(path)
        if loaded(path, DEFAULT_LOOKS).scale is not None:
            rows[f"{name}, its own values"] = Row(path, own_values=True)
    networks = table(measured_rows(rows, options.films, options.runs))
    parts = table(measured_rows(PARTS, options.parts_films, options.runs))
    goals = ", ".join(f"{name} {goal}" for name, goal in GOALS.items())
    digests = ", ".join(f"{name} {weights_digest(row.model)[:16]}" for name, row in rows.items() if not row.own_values)
    more = f" --more {shlex.join(options.more)}" if options.more else ""
    text = f"""# Networks on the frozen test films

Written by `python benchmarks/frozen_films.py --films {options.films} --parts-films {options.parts_films}{more}`.
Not for clinical use. Simulated films, harder than the ones trained on and of seeds never trained on; configuration
{frozen_films_digest()[:16]}, the first {options.films} of {FILMS}. Weights: {digests}.
Mean (median) absolute error in degrees, LDI in %, and on how many films the value is absent though the truth has it;
films with a level named wrong; IoU over all films. Goals for the default network: {goals} degrees.

{chr(10).join(networks)}

## What each part of the default network brings

The first {options.parts_films} films. What training brought is not told apart here.

{chr(10).join(parts)}
"""
    (ROOT / "benchmarks" / "frozen_films.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
