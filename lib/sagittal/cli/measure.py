"""`sagittal measure`: films in, JSON, label map and overlay out."""

from __future__ import annotations

from collections.abc import Callable
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


def measure(
    films: Annotated[list[Path], typer.Argument(metavar="FILM", help="Films: PNG, JPEG, TIFF, NRRD, NIfTI or DICOM.")],
    mask: Annotated[
        Path | None,
        typer.Option(help="Class mask (0 to 4) or label map on the film's grid: measured as it is, no network runs."),
    ] = None,
    model: Annotated[str, typer.Option(help="A shipped network by name, or the path of a checkpoint.")] = "bilunet",
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("sagittal-results"),
    device: Annotated[
        str | None, typer.Option(help="cpu, cuda or cuda:N; by default a GPU where there is one.", show_default=False)
    ] = None,
) -> None:
    """Measure films: writes <stem>.json, <stem>_labels.nrrd and <stem>.png for each.

    A film that fails does not stop the others; the exit status is then 1 and standard error says why.
    """
    if mask is not None and len(films) > 1:
        raise typer.BadParameter(f"a mask belongs to one film, got {len(films)} films", param_hint="--mask")
    inspect = _with_mask(mask) if mask is not None else _with_network(model, device)
    inputs = (*films, *([mask] if mask is not None else []))
    failures = 0
    console = output()
    taken: set[str] = set()
    with progress(console) as bar:
        for path in bar.track(films, description="Measuring"):
            try:
                inspection, paths = _measure_one(path, inspect, out, taken, inputs)
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


def _measure_one(
    path: Path, inspect: Inspect, out: Path, taken: set[str], inputs: tuple[Path, ...]
) -> tuple[Inspection, ReportPaths]:
    from sagittal.films import read_film
    from sagittal.report import write_inspection

    inspection = inspect(read_film(path))
    paths = write_inspection(inspection, out, name=free_name(inspection.film.identity.name, taken), keep=inputs)
    taken.add(paths.json.stem.casefold())
    return inspection, paths


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
    show(f"{paths.json}\n{paths.label_map}\n{paths.overlay}\n", soft_wrap=True, markup=False)
