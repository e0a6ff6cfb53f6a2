"""`sagittal train`: a network from a datalist."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sagittal.cli.console import known_errors, output, progress

if TYPE_CHECKING:
    from sagittal.training import TrainingConfig


def train(
    config: Annotated[str, typer.Argument(help="A configuration of configs/training by name, or a YAML file.")],
    datalist: Annotated[Path, typer.Argument(help="dataset.json with training and validation films.")],
    out: Annotated[Path, typer.Argument(help="Folder for checkpoint, log and history; a run there goes on.")],
    init: Annotated[Path | None, typer.Option(help="Checkpoint to start from.")] = None,
) -> None:
    """Train a network; the checkpoint of the best epoch is kept. Ctrl-C stops, the same command goes on."""
    console = output()
    with known_errors(), progress(console) as bar:
        from sagittal.training import load_training_config, train

        settings = load_training_config(config)
        task = bar.add_task("Training", total=1.0)

        def show(entry: Mapping[str, Any]) -> None:
            bar.update(task, completed=share_done(entry, settings))
            console.print(
                f"epoch {entry['epoch']}  {entry['minutes']:.1f} min  loss {entry['loss']:.4f}  "
                f"mean foreground IoU {entry['mean_foreground_iou'] or 0:.4f}",
                soft_wrap=True,
            )

        result = train(settings, datalist, out, init=init, on_epoch=show)
    console.print(f"{result.checkpoint} (mean foreground IoU {result.best_metric:.4f})", soft_wrap=True, markup=False)


def share_done(entry: Mapping[str, Any], config: TrainingConfig) -> float:
    """Share of a run that is done after an epoch: of its epochs, steps or minutes, whichever ends it first."""
    shares = [entry["epoch"] / config.epochs]
    if config.max_steps is not None:
        shares.append(entry["step"] / config.max_steps)
    if config.max_minutes is not None:
        shares.append(entry["minutes"] / config.max_minutes)
    return float(min(1.0, max(shares)))
