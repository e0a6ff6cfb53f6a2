"""`sagittal train`: a network from a datalist."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sagittal.cli.console import known_errors, output, progress


def train(
    config: Annotated[str, typer.Argument(help="A configuration of configs/training by name, or a YAML file.")],
    datalist: Annotated[Path, typer.Argument(help="dataset.json with training and validation films.")],
    out: Annotated[Path, typer.Argument(help="Folder for checkpoint and history.")],
    init: Annotated[Path | None, typer.Option(help="Checkpoint to start from.")] = None,
) -> None:
    """Train a network; the checkpoint of the best epoch is kept."""
    console = output()
    with known_errors(), progress(console):
        from sagittal.training import load_training_config, train

        result = train(load_training_config(config), datalist, out, init=init)
    console.print(f"{result.checkpoint} (best metric {result.best_metric:.4f})", soft_wrap=True, markup=False)
