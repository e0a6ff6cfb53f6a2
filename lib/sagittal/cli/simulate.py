"""`sagittal simulate`: a dataset of simulated films."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sagittal.cli.console import known_errors, output, progress


def simulate(
    out: Annotated[Path, typer.Argument(help="Folder for the dataset.")],
    count: Annotated[int, typer.Option(min=1, help="How many films.")] = 100,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the first film; the others follow on it.")] = 0,
    config: Annotated[Path | None, typer.Option(help="A simulator.yaml; by default the shipped one.")] = None,
    validation: Annotated[float, typer.Option(min=0, max=0.9, help="Share of films held out.")] = 0.1,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
) -> None:
    """Simulate lateral films with exact masks, landmarks and parameters, and a datalist for training."""
    console = output()
    with known_errors(), progress(console) as bar:
        from sagittal.simulator import load_simulator_config, write_dataset

        task = bar.add_task("Simulating", total=count)
        datalist = write_dataset(
            load_simulator_config(config),
            out,
            count,
            seed,
            validation=validation,
            workers=workers,
            on_film=lambda done: bar.update(task, completed=done),
        )
    console.print(f"{count} films: {datalist}", soft_wrap=True, markup=False)
