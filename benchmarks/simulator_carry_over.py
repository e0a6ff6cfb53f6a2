"""What each part of the simulator is good for: a small network at a fixed budget, judged on real films it never saw.

    python benchmarks/simulator_carry_over.py [--cpu-minutes 30] [--runs FOLDER] [--only NAME ..] [--table FILE]

Trains with the simulator and with the simulator less one part at a time, two seeds each for the main pair, and prints
the table. Stop it at any moment: the same command goes on. The first, two-dimensional simulator is no longer in the
tree; films of it come from the history, and are taken along with --first:

    git worktree add /tmp/first 5222dc0^ && (cd /tmp/first && PYTHONPATH=lib python -m sagittal.cli simulate \
        /tmp/first_films --count 3000 --seed 1000 --validation 0)
    python benchmarks/simulator_carry_over.py --first /tmp/first_films/dataset.json

The budget is CPU time of the training process, drawing of films included; --threads sets how many cores it uses.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from real_films import DATA, authors_mask, intersection_over_union, references
from sagittal.anatomy import Landmarks, measure_mask
from sagittal.films import read_film
from sagittal.inference import Predictor, inspect_film
from sagittal.simulator import load_simulator_config, write_dataset
from sagittal.training import TrainingConfig, train

ROOT = Path(__file__).parents[1]
FILMS = ("a1", "a2", "a3", "b1")
NONE = [0.0, 0.0]
THIS, FIRST = "this simulator", "first simulator"
# What the simulator lacks, as changes to simulator.yaml.
VARIANTS: dict[str, dict[str, dict[str, Any]]] = {
    THIS: {},
    "without pelvis overlap": {"projection": {"pelvis": False}},
    "without 3-D geometry": {"projection": {"point_source": False}},
    "without imaging physics": {
        "exposure": {
            "softness": [1.0, 1.0], "hardening": NONE, "blur_mm": NONE, "scatter": NONE, "heel": NONE, "noise": NONE
        }
    },
    "without metal": {"implants": {"probability": 0.0}},
    "without soft posterior elements, worn discs, grafts, layers of the back": {
        "tissue": {
            "soft_posterior": False, "worn_discs": NONE, "layers": NONE, "shell": [0.35, 1.0],
            "skin_behind": [0.8, 1.6], "skin_reach": [2.0, 4.5],
        },
        "implants": {"graft_probability": 0.0},
    },
    "without display variation": {
        "exposure": {
            "compression_probability": 0.0, "unsharp": NONE, "s_curve_probability": 0.0,
            "local_equalisation_probability": 0.0,
            "automatic": {
                "probability": 1.0, "thickness": [1.2, 1.2], "evenness": [0.8, 0.8], "detail": NONE,
                "latitude": [1.2, 1.2], "hardness": [2.5, 2.5], "grey": [0.6, 0.001, 0.599, 0.601],
            },
        },
        "display": {"jpeg_probability": 0.0, "text_probability": 0.0},
        "surroundings": {
            "marker_probability": 0.0, "button_probability": 0.0, "zip_probability": 0.0, "wire_probability": 0.0,
            "bright_border_probability": 0.0,
        },
    },
}  # fmt: skip
# The fixed network, whatever the default one becomes, and its training on small pictures.
NETWORK: dict[str, Any] = {
    "_target_": "sagittal.networks.SpineNet",
    "in_channels": 3,
    "out_channels": 5,
    "width": 32,
    "dropout": 0.1,
    "landmark_channels": 7,
    "narrow_window": 0.02,
    "wide_window": 0.08,
}
TRAINING: dict[str, Any] = {
    "epochs": 100_000, "batch_size": 8, "optimizer": "adamw", "learning_rate": 1.0e-3,
    "weight_decay": 1.0e-3, "gradient_clip": 1.0, "ema": 0.99, "input_size": 256, "columns": 192, "pretrained": True,
    "activation": "softmax", "segmentation_loss": "dice_cross_entropy", "workers": 0,
    "augmentation": [
        {
            "_target_": "sagittal.training.augmentation.RandomFilmAffined", "prob": 0.9, "rotate": 10.0,
            "scale": [0.8, 1.25], "shear": 0.05, "translate": 0.1, "flip": 0.5,
        }
    ],
}  # fmt: skip
# Films between two looks at the clock.
PASS = 160
STREAMING = {"films": PASS, "patients": 64, "films_per_patient": 10}


class PassEndedError(Exception):
    """The training has seen its films once: time to look at its CPU minutes."""


@dataclass(frozen=True)
class CarryOver:
    """Scores on the real films: IoU by structure; error of the end plates' slopes in degrees, S1 among them."""

    overlap: Mapping[str, float]
    plates: float
    s1: float
    missing: int


def train_one(name: str, seed: int, minutes: float, folder: Path, validation: Path, first: Path | None) -> None:
    """Train until the budget is used up; goes on from where it was stopped."""
    folder.mkdir(parents=True, exist_ok=True)
    network = folder.parent / "network.yaml"
    network.write_text(yaml.safe_dump({"network": NETWORK}), encoding="utf-8")
    settings = {**TRAINING, "seed": seed, "network": str(network)}
    if name != FIRST:
        settings["streaming"] = {**STREAMING, "simulator": str(changes_of(name, folder.parent))}
    config, clock = TrainingConfig.model_validate(settings), folder / "cpu_minutes.json"
    used, passes = json.loads(clock.read_text(encoding="utf-8")) if clock.exists() else (0.0, 0)

    def count(entry: Mapping[str, Any]) -> None:
        nonlocal used, passes, started
        used, passes = used + (time.process_time() - started) / 60, passes + 1
        started = time.process_time()
        clock.write_text(json.dumps([used, passes]), encoding="utf-8")
        print(f"{name}, seed {seed}: {used:.1f} of {minutes:g} CPU minutes, loss {entry['loss']:.3f}", flush=True)
        if used >= minutes or name == FIRST:
            raise PassEndedError

    while used < minutes:
        started = time.process_time()
        datalist = validation if first is None or name != FIRST else joined(first, passes, validation, folder)
        with contextlib.suppress(PassEndedError):
            train(config, datalist, folder, on_epoch=count)


def folder_name(name: str) -> str:
    return name.replace(",", "").replace(" ", "_")


def changes_of(name: str, runs: Path) -> Path:
    return runs / f"{folder_name(name)}.yaml"


def joined(first: Path, passes: int, validation: Path, folder: Path) -> Path:
    """A datalist that trains on the first simulator's next films and validates on those of this one."""

    def placed(path: Path, part: str) -> list[dict[str, Any]]:
        entries = json.loads(path.read_text(encoding="utf-8"))[part]
        keys = ("image", "label", "landmarks")
        return [{**entry, **{key: str(path.parent.resolve() / entry[key]) for key in keys}} for entry in entries]

    films = placed(first, "training")
    start = passes * PASS % max(len(films) - PASS, 1)
    content = json.loads(validation.read_text(encoding="utf-8"))
    content |= {"training": films[start : start + PASS], "validation": placed(validation, "validation")}
    out = folder / "dataset.json"
    out.write_text(json.dumps(content), encoding="utf-8")
    return out


def measured(checkpoint: Path) -> CarryOver:
    """The scores of a model on the real films; a3 is judged by what the anatomy measures on the authors' mask."""
    predictor, known = Predictor(checkpoint), {name: found.landmarks for name, found in references().items()}
    overlap: dict[str, list[float]] = {}
    plates: list[float] = []
    s1: list[float] = []
    missing = 0
    for name in FILMS:
        film = read_film(next((DATA / "films_dev").glob(f"{name}.*")))
        if name != "b1":
            truth = authors_mask(name, film.shape)
            known.setdefault(name, measure_mask(truth).landmarks)
            for structure, score in intersection_over_union(predictor.predict(film).class_mask, truth).items():
                overlap.setdefault(structure, []).append(score or 0.0)
        found = slopes(inspect_film(film, predictor).measurement.landmarks)
        for plate, slope in slopes(known[name]).items():
            if plate not in found:
                missing += 1
                continue
            error = abs((found[plate] - slope + 90) % 180 - 90)
            plates.append(error)
            if plate == "S1":
                s1.append(error)
    means = {structure: float(np.mean(scores)) for structure, scores in overlap.items()}
    return CarryOver(means, mean_or_nan(plates), mean_or_nan(s1), missing)


def mean_or_nan(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def slopes(landmarks: Landmarks) -> dict[str, float]:
    """Slope in degrees of each end plate of L1 to S1, positive when its posterior end is higher."""
    plates = {
        f"{name} {side}": getattr(landmarks.bodies[name], side)
        for name in ("L1", "L2", "L3", "L4", "L5")
        if name in landmarks.bodies
        for side in ("superior", "inferior")
    }
    if landmarks.s1 is not None:
        plates["S1"] = landmarks.s1
    found = {}
    for name, plate in plates.items():
        x, y = np.subtract(plate.posterior, plate.anterior)
        found[name] = float(np.degrees(np.arctan2(-y, abs(x))))
    return found


def table(results: Mapping[tuple[str, int], CarryOver], minutes: float) -> list[str]:
    """A row a variant; with two seeds the mean and, in brackets, the two."""
    rows = [
        f"Budget {minutes:g} CPU minutes each. Means over a1, a2, a3 (IoU) and over a1, a2, a3, b1 (slopes, degrees).",
        "",
        "| trained with | bodies | sacrum | heads | end plates | S1 | plates not found |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in dict.fromkeys(name for name, _ in results):
        own = [result for (other, _), result in results.items() if other == name]
        cells = [
            cell([run.overlap[structure] for run in own], 2) for structure in ("vertebra", "sacrum", "femoral_heads")
        ]
        cells += [cell([run.plates for run in own], 1), cell([run.s1 for run in own], 1)]
        cells.append(cell([float(run.missing) for run in own], 0))
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    return rows


def cell(values: list[float], digits: int) -> str:
    shown = f"{np.mean(values):.{digits}f}"
    return shown if len(values) == 1 else f"{shown} ({', '.join(f'{value:.{digits}f}' for value in values)})"


def main() -> None:
    parser = argparse.ArgumentParser(description="What each part of the simulator is good for.")
    parser.add_argument("--cpu-minutes", type=float, default=30.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--runs", type=Path, default=ROOT / "runs" / "carry_over")
    parser.add_argument("--first", type=Path, help="dataset.json of the first simulator's films")
    parser.add_argument("--only", nargs="*", choices=[*VARIANTS, FIRST], help="these alone")
    parser.add_argument("--table", type=Path, help="write the table here, too")
    options = parser.parse_args()
    if not DATA.is_dir():
        sys.exit(f"{DATA} is not here: the real films may not be shipped, so there is nothing to judge by")
    torch.set_num_threads(options.threads)
    options.runs.mkdir(parents=True, exist_ok=True)
    for name, changes in VARIANTS.items():
        path = changes_of(name, options.runs)
        path.write_text(yaml.safe_dump(changes), encoding="utf-8")
        load_simulator_config(path)  # a change that the simulator does not know would only show hours later
    validation = options.runs / "validation" / "dataset.json"
    if not validation.exists():
        write_dataset(load_simulator_config(), validation.parent, 9, 880_000, validation=0.9, rows=384)
    names = [THIS, *([FIRST] if options.first else []), *(name for name in VARIANTS if name != THIS)]
    results = {}
    for seed in (0, 1):
        for name in names:
            if (options.only and name not in options.only) or (seed and name not in (THIS, FIRST)):
                continue
            folder = options.runs / f"{folder_name(name)}_{seed}"
            train_one(name, seed, options.cpu_minutes, folder, validation, options.first)
            results[name, seed] = measured(folder / "best.pt")
    lines = table(results, options.cpu_minutes)
    print("\n".join(lines))
    if options.table:
        options.table.write_text("\n".join(["# What carries over to real films", "", *lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
