"""Trains the networks, their rivals and ablations on the same simulated films and writes benchmarks/networks.md.

    python benchmarks/networks.py [--steps 300] [--size 96] [--films 300] [--only bilunet_small ..]

Every network gets the same steps over the same films in the same order (configs/training/comparison.yaml), from fresh
weights, at half the width of its small configuration. A run that was interrupted goes on; a network that fails does not
stop the others, and its row says why.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
import yaml
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
}
# Of the width that the small configurations have.
NARROWED = 0.5
SEED, VALIDATION, ROWS = 300_000, 0.2, 512
ANGLES = ("PI", "PT", "SS", "LL")
REPEATS = 5


@dataclass(frozen=True)
class Trained:
    """One network: millions of weights, scores of its best epoch, minutes of processor time of its training, ms a film.

    A training that was interrupted counts to its last whole epoch, and from there again.
    """

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
    """The network trained, or what was noted of it when it was."""
    out = RUNS / f"{name}-{config.max_steps}-{config.input_size}-{datalist.parent.name}"
    done = out / "trained.json"
    if done.is_file():
        return Trained(**json.loads(done.read_text(encoding="utf-8")))
    out.mkdir(parents=True, exist_ok=True)
    seconds = SpentSeconds(out / "processor_seconds.txt")
    result = train(
        config.model_copy(update={"network": str(narrowed(name, out / "network.yaml"))}),
        datalist,
        out,
        on_epoch=lambda _: seconds.note(),
    )
    model = load_model(result.checkpoint)
    network = model.build()
    found = Trained(
        weights=sum(weight.numel() for weight in network.parameters()) / 1e6,
        metrics=model.metrics,
        samples=result.history[-1]["samples"],
        minutes=seconds.note() / 60,
        milliseconds=milliseconds_a_film(network, config.input_size),
    )
    done.write_text(json.dumps(asdict(found)), encoding="utf-8")
    return found


class SpentSeconds:
    """Processor time of this process, and of those before it that ended earlier, in a file."""

    def __init__(self, path: Path) -> None:
        self._path, self._started = path, time.process_time()
        self._before = float(path.read_text(encoding="utf-8")) if path.is_file() else 0.0

    def note(self) -> float:
        total = self._before + time.process_time() - self._started
        self._path.write_text(str(total), encoding="utf-8")
        return total


def narrowed(name: str, path: Path) -> Path:
    """The configuration of a network at a share of its width, as a file."""
    config = network_config(name)
    config["width"] = round(config["width"] * NARROWED)
    path.write_text(yaml.safe_dump({"network": config}), encoding="utf-8")
    return path


@torch.inference_mode()
def milliseconds_a_film(network: torch.nn.Module, size: int) -> float:
    """Processor time of the fastest of several forward passes of one film, without what is before and after it."""
    image = torch.rand(1, 3, size, size)
    network(image)
    times = []
    for _ in range(REPEATS):
        started = time.process_time()
        network(image)
        times.append(time.process_time() - started)
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
    cells = [NETWORKS[name], f"{found.weights:.2f}", published_weights(name), *areas, number("parameter_score", 2)]
    cells += [" / ".join(angles), " / ".join(values), f"{found.milliseconds:.0f}"]
    cells += [str(found.samples), f"{found.minutes:.1f}"]
    return "| " + " | ".join(cells) + " |"


def report(rows: Mapping[str, str], config: TrainingConfig, films: int, command: str) -> str:
    heads = ["network", "weights (M)", "at full width (M)", *list(default_definitions().classes)[1:], "heads merged"]
    heads += ["angles right", "PI / PT / SS / LL measured on the mask", "the same, own values"]
    heads += ["ms a film", "samples seen", "CPU minutes"]
    return "\n".join(
        [
            "# Networks, rivals and ablations on the same films",
            "",
            f"Written by `{command}` on {machine(torch.device('cpu'))}, shared with other work. {films} simulated",
            f"films (seed {SEED}), a fifth for validation; {config.max_steps} steps of {config.batch_size} films",
            f"at {config.input_size} x {config.input_size} pixels from fresh weights, the same films in the same order",
            f"for all; {NARROWED:.0%} of the width of the `_small` configurations. Minutes and ms are processor time",
            "of one thread. **A short budget, one seed, narrow networks on small pictures: differences of a few",
            "hundredths are noise, and nothing here says how the networks compare at their published width.**",
            "",
            "IoU and errors on the validation films, on the network's grid, of the epoch that was best at angles,",
            "those that MBNet emits among them. `angles right`: 1 where all are right, 0 where all are absent or far",
            "off; an absent angle counts there, and not in the mean errors (degrees). `-`: nothing to measure.",
            "",
            "| " + " | ".join(heads) + " |",
            "|" + "---|" * len(heads),
            *rows.values(),
            "",
        ]
    )


def row_or_reason(name: str, make: Callable[[], Trained]) -> str:
    try:
        return row(name, make())
    except Exception as error:  # a network that fails must not cost the others' hours
        return f"| {NETWORKS[name]} | not trained: {type(error).__name__}: {error} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--films", type=int, default=300)
    parser.add_argument("--only", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    config = load_training_config("comparison").model_copy(
        update={"max_steps": chosen.steps, "input_size": chosen.size}
    )
    command = f"python benchmarks/networks.py --steps {chosen.steps} --size {chosen.size} --films {chosen.films}"
    datalist = simulated_films(chosen.films)
    rows: dict[str, str] = {}
    for name in chosen.only:
        rows[name] = row_or_reason(name, partial(trained, name, config, datalist))
        text = report(rows, config, chosen.films, command)
        (ROOT / "benchmarks" / "networks.md").write_text(text, encoding="utf-8")
        print(rows[name], flush=True)


if __name__ == "__main__":
    main()
