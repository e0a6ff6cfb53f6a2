"""`sagittal compare`: results of one patient's films beside each other."""

from __future__ import annotations

import json as json_format
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sagittal.cli.console import known_errors, output

if TYPE_CHECKING:
    from sagittal.anatomy.comparison import ComparedFilm


def compare(
    results: Annotated[
        list[Path],
        typer.Argument(metavar="RESULT", help="Results of `sagittal measure`, in order of time."),
    ],
    dynamic: Annotated[
        bool, typer.Option("--dynamic", help="The films show flexion and extension: tell which segments are unstable.")
    ] = False,
    any_subject: Annotated[
        bool, typer.Option("--any-subject", help="Compare films that are said to be of different patients too.")
    ] = False,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the comparison as JSON.")] = None,
    csv: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it as a table, a row a film and parameter.")
    ] = None,
) -> None:
    """Compare films of one patient: before and after surgery, flexion and extension.

    Changes are told against the first film. Whose films they are is told by `sagittal measure --subject`; where it was
    not, that they are of one patient is your word.
    """
    if len(results) < 2:
        raise typer.BadParameter("a comparison needs two results or more", param_hint="RESULT")
    with known_errors():
        from sagittal.anatomy.comparison import compare as compare_films
        from sagittal.cli.comparison_table import comparison_table
        from sagittal.report.comparison import comparison_as_csv, comparison_as_json

        _refuse_to_replace([file for file in (json, csv) if file is not None], results)
        comparison = compare_films(_read(results), dynamic=dynamic, any_subject=any_subject)
        if json is not None:
            content = json_format.dumps(comparison_as_json(comparison), indent=2, allow_nan=False, ensure_ascii=False)
            _write(json, content + "\n")
        if csv is not None:
            _write(csv, comparison_as_csv(comparison))
    output().print(comparison_table(comparison))


def film_names(paths: Sequence[Path]) -> list[str]:
    """Stems of the files, with their folder's name where two have the same stem, else with a number too."""
    stems = [path.stem for path in paths]
    if len(set(stems)) < len(stems):
        stems = [f"{path.absolute().parent.name}/{path.stem}" for path in paths]
    return [stem if stems.count(stem) == 1 else f"{stem} ({k})" for k, stem in enumerate(stems, 1)]


def _read(paths: Sequence[Path]) -> list[ComparedFilm]:
    from sagittal.anatomy.comparison import ComparedFilm
    from sagittal.report import ReportError
    from sagittal.report.read import read_result

    if len({path.resolve() for path in paths}) < len(paths):
        raise ReportError("the same result was given twice; name each film's result once")
    films = []
    for name, path in zip(film_names(paths), paths, strict=True):
        try:
            films.append(ComparedFilm.from_json(name, read_result(path)))
        except (KeyError, TypeError, ValueError) as error:
            if isinstance(error, ReportError):
                raise
            raise ReportError(f"{path}: is no complete result of a film; measure the film again") from error
    return films


def _refuse_to_replace(files: Sequence[Path], inputs: Sequence[Path]) -> None:
    from sagittal.report import ReportError

    taken = {path.resolve() for path in inputs}
    for file in files:
        if file.resolve() in taken:
            raise ReportError(f"{file} is an input and would be replaced; choose another file")


def _write(file: Path, text: str) -> None:
    from sagittal.report import ReportError

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise ReportError(f"cannot write {file}: {error.strerror}; choose another file") from error
