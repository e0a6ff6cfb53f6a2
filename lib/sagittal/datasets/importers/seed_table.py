"""Films of a table `data_2020.csv`: no header, 20 columns, which are image, mask and the 18 values of the value branch.

The values stand in the order PI, LL, PI-LL, L4S1, LDI, RLL, SS, PT, L1..L5, L1L2..L5S1 (configs/parameters.yaml,
`value_branch`); masks are 8 bit of the class ids 0..4. Image and mask are found by their path beside the table, or,
where the table was written on another machine, by the last parts of it. Head 1 and 2 of its masks follow the authors'
colours, whose rule is not stated: they are put into our order on import.
"""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path, PurePosixPath

from sagittal.anatomy.definitions import default_definitions
from sagittal.datasets.importers.class_masks import class_mask
from sagittal.datasets.importers.source import (
    Annotation,
    AnnotationError,
    Found,
    Skipped,
    SourceError,
    SourceFilm,
    subject_of,
    within,
)
from sagittal.datasets.importers.table import read_rows
from sagittal.films import Film, read_mask
from sagittal.films.file_format import film_name

TABLE = "data_2020.csv"
COLUMNS = 2 + len(default_definitions().value_branch)
_ABSENT = {"", "nan", "none", "null", "na", "n/a"}


def find(source: Path) -> Found:
    """Films of a table, or of the table `data_2020.csv` in a folder.

    Raises:
        SourceError: there is no such table, or no row of it has 20 columns.
    """
    table = source if source.is_file() else source / TABLE
    rows = _rows(table)
    if not any(len(row) == COLUMNS for _, row in rows):
        raise SourceError(f"{table}: no row has {COLUMNS} columns (image, mask, 18 values)")
    seen: set[str] = set()
    for line, row in rows:
        place = f"{table.name}, line {line}"
        try:
            if len(row) != COLUMNS:
                raise AnnotationError(f"has {len(row)} columns, expected {COLUMNS}")
            values = dict(zip(default_definitions().value_branch, map(_value, row[2:]), strict=True))
            image, mask = (_beside(table.parent, name) for name in row[:2])
            file = within(image, table.parent)
            if file in seen:
                raise AnnotationError(f"the film {image.name} is in the table twice; the first row was taken")
        except AnnotationError as error:
            yield Skipped(place, str(error))
            continue
        seen.add(file)
        yield SourceFilm(
            file,
            subject_of(film_name(image)),
            (image, mask),
            image.read_bytes,
            partial(_read, mask, values),
            detail=",".join(row[2:]),
        )


def _rows(table: Path) -> list[tuple[int, list[str]]]:
    if not table.is_file():
        raise SourceError(f"{table}: does not exist; name the table, or the folder of {TABLE}")
    try:
        return read_rows(table)
    except AnnotationError as error:
        raise SourceError(f"{table}: {error}") from error


def _value(cell: str) -> float | None:
    if cell.lower() in _ABSENT:
        return None
    try:
        value = float(cell)
    except ValueError as error:
        raise AnnotationError(f"'{cell[:20]}' is no number") from error
    if not math.isfinite(value):
        raise AnnotationError(f"'{cell[:20]}' is no finite number")
    return value


def _beside(folder: Path, name: str) -> Path:
    """The file of a name in the table, never one outside the table's folder."""
    parts = [part for part in PurePosixPath(name.replace("\\", "/")).parts if part not in ("/", ".")]
    if not parts or ".." in parts:
        raise AnnotationError(f"'{PurePosixPath(name).name}' lies outside the table's folder, or has no name")
    for first in range(len(parts)):
        path = folder.joinpath(*parts[first:])
        if path.is_file():
            return path
    raise AnnotationError(f"there is no file {parts[-1]} beside the table")


def _read(mask: Path, values: dict[str, float | None], film: Film) -> Annotation:
    ids, remarks = class_mask(read_mask(mask, film.shape))
    return Annotation(mask=ids, parameters=values, remarks=remarks)
