"""The application that joins the commands. What is heavy (torch, MONAI) is imported by the command that needs it."""

from __future__ import annotations

from typing import Annotated

import typer

from sagittal import NOT_FOR_CLINICAL_USE, __version__
from sagittal.cli.average import average
from sagittal.cli.calibrate import calibrate
from sagittal.cli.compare import compare
from sagittal.cli.demo import demo
from sagittal.cli.evaluate import evaluate
from sagittal.cli.fit_view import fit_view
from sagittal.cli.import_films import import_films
from sagittal.cli.measure import measure
from sagittal.cli.serve import serve
from sagittal.cli.simulate import simulate
from sagittal.cli.train import train

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help=f"Spino-pelvic parameters from lateral lumbar X-rays. [bold]{NOT_FOR_CLINICAL_USE}.[/bold]",
)
for command in (measure, compare, simulate, train, average, calibrate, evaluate, serve, demo):
    app.command()(command)
app.command("import")(import_films)
app.command("fit-view")(fit_view)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"sagittal {__version__} ({NOT_FOR_CLINICAL_USE.lower()})")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Entry point of the `sagittal` script."""
    app()
