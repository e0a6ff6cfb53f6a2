"""Measures how fast films are simulated for training, beside the plain way, and writes benchmarks/simulator_speed.md.

CPU time of one thread, so that other programs on the machine disturb it little.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch
from sagittal.anatomy.definitions import default_definitions
from sagittal.simulator import load_simulator_config, write_dataset
from sagittal.simulator.stock import film_of, stock_patient
from sagittal.training.films import Films, read_datalist
from sagittal.training.stream import FilmStream

SIZE, BATCH = 448, 8
CHANNELS = default_definitions().landmark_channels


def cpu_seconds(what: Callable[[int], object], count: int) -> float:
    """Mean CPU seconds a call, the call's number given."""
    started = time.process_time()
    for number in range(count):
        what(number)
    return (time.process_time() - started) / count


def plain_way(count: int) -> float:
    """CPU seconds a film: simulated to disk, read and prepared once."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.process_time()
        datalist = write_dataset(load_simulator_config(), Path(folder), count, 1000, validation=0, rows=640)
        films = Films(
            read_datalist(datalist)["training"], size=SIZE, device=torch.device("cpu"), landmark_channels=CHANNELS
        )
        assert len(films) == count
        return (time.process_time() - started) / count


def steady_stream(batches: int) -> float:
    """CPU seconds a film of a stream whose stock is full: new patients included, one for ten films."""
    stream = FilmStream(
        load_simulator_config(), films=BATCH * batches * 10, batch_size=BATCH, size=SIZE, landmark_channels=CHANNELS
    )
    rng = np.random.default_rng(0)
    # As often as it takes to have drawn nearly every patient of the stock once.
    for number in range(4):
        for _ in range(80):
            stream._stock(0, number, rng)
    return cpu_seconds(lambda number: stream.batch(0, number), batches) / BATCH


def main() -> None:
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    config = load_simulator_config()
    stock = [stock_patient(config, np.random.default_rng(seed)) for seed in range(8)]
    patient = cpu_seconds(lambda number: stock_patient(config, np.random.default_rng(number)), 20)
    film = cpu_seconds(
        lambda number: film_of(stock[number % 8], config, np.random.default_rng([1, number]), rows=SIZE), 80
    )
    stream, plain = steady_stream(16), plain_way(20)
    lines = [
        "# Speed of the simulator",
        "",
        "Written by `python benchmarks/simulator_speed.py`: CPU time of one thread.",
        "",
        "| | ms | a second and core | goal |",
        "|---|---|---|---|",
        f"| a new patient in stock (720 x 520) | {1000 * patient:.0f} | {1 / patient:.1f} | 2 |",
        f"| a film of a patient in stock, {SIZE} rows, with its truth | {1000 * film:.0f} | {1 / film:.0f} | 20 |",
        f"| both: two new patients and 20 films | {1000 * (2 * patient + 20 * film):.0f} | "
        f"{1 / (2 * patient + 20 * film):.2f} times | 1 time |",
        f"| a film of the stream, with heat maps and a tenth of a new patient | {1000 * stream:.0f} |"
        f" {1 / stream:.0f} | - |",
        f"| the plain way: simulated to disk (640 rows), read, prepared | {1000 * plain:.0f} | {1 / plain:.1f} | - |",
        "",
    ]
    Path(__file__).with_suffix(".md").write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
