"""`sagittal measure`: films in, JSON, label map and overlay out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sagittal.cli.console import known_errors, output, print_error, progress
from sagittal.cli.table import result_table, values_of

if TYPE_CHECKING:
    from sagittal.films import Film
    from sagittal.inference import Inspection
    from sagittal.report import ReportPaths

Inspect = Callable[["Film"], "Inspection"]
Write = Callable[["Inspection"], "ReportPaths"]


class Also(StrEnum):
    """The values of sagittal.report.Extra, which is imported late: it brings matplotlib."""

    PDF = "pdf"
    SEGMENTATION_NRRD = "seg-nrrd"
    DICOM_SEG = "dicom-seg"
    DICOM_SR = "dicom-sr"


def measure(
    films: Annotated[list[Path], typer.Argument(metavar="FILM", help="Films: PNG, JPEG, TIFF, NRRD, NIfTI or DICOM.")],
    mask: Annotated[
        Path | None,
        typer.Option(help="Class mask (0 to 4) or label map on the film's grid: measured as it is, no network runs."),
    ] = None,
    model: Annotated[str, typer.Option(help="A shipped network by name, or the path of a checkpoint.")] = "spine",
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("sagittal-results"),
    also: Annotated[
        list[Also] | None,
        typer.Option(
            help="Write this too, may be repeated: a page to print (pdf), 3D Slicer's segmentation with both heads "
            "whole (seg-nrrd), and of DICOM films a segmentation (dicom-seg) or a structured report (dicom-sr) of "
            "their own study.",
            show_default=False,
        ),
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Add a row a film to this table for a statistics program."),
    ] = None,
    earlier: Annotated[
        Path | None,
        typer.Option(metavar="JSON", help="Result of an earlier film of the same patient: the PDF tells the change."),
    ] = None,
    age: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=130,
            metavar="YEARS",
            help="The patient's age, for the GAP score; by default that of the DICOM header.",
            show_default=False,
        ),
    ] = None,
    subject: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="What to call the patient in the results, for `sagittal compare`: a pseudonym.",
            show_default=False,
        ),
    ] = None,
    device: Annotated[
        str | None, typer.Option(help="cpu, cuda or cuda:N; by default a GPU where there is one.", show_default=False)
    ] = None,
) -> None:
    """Measure films: writes <stem>.json, <stem>_labels.nrrd and <stem>.png for each, and what --also asks for.

    A film that fails does not stop the others; the exit status is then 1 and standard error says why.
    """
    if mask is not None and len(films) > 1:
        raise typer.BadParameter(f"a mask belongs to one film, got {len(films)} films", param_hint="--mask")
    if earlier is not None and Also.PDF not in (also or ()):
        raise typer.BadParameter("the change is told in the PDF: add --also pdf", param_hint="--earlier")
    inputs = (*films, *(path for path in (mask, earlier) if path is not None))
    write = _writer(out, inputs, also or [], csv, earlier)
    inspect = _stating(_with_mask(mask) if mask is not None else _with_network(model, device), age, subject)
    failures = 0
    console = output()
    with progress(console) as bar:
        for path in bar.track(films, description="Measuring"):
            try:
                inspection, paths = _measure_one(path, inspect, write)
            except Exception as error:  # one film's failure, foreseen or not, is never the others'
                failures += 1
                print_error(_failure(path, error))
                continue
            _print(bar.console.print, inspection, paths)
    if failures:
        print_error(f"{failures} of {len(films)} films could not be measured")
        raise typer.Exit(1)


def _with_mask(mask: Path) -> Inspect:
    def inspect(film: Film) -> Inspection:
        from sagittal.anatomy import MaskError
        from sagittal.films import read_mask
        from sagittal.inference import inspect_mask

        try:
            return inspect_mask(film, read_mask(mask, film.shape))
        except MaskError as error:
            raise MaskError(f"{mask}: {error}") from error

    return inspect


def _with_network(model: str, device: str | None) -> Inspect:
    with known_errors():
        from sagittal.cli.model import checkpoint_of
        from sagittal.inference import Predictor, inspect_film

        predictor = Predictor(checkpoint_of(model), device)
    return lambda film: inspect_film(film, predictor)


def _stating(inspect: Inspect, age: float | None, subject: str | None) -> Inspect:
    """What the user says of the patient goes before what the file says."""

    def inspect_as_stated(film: Film) -> Inspection:
        identity = replace(film.identity, pseudonym=subject)
        if age is not None:
            identity = replace(identity, age_years=age)
        return inspect(replace(film, identity=identity))

    return inspect_as_stated


def _measure_one(path: Path, inspect: Inspect, write: Write) -> tuple[Inspection, ReportPaths]:
    from sagittal.films import read_film

    inspection = inspect(read_film(path))
    return inspection, write(inspection)


def _writer(out: Path, inputs: tuple[Path, ...], also: list[Also], csv: Path | None, earlier: Path | None) -> Write:
    """What writes the results of one film; faults of the table or of the earlier result end the run at once."""
    with known_errors():
        from sagittal.anatomy.definitions import default_definitions
        from sagittal.report import Extra, ReportError, result_as_json, write_inspection
        from sagittal.report.read import read_result
        from sagittal.report.statistics import StatisticsTable

        before = None if earlier is None else read_result(earlier)
        table = None if csv is None else StatisticsTable(csv, default_definitions())
        if table is not None:
            if table.path.resolve() in {path.resolve() for path in inputs}:
                raise ReportError(f"{csv} is an input and would be changed; choose another file")
            table.check()
    extras = [Extra(word) for word in also]
    taken: set[str] = set()

    def write(inspection: Inspection) -> ReportPaths:
        name = free_name(inspection.film.identity.name, taken)
        paths = write_inspection(inspection, out, name=name, keep=inputs, also=extras, earlier=before)
        taken.add(name.casefold())
        if table is not None:
            table.append(result_as_json(inspection), name)
        return paths

    return write


def free_name(name: str, taken: set[str]) -> str:
    """`name`, or `name_2`, `name_3`, .. where a film of this run has it already (letter case aside)."""
    number, free = 1, name
    while free.casefold() in taken:
        number += 1
        free = f"{name}_{number}"
    return free


def _failure(path: Path, error: Exception) -> str:
    from sagittal.anatomy import MaskError
    from sagittal.films import FilmError
    from sagittal.report import ReportError

    if isinstance(error, FilmError | MaskError | ReportError):
        message = str(error)
        return message if message.startswith(str(path)) else f"{path}: {message}"
    return f"{path}: internal error, please report it: {type(error).__name__}: {error}"


def _print(show: Callable[..., None], inspection: Inspection, paths: ReportPaths) -> None:
    from sagittal.report import result_as_json

    result = result_as_json(inspection)
    branch = result["value_branch"]
    beside = {"Network's own": values_of(branch)} if branch else None
    show(result_table(result, inspection.film.identity.name, beside=beside))
    for extra, reason in paths.left_out.items():
        show(f"no {extra}: {reason}", soft_wrap=True, markup=False)
    show("".join(f"{file}\n" for file in paths.files), soft_wrap=True, markup=False)
