"""`sagittal train`: a network from a datalist."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from sagittal.cli.console import known_errors, output, progress


def train(
    config: Annotated[str, typer.Argument(help="A configuration of configs/training by name, or a YAML file.")],
    datalist: Annotated[Path, typer.Argument(help="dataset.json with training and validation films.")],
    out: Annotated[Path, typer.Argument(help="Folder for checkpoint, log and history; a run there goes on.")],
    init: Annotated[Path | None, typer.Option(help="Checkpoint to start from.")] = None,
) -> None:
    """Train a network; the checkpoint of the best epoch is kept. Ctrl-C stops, the same command goes on.

    On several GPUs: torchrun --nproc-per-node N -m sagittal.cli train ...
    """
    with known_errors(), progress(console := output()) as bar:
        from sagittal.training import Progress, load_training_config, train

        settings = load_training_config(config)
        task = bar.add_task("Training", total=1.0)
        left = ""

        def show_progress(progress: Progress) -> None:
            nonlocal left
            left = time_left(progress.seconds_left)
            loss = "" if progress.loss is None else f", loss {progress.loss:.3f}"
            bar.update(task, completed=progress.share, description=f"Epoch {progress.epoch + 1}{loss}, {left}")

        def show_epoch(entry: Mapping[str, Any]) -> None:
            console.print(
                f"epoch {entry['epoch']}  {entry['minutes']:.1f} min, {left}  loss {entry['loss']:.4f}  "
                f"score {entry['selection_score']:.4f}  mean foreground IoU {entry['mean_foreground_iou'] or 0:.4f}",
                soft_wrap=True,
            )

        result = train(settings, datalist, out, init=init, on_epoch=show_epoch, on_progress=show_progress)
    if os.environ.get("RANK", "0") == "0":
        console.print(f"{result.checkpoint} (score {result.best_score:.4f})", soft_wrap=True, markup=False)


def time_left(seconds: float | None) -> str:
    """For people."""
    if seconds is None:
        return "time left unknown"
    return f"{seconds / 60:.1f} min left" if seconds < 5400 else f"{seconds / 3600:.1f} h left"
