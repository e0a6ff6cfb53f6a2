"""`sagittal import`: a foreign set of films into our own dataset layout."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from sagittal.cli.console import known_errors, output, progress

if TYPE_CHECKING:
    from sagittal.datasets.import_report import ImportReport

# Reasons that are printed; the report has all.
SHOWN = 15
KINDS = "buu-lspine, seed-table, authors-masks, yolo-pose or labelme"


def import_films(
    kind: Annotated[str, typer.Argument(help=f"What SRC is: {KINDS}.")],
    src: Annotated[Path, typer.Argument(help="Its folder (or, of seed-table, the table); never written to.")],
    dst: Annotated[Path, typer.Argument(help="Folder for the dataset; an import there goes on.")],
    validation: Annotated[float, typer.Option(min=0, max=0.9, help="Share of subjects held out.")] = 0.1,
    subject: Annotated[
        str | None,
        typer.Option(help="Regular expression with one group: the subject within a film's name.", show_default=False),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(help="What labelme's labels mean; by default configs/importers.yaml.", show_default=False),
    ] = None,
) -> None:
    """Import films with masks or landmarks: images/, labels/, landmarks/, dataset.json and import_report.json.

    Ctrl-C stops, the same command goes on. What cannot be used is left out, with the reason in the report.
    """
    console = output()
    with known_errors(), progress(console) as bar:
        from sagittal.datasets.import_films import ImportSettings, import_films
        from sagittal.datasets.importers import Kind

        if kind not in list(Kind):
            raise ValueError(f"'{kind}' is no kind of set that can be imported; known are {KINDS}")
        task = bar.add_task("Importing", total=None)
        report = import_films(
            Kind(kind),
            src,
            dst,
            ImportSettings(validation=validation, labels=labels, subject=subject),
            on_film=lambda done, total: bar.update(task, completed=done, total=total),
        )
    _print(console.print, report, dst)
    if not report.films:
        raise typer.Exit(1)


def _print(show: Callable[..., Any], report: ImportReport, folder: Path) -> None:
    from sagittal import NOT_FOR_CLINICAL_USE
    from sagittal.datasets.import_report import REPORT_FILE

    show(
        f"{report.films} films ({report.training} for training, {report.validation} for validation): "
        f"{report.with_mask} with a mask, {report.with_landmarks} with marked landmarks",
        soft_wrap=True,
    )
    for title, counts in (("Left out", report.reasons), ("Remarks", report.remarks)):
        if counts:
            table = Table(title=title, title_justify="left", show_header=False)
            for reason, count in list(counts.items())[:SHOWN]:
                table.add_row(str(count), Text(reason))
            if len(counts) > SHOWN:
                table.add_row("..", f"and {len(counts) - SHOWN} more in the report")
            show(table)
    if report.disagreement:
        show(_disagreement(report))
    show(f"{folder / REPORT_FILE}", soft_wrap=True, markup=False)
    show(f"{NOT_FOR_CLINICAL_USE}.")


def _disagreement(report: ImportReport) -> Table:
    table = Table(title="The source's values against ours", title_justify="left")
    for heading in ("", "films", "mean", "largest", "not measured"):
        table.add_column(heading, justify="left" if not heading else "right")
    for name, row in report.disagreement.items():
        errors = ("" if value is None else f"{value:.1f}" for value in (row.mean_absolute, row.largest))
        table.add_row(name, str(row.films), *errors, str(row.absent))
    return table
