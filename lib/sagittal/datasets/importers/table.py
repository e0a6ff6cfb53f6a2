"""Tables of comma-separated values."""

from __future__ import annotations

import csv
from pathlib import Path

from sagittal.datasets.importers.source import AnnotationError


def read_rows(table: Path) -> list[tuple[int, list[str]]]:
    """(line number, cells without blanks around them) of every row that is not blank.

    Raises:
        AnnotationError: it cannot be read as a table.
    """
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            return [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(map(str.strip, row))]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise AnnotationError(f"{table.name} cannot be read as a table: {error}") from error
