"""`sagittal evaluate`: a network against a datalist."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from sagittal.cli.console import known_errors, output


def evaluate(
    model: Annotated[str, typer.Argument(help="A shipped network by name, or the path of a checkpoint.")],
    datalist: Annotated[Path, typer.Argument(help="dataset.json whose films have masks.")],
    split: Annotated[
        Literal["training", "validation", "test"], typer.Option(help="Which films of the file.")
    ] = "validation",
) -> None:
    """Score a network on films with known masks; prints JSON."""
    with known_errors():
        from sagittal.cli.model import checkpoint_of
        from sagittal.training import evaluate_checkpoint
        from sagittal.training.films import read_datalist

        entries = read_datalist(datalist)[split]
        if not entries:
            raise ValueError(f"{datalist}: has no films under '{split}'")
        metrics = evaluate_checkpoint(checkpoint_of(model), entries)
    output().print_json(json.dumps(metrics))
