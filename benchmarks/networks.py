"""Trains the networks, their rivals and ablations on the same simulated films and writes benchmarks/networks.md.

    python benchmarks/networks.py [--steps 300] [--size 128] [--films 240] [--only bilunet_small ..]

Every network gets the same steps over the same films in the same order (configs/training/comparison.yaml), from fresh
weights. A run that was interrupted goes on.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from sagittal.anatomy.definitions import default_definitions
from sagittal.datasets.datalist import read_dataset
from sagittal.networks import build_network, load_model, network_config
from sagittal.simulator import load_simulator_config, write_dataset
from sagittal.training import TrainingConfig, load_training_config, train
from sagittal.training.hardware import machine

ROOT = Path(__file__).parents[1]
RUNS = ROOT / "runs" / "networks"
NETWORKS = {
    "bilunet_small": "BiLuNet",
    "bilunet_no_spatial_path_small": "BiLuNet, case 1: no spatial path, no fusion module",
    "bilunet_concatenated_small": "BiLuNet, case 2: spatial path appended, no fusion module",
    "unet_small": "U-Net",
    "unetplusplus_small": "UNet++",
    "pspnet_small": "PSPNet",
    "mbnet_small": "MBNet, free values",
    "mbnet_consistent_small": "MBNet, consistent values",
    "mbnet_no_spatial_path_small": "MBNet, case 1",
    "mbnet_concatenated_small": "MBNet, case 2",
    "spine": "SpineNet",
}
SEED, VALIDATION, ROWS = 300_000, 0.2, 512
ANGLES = ("PI", "PT", "SS", "LL")
REPEATS = 5


@dataclass(frozen=True)
class Trained:
    """One network: millions of weights, scores of its best epoch, minutes of training, ms a film."""

    weights: float
    metrics: Mapping[str, Any]
    samples: int
    minutes: float
    milliseconds: float


def simulated_films(count: int) -> Path:
    """The films, made once."""
    folder = RUNS / f"films-{count}"
    if (folder / "dataset.json").is_file() and len(read_dataset(folder / "dataset.json").training):
        return folder / "dataset.json"
    return write_dataset(load_simulator_config(), folder, count, SEED, validation=VALIDATION, rows=ROWS)


def trained(name: str, config: TrainingConfig, datalist: Path) -> Trained:
    out = RUNS / f"{name}-{config.max_steps}-{config.input_size}"
    result = train(config.model_copy(update={"network": name}), datalist, out)
    model = load_model(result.checkpoint)
    network = model.build()
    return Trained(
        weights=sum(weight.numel() for weight in network.parameters()) / 1e6,
        metrics=model.metrics,
        samples=result.history[-1]["samples"],
        minutes=result.history[-1]["minutes"],
        milliseconds=milliseconds_a_film(network, config.input_size),
    )


@torch.inference_mode()
def milliseconds_a_film(network: torch.nn.Module, size: int) -> float:
    """Fastest of several forward passes of one film, without what is before and after it."""
    image = torch.rand(1, 3, size, size)
    network(image)
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        network(image)
        times.append(time.perf_counter() - started)
    return 1000 * min(times)


def published_weights(name: str) -> str:
    """Millions at the published width, where there is such a configuration."""
    config = network_config(name)
    wide = {"BiLuNet": 32, "MBNet": 32, "UNet": 64, "UNetPlusPlus": 32, "PSPNet": 64}.get(
        config["_target_"].split(".")[-1]
    )
    if wide is None:
        return "-"
    with torch.device("meta"):
        network = build_network({**config, "width": wide})
    return f"{sum(weight.numel() for weight in network.parameters()) / 1e6:.1f}"


def row(name: str, found: Trained) -> str:
    def number(key: str, digits: int) -> str:
        value = found.metrics.get(key)
        return "-" if value is None else f"{value:.{digits}f}"

    areas = [number(f"iou_{name}", 2) for name in (*list(default_definitions().classes)[1:], "femoral_heads")]
    angles = [number(f"measured_mae_{angle}", 1) for angle in ANGLES]
    values = [number(f"mae_{angle}", 1) for angle in ANGLES]
    scores = [number(key, 2) for key in ("parameter_score", "landmark_score")]
    cells = [NETWORKS[name], f"{found.weights:.2f}", published_weights(name), *areas, *scores]
    cells += [" / ".join(angles), " / ".join(values), f"{found.milliseconds:.0f}", f"{found.minutes:.1f}"]
    return "| " + " | ".join(cells) + " |"


def report(rows: Mapping[str, Trained], config: TrainingConfig, films: int, command: str) -> str:
    heads = ["network", "weights (M)", "at full width (M)", *list(default_definitions().classes)[1:], "heads merged"]
    heads += ["angles right", "landmarks right", "PI / PT / SS / LL measured on the mask", "the same, own values"]
    heads += ["ms a film", "minutes"]
    return "\n".join(
        [
            "# Networks, rivals and ablations on the same films",
            "",
            f"Written by `{command}` on {machine(torch.device('cpu'))}, shared with other work. {films} simulated",
            f"films (seed {SEED}), a fifth for validation; {config.max_steps} steps of {config.batch_size} films",
            f"at {config.input_size} x {config.input_size} pixels from fresh weights, the same films in the same order",
            "for all.",
            "**A short budget at small width: it proves the comparison, it does not settle it.**",
            "",
            "IoU and errors on the validation films, on the network's grid, of the epoch that was best at landmarks",
            "and angles. `angles right` and `landmarks right`: 1 where all are right, 0 where all are absent or far",
            "off; an absent angle counts there, and not in the mean errors (degrees). `-`: nothing to measure.",
            "",
            "| " + " | ".join(heads) + " |",
            "|" + "---|" * len(heads),
            *(row(name, found) for name, found in rows.items()),
            "",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--films", type=int, default=240)
    parser.add_argument("--only", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    chosen = parser.parse_args()
    config = load_training_config("comparison").model_copy(
        update={"max_steps": chosen.steps, "input_size": chosen.size}
    )
    command = f"python benchmarks/networks.py --steps {chosen.steps} --size {chosen.size} --films {chosen.films}"
    datalist = simulated_films(chosen.films)
    rows: dict[str, Trained] = {}
    for name in chosen.only:
        rows[name] = trained(name, config, datalist)
        text = report(rows, config, chosen.films, command)
        (ROOT / "benchmarks" / "networks.md").write_text(text, encoding="utf-8")
        print(row(name, rows[name]), flush=True)


if __name__ == "__main__":
    main()
