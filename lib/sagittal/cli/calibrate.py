"""`sagittal calibrate`: how far to trust a network, into its model file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sagittal.cli.console import known_errors, output, progress

if TYPE_CHECKING:
    from sagittal.datasets.layout import Entry


def calibrate(
    model: Annotated[str, typer.Argument(help="The path of a checkpoint (.pt), or a shipped network by name.")],
    datalist: Annotated[Path, typer.Argument(help="dataset.json with films that the network did not learn from.")],
    split: Annotated[
        Literal["training", "validation", "test"], typer.Option(help="Which films of the file.")
    ] = "validation",
    films: Annotated[int, typer.Option(min=20, help="At most so many, evenly chosen.")] = 120,
    out: Annotated[
        Path | None,
        typer.Option(help="The model file to write; by default the model itself is replaced.", show_default=False),
    ] = None,
) -> None:
    """Measure how far to trust a network's masks and landmarks, and write that into its model file.

    Intervals, verdicts and the weights of landmarks follow from it. Give it at least 20 films with true masks that look
    like those the network will meet; films with landmarks too are better.
    """
    console = output()
    with known_errors(), progress(console) as bar:
        from dataclasses import replace

        from sagittal.anatomy.definitions import default_definitions
        from sagittal.calibration import CalibrationError, fit_calibration, look_at, truth_of
        from sagittal.cli.model import checkpoint_of
        from sagittal.datasets import read_dataset
        from sagittal.inference import Predictor
        from sagittal.networks import save_model

        checkpoint = checkpoint_of(model)
        entries = [entry for entry in read_dataset(datalist).part(split) if entry.label]
        predictor, seen = Predictor(checkpoint), []
        for number, entry in enumerate(bar.track(evenly(entries, films), description="Looking")):
            film, truth = truth_of(entry)
            # Distances are taken on the film: with pixels that are not square they would be none.
            if film.pixel_aspect[0] == film.pixel_aspect[1]:
                seen.append(look_at(film, truth, predictor, number))
        if not seen:
            raise CalibrationError(f"{datalist}: has no film with a mask and square pixels under '{split}'")
        found = fit_calibration(seen, default_definitions())
        written = out or checkpoint
        save_model(replace(predictor.model, calibration=found.constants), written)
    for name, value in found.constants.items():
        kept = "  (a wide guess: the films tell too little)" if name in found.unfitted else ""
        console.print(f"{name:20} {value:g}{kept}", markup=False, highlight=False)
    console.print(f"{len(seen)} films: {written}", soft_wrap=True, markup=False)


def evenly(entries: Sequence[Entry], most: int) -> list[Entry]:
    """At most so many of them, evenly spread."""
    step = max(1.0, len(entries) / most)
    return [entries[int(k * step)] for k in range(min(most, len(entries)))]
