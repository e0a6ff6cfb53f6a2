"""`sagittal simulate`: a dataset of simulated films."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sagittal.cli.console import known_errors, output, progress


def simulate(
    out: Annotated[Path, typer.Argument(help="Folder for the dataset.")],
    count: Annotated[int | None, typer.Option(min=1, help="How many films; 100, of the frozen set all.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the first film; the others follow on it.")] = 0,
    config: Annotated[Path | None, typer.Option(help="Changes to simulator.yaml; by default none.")] = None,
    validation: Annotated[float, typer.Option(min=0, max=1, help="Share of films held out.")] = 0.1,
    rows: Annotated[int | None, typer.Option(min=64, help="Height of the films in pixels; drawn by default.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    frozen: Annotated[
        bool, typer.Option("--frozen", help="The frozen, hard test set; seed, config, rows, validation are its own.")
    ] = False,
) -> None:
    """Simulate lateral films with exact masks, landmarks and parameters, and a datalist for training.

    Beside the datalist lie a contact sheet of the first films and a report of the films' statistics.
    """
    console = output()
    with known_errors(), progress(console) as bar:
        from sagittal.simulator import load_simulator_config, write_dataset
        from sagittal.simulator.frozen_films import FILMS, frozen_films_digest, write_frozen_films
        from sagittal.simulator.report import write_report

        films = count or (FILMS if frozen else 100)
        task = bar.add_task("Simulating", total=films)

        def show(done: int) -> None:
            bar.update(task, completed=done)

        if frozen:
            datalist = write_frozen_films(out, count=films, workers=workers, on_film=show)
        else:
            settings = load_simulator_config(config)
            datalist = write_dataset(
                settings, out, films, seed, validation=validation, rows=rows, workers=workers, on_film=show
            )
        write_report(datalist)
    if frozen:
        console.print(f"frozen set {frozen_films_digest()[:16]}", markup=False)
    console.print(f"{films} films: {datalist}", soft_wrap=True, markup=False)
