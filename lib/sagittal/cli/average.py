"""`sagittal average`: the mean of trained networks' weights."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sagittal.cli.console import known_errors, output


def average(
    models: Annotated[list[Path], typer.Argument(help="Checkpoints (.pt) of stages of one network, the newest last.")],
    out: Annotated[Path, typer.Option(help="The model file to write.")],
) -> None:
    """Average the weights of networks that were trained on from one another: on strange films the mean does better.

    Calibrate the mean afterwards (`sagittal calibrate`).
    """
    with known_errors():
        from sagittal.networks import load_model, save_model
        from sagittal.networks.averaging import mean_model

        save_model(mean_model([load_model(path) for path in models]), out)
        output().print(f"{out}", soft_wrap=True, markup=False)
