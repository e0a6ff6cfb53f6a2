"""Times the path from film to table, stage by stage, in one run, and writes benchmarks/speed.md."""

from __future__ import annotations

import platform
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from sagittal.anatomy import measure_mask
from sagittal.inference import Predictor, inspect_film, shipped_model
from sagittal.report import write_inspection
from sagittal.simulator import load_simulator_config, simulate_film

ROOT = Path(__file__).parents[1]
ROWS = 3408  # height of the films in the published sets
REPEATS = 7


def median_seconds(task: Callable[[], object]) -> float:
    """Median wall time of a task after one run to warm up."""
    task()
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        task()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def main() -> None:
    config = load_simulator_config()
    simulated = simulate_film(config, 7, rows=ROWS)
    film, mask = simulated.film, simulated.class_mask
    coarse = np.ascontiguousarray(mask[::4, ::4])
    rows = [
        (f"mask to table, anatomy alone, {mask.shape[1]}x{mask.shape[0]}", median_seconds(lambda: measure_mask(mask))),
        (
            f"mask to table, anatomy alone, {coarse.shape[1]}x{coarse.shape[0]}",
            median_seconds(lambda: measure_mask(coarse)),
        ),
    ]
    for name in ("spine", "bilunet", "mbnet"):
        predictor = Predictor(shipped_model(name))
        size = predictor.model.input_size
        rows.append((f"network `{name}` at {size}x{size}", median_seconds(lambda p=predictor: p.predict(film))))
        rows.append((f"film to table with `{name}`", median_seconds(lambda p=predictor: inspect_film(film, p))))
    inspection = inspect_film(film, predictor)
    rows.append(
        (
            "writing JSON, label map and overlay",
            median_seconds(lambda: write_inspection(inspection, ROOT / "runs/speed")),
        )
    )
    rows.append(("simulating a film of 640 rows", median_seconds(lambda: simulate_film(config, 8, rows=640))))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    lines = [
        "# Speed",
        "",
        f"Written by `python benchmarks/speed.py` on {platform.machine()}, {torch.get_num_threads()} threads, no GPU:"
        if not torch.cuda.is_available()
        else f"Written by `python benchmarks/speed.py` on {torch.cuda.get_device_name()}:",
        f"median of {REPEATS} after one to warm up, all in one run. For comparison, the seed's whole inspection is",
        "published as 2.01 s on a CPU, its network alone as 0.98 s (another machine).",
        "",
        "| stage | ms |",
        "|---|---|",
        *(f"| {name} | {1000 * seconds:.0f} |" for name, seconds in rows),
        "",
        f"Peak memory of the whole run: {peak:.1f} GiB.",
        "",
    ]
    (ROOT / "benchmarks" / "speed.md").write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
