"""Lateral films of a BUU-LSPINE tree.

`LA/0001-F-037Y1.jpg` (subject, sex, age; Y1 lateral, Y0 frontal) with a table of the same name beside it or in
`LA_CSV/`: rows `x1,y1,x2,y2[,class]` in pixels of the film, L1 superior, L1 inferior, .., L5 inferior, S1 superior. The
first point is the film's left one; every lateral film faces left. Class: 0 normal, 1 and 2 lateral, 3 antero-, 4
retrolisthesis; kept as it is. A table `pixel_spacing.csv` (filename, mm) gives spacings where there is one.

No heads and no masks: bodies drawn from corners would lack what lies between them, and there is no sacrum; so these
films get landmarks alone.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from functools import partial
from pathlib import Path

from sagittal.anatomy.landmarks import Body, EndPlate, Landmarks, Point
from sagittal.datasets.importers.source import (
    Annotation,
    AnnotationError,
    Found,
    Skipped,
    SourceError,
    SourceFilm,
    files_of,
    is_image,
    within,
)
from sagittal.datasets.importers.table import read_rows
from sagittal.films import Film

SPACING_TABLE = "pixel_spacing.csv"
LEVELS = ("L1", "L2", "L3", "L4", "L5")
PLATES = (*(f"{level} {side}" for level in LEVELS for side in ("superior", "inferior")), "S1 superior")
CLASSES = frozenset(range(5))
# Of the film's size: a corner may lie a little outside it.
OUTSIDE = 0.1
_NAME = re.compile(r"^(?P<subject>\d+)-(?P<sex>[FM])-(?P<age>\d{1,3})Y(?P<view>[01])$", re.IGNORECASE)


def find(source: Path) -> Found:
    """Lateral films of a tree, whole (LA/ with tables in it) or split (LA/ and LA_CSV/).

    Raises:
        SourceError: no file in it is named as the set names its films.
    """
    files = files_of(source)
    films = [path for path in files if is_image(path)]
    if not any(_NAME.match(path.stem) for path in films):
        raise SourceError(f"{source}: holds no film named like 0001-F-037Y1.jpg")
    tables: dict[str, list[Path]] = defaultdict(list)
    spacings: dict[str, str] = {}
    for path in files:
        if path.name.lower() == SPACING_TABLE:
            spacings |= _spacings(path)
        elif path.suffix.lower() == ".csv":
            tables[path.stem].append(path)
    for path in films:
        file, match = within(path, source), _NAME.match(path.stem)
        if match is None:
            yield Skipped(file, "is not named like 0001-F-037Y1")
        elif match["view"] == "0":
            yield Skipped(file, "is a frontal (AP) film")
        elif (table := _table_of(path, tables[path.stem])) is None:
            yield Skipped(file, "has no table of corners")
        else:
            spacing = spacings.get(path.stem)
            yield SourceFilm(
                file,
                match["subject"],
                (path, table),
                path.read_bytes,
                partial(_read, table, match["sex"].upper(), float(match["age"]), spacing),
                detail=str(spacing),
            )


def _table_of(film: Path, tables: list[Path]) -> Path | None:
    """The table beside the film, else that of the split tree, else the only one of its name."""
    for folder in (film.parent, film.parent.with_name(f"{film.parent.name}_CSV")):
        beside = [table for table in tables if table.parent == folder]
        if beside:
            return beside[0]
    return tables[0] if len(tables) == 1 else None


def _spacings(table: Path) -> dict[str, str]:
    """Film's stem -> the cell of its spacing; rows of another shape (the header) have no film."""
    try:
        return {Path(row[0]).stem: row[1] for _, row in read_rows(table) if len(row) == 2}
    except AnnotationError as error:
        raise SourceError(f"{table}: {error}") from error


def _read(table: Path, sex: str, age: float, spacing: str | None, film: Film) -> Annotation:
    rows = read_rows(table)
    if len(rows) != len(PLATES):
        raise AnnotationError(f"its table has {len(rows)} rows, expected {len(PLATES)} (L1 superior to S1 superior)")
    plates: dict[str, EndPlate] = {}
    classes: dict[str, int] = {}
    remarks: list[str] = []
    for name, (line, cells) in zip(PLATES, rows, strict=True):
        plates[name], swapped = _plate(line, cells, film.shape)
        if swapped:
            remarks.append(f"{name}: the first point is not the left one; they were exchanged")
        if len(cells) == 5:
            classes[name] = _class(line, cells[4])
    spacing_mm = _spacing(spacing, remarks)
    landmarks = Landmarks(
        bodies={level: _body(plates[f"{level} superior"], plates[f"{level} inferior"]) for level in LEVELS},
        s1=plates["S1 superior"],
        femoral_heads=(),
        anterior="left",
    )
    _check_order(landmarks)
    return Annotation(
        landmarks=landmarks,
        spacing_mm=(spacing_mm, spacing_mm) if spacing_mm else None,
        spacing_source=SPACING_TABLE if spacing_mm else None,
        sex=sex,
        age_years=age,
        facts={"classes": classes} if classes else {},
        remarks=tuple(remarks),
    )


def _plate(line: int, cells: list[str], shape: tuple[int, int]) -> tuple[EndPlate, bool]:
    if len(cells) not in (4, 5):
        raise AnnotationError(f"line {line} of its table has {len(cells)} cells, expected x1,y1,x2,y2[,class]")
    try:
        x1, y1, x2, y2 = map(float, cells[:4])
    except ValueError as error:
        raise AnnotationError(f"line {line} of its table holds what is no number") from error
    rows, columns = shape
    for x, y in ((x1, y1), (x2, y2)):
        # Written so that what is no number at all fails too.
        if not (-OUTSIDE <= x / columns <= 1 + OUTSIDE and -OUTSIDE <= y / rows <= 1 + OUTSIDE):
            raise AnnotationError(f"line {line} of its table lies outside the film")
    if (x1, y1) == (x2, y2):
        raise AnnotationError(f"line {line} of its table is a point, no end plate")
    first, second = (x1, y1), (x2, y2)
    swapped = x1 > x2
    return EndPlate(anterior=second if swapped else first, posterior=first if swapped else second), swapped


def _class(line: int, cell: str) -> int:
    try:
        number = float(cell)
    except ValueError:
        number = math.nan
    if number not in CLASSES:
        raise AnnotationError(f"line {line} of its table has the class '{cell[:10]}', expected 0 to 4")
    return int(number)


def _spacing(cell: str | None, remarks: list[str]) -> float | None:
    if cell is None:
        return None
    try:
        spacing = float(cell)
    except ValueError:
        spacing = math.nan
    if 0.01 <= spacing <= 5:
        return spacing
    remarks.append(f"{SPACING_TABLE} has no usable spacing for it")
    return None


def _body(superior: EndPlate, inferior: EndPlate) -> Body:
    return Body(superior.anterior, superior.posterior, inferior.anterior, inferior.posterior)


def _check_order(landmarks: Landmarks) -> None:
    """End plates must come from the head downwards: rows in another order would give wrong angles unseen."""
    plates = [plate for body in landmarks.bodies.values() for plate in (body.superior, body.inferior)]
    assert landmarks.s1 is not None
    heights: list[Point] = [plate.midpoint for plate in (*plates, landmarks.s1)]
    for name, above, below in zip(PLATES[1:], heights, heights[1:], strict=False):
        if below[1] <= above[1]:
            raise AnnotationError(f"{name} does not lie below the end plate before it; the rows are out of order")
