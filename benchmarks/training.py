"""Compares this engine with a plain DataLoader pipeline, times inference, and writes benchmarks/training.md.

    python benchmarks/training.py [--steps 30] [--network bilunet_small] [--size 256]

Both train the same network on the same simulated films with the same augmentation. The plain pipeline is what one
writes first: every film is read, letterboxed and augmented by MONAI's own transforms anew each time it is seen, one
after the other, and no measure is taken for the hardware. Each runs in a process of its own, whose peak memory counts.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from monai.bundle import ConfigParser
from sagittal.networks import build_network, network_config
from sagittal.simulator import load_simulator_config, write_dataset
from sagittal.training import TrainingConfig, load_training_config
from sagittal.training.augmentation import Batch, RandomFilmAffined, RandomShadingd
from sagittal.training.engine import Run
from sagittal.training.films import LoadFilm, read_datalist
from sagittal.training.hardware import autocast_type, machine
from sagittal.training.losses import dice_cross_entropy
from sagittal.training.team import Team
from torch.utils.data import DataLoader, Dataset

ROOT = Path(__file__).parents[1]
FILMS, ROWS, SEED, BATCH = 32, 640, 310_000, 4
WARM_UP = 2
PUBLISHED = "mbnet"
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def clock() -> float:
    """Seconds; on a CPU those that this process got of it, which other work on the machine does not change."""
    return time.perf_counter() if DEVICE.type == "cuda" else time.process_time()


class PlainFilms(Dataset[Batch]):
    """Read and augmented one by one, each time."""

    def __init__(self, entries: list[dict[str, Any]], config: TrainingConfig) -> None:
        self.entries, self.load = entries, LoadFilm(config.input_size, torch.device("cpu"))
        self.own, self.monai = [], []
        for entry in config.augmentation:
            made = ConfigParser({"transform": dict(entry)}).get_parsed_content("transform")
            (self.own if isinstance(made, RandomFilmAffined | RandomShadingd) else self.monai).append(made)

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, index: int) -> Batch:
        film = self.load(self.entries[index])
        batch = {key: tensor[None] for key, tensor in film.items()} | {"image": film["image"][None].float()}
        for transform in self.own:
            batch = transform(batch, [np.random.RandomState()])
        film = {key: tensor[0] for key, tensor in batch.items()}
        for transform in self.monai:
            film = transform(film)
        return film


def plain_steps(config: TrainingConfig, datalist: Path) -> Iterator[int]:
    """Optimisation steps of the plain pipeline; gives the films of each."""
    loader = DataLoader(PlainFilms(read_datalist(datalist)["training"], config), config.batch_size, shuffle=True)
    network = build_network(network_config(config.network)).to(DEVICE).train()
    optimizer = torch.optim.AdamW(network.parameters(), lr=config.learning_rate)
    while True:
        for batch in loader:
            images = ((batch["image"].to(DEVICE) - 0.5) / 0.25).expand(-1, 3, -1, -1)
            loss = dice_cross_entropy(network(images), batch["label"].to(DEVICE))
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            float(loss.detach())
            yield len(images)


def engine_steps(config: TrainingConfig, datalist: Path) -> Iterator[int]:
    """Optimisation steps of this engine, checkpoints and validation aside."""
    run = Run(config, datalist, ROOT / "runs" / "throughput", None, Team(DEVICE))
    run.network.train()
    for epoch in range(10**6):
        for batch in run.training.epoch(epoch):
            run.step(batch)
            yield len(batch["image"])


def measured(steps: Iterator[int], count: int) -> tuple[float, float]:
    """Films a second over `count` steps after some to warm up, and the process's peak memory in GiB."""
    for _ in range(WARM_UP):
        next(steps)
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()
    started = clock()
    films = sum(next(steps) for _ in range(count))
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()
        memory = torch.cuda.max_memory_allocated() / 2**30
    else:
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return films / (clock() - started), memory


def measure_pipeline(name: str, settings: Mapping[str, Any], datalist: Path, count: int, told: Any) -> None:
    """In a process of its own."""
    if DEVICE.type == "cpu":
        torch.set_num_threads(1)
    config = TrainingConfig.model_validate(settings)
    steps = {"plain": plain_steps, "engine": engine_steps}[name](config, datalist)
    told.put(measured(steps, count))


def in_own_process(*arguments: Any) -> tuple[float, float]:
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    process = context.Process(target=measure_pipeline, args=(*arguments, told))
    process.start()
    result: tuple[float, float] = told.get()
    process.join()
    return result


@torch.inference_mode()
def latency(name: str, films: int, repeats: int) -> float:
    """Median seconds of a forward pass of a batch at the network's published width and grid."""
    config = network_config(name)
    network = build_network(config).to(DEVICE).eval().to(memory_format=torch.channels_last)
    size = config.get("input_size", 512)
    image = torch.rand(films, 3, size, size, device=DEVICE).contiguous(memory_format=torch.channels_last)
    times = []
    kind = autocast_type(DEVICE)
    for _ in range(repeats + 1):
        started = clock()
        with torch.autocast(DEVICE.type, dtype=kind, enabled=kind is not None):
            network(image)
        if DEVICE.type == "cuda":
            torch.cuda.synchronize()
        times.append(clock() - started)
    return sorted(times[1:])[repeats // 2]


def main() -> None:
    if DEVICE.type == "cpu":
        torch.set_num_threads(1)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--network", default="bilunet_small")
    parser.add_argument("--size", type=int, default=256)
    chosen = parser.parse_args()
    folder = ROOT / "runs" / f"throughput-films-{FILMS}"
    if not (folder / "dataset.json").is_file():
        write_dataset(load_simulator_config(), folder, FILMS, SEED, validation=0.125, rows=ROWS)
    changes = {"network": chosen.network, "input_size": chosen.size, "batch_size": BATCH, "max_minutes": None}
    changes |= {"streaming": None, "columns": None, "workers": 0}
    settings = load_training_config("bilunet_small").model_copy(update=changes).model_dump(mode="json")
    found = {
        name: in_own_process(name, settings, folder / "dataset.json", chosen.steps) for name in ("plain", "engine")
    }
    times = [(films, latency(PUBLISHED, films, repeats)) for films, repeats in ((1, 3), (16, 1))]
    text = report(chosen, found, times)
    (ROOT / "benchmarks" / "training.md").write_text(text, encoding="utf-8")
    print(text)


def report(chosen: argparse.Namespace, found: Mapping[str, tuple[float, float]], times: list[tuple[int, float]]) -> str:
    where = machine(DEVICE)
    cpu = DEVICE.type == "cpu"
    return "\n".join(
        [
            "# Throughput of training, and latency",
            "",
            f"Written by `python benchmarks/training.py --steps {chosen.steps} --network {chosen.network}"
            f" --size {chosen.size}` on {where}.",
            "**No GPU was there: measured on a CPU at small width, in seconds of processor time of one thread (other"
            " work shared the cores). Neither the cache on the GPU nor AMP nor augmentation there could be measured.**"
            if cpu
            else "",
            "",
            f"`{chosen.network}` at {chosen.size} x {chosen.size}, {BATCH} films a step, {chosen.steps} steps after "
            f"{WARM_UP} to warm up, {FILMS} films of {ROWS} rows, augmentation of `bilunet_small`.",
            "",
            "| pipeline | films a second | peak memory (GiB) |",
            "|---|---|---|",
            f"| plain DataLoader | {found['plain'][0]:.2f} | {found['plain'][1]:.2f} |",
            f"| this engine | {found['engine'][0]:.2f} | {found['engine'][1]:.2f} |",
            "",
            f"Ratio: **{found['engine'][0] / found['plain'][0]:.2f}** (goal on a GPU: 5).",
            "",
            f"Forward pass of `{PUBLISHED}` at its published width, {network_config(PUBLISHED)['input_size']} pixels:",
            "",
            "| films | ms a batch | ms a film |",
            "|---|---|---|",
            *(f"| {films} | {1000 * seconds:.0f} | {1000 * seconds / films:.0f} |" for films, seconds in times),
            "",
        ]
    )


if __name__ == "__main__":
    main()
