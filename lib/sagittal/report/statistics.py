"""Results as a table for a statistics program: CSV, one row a film."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sagittal import NOT_FOR_CLINICAL_USE
from sagittal.anatomy.definitions import Definitions
from sagittal.report.error import ReportError

SPACING_COLUMNS = ("spacing_row_mm", "spacing_column_mm", "spacing_rule")
PARAMETER_COLUMNS = ("", "_low", "_high", "_status", "_reason")
BETWEEN = "; "


class StatisticsTable:
    """A CSV file that grows by a row a film: UTF-8, RFC 4180 (commas, CRLF, quotes where needed), decimal points.

    Columns: `film` (the stem of its file, the only thing that tells whose it is), `remark` (not for clinical use),
    `software_version`, `model`, `verdict`, `reasons` and `warnings` (joined by "; "), `anterior`, the spacing in mm
    and its rule; then for each parameter P in the definitions' order `P` (degrees or %), `P_low` and `P_high` (90 %
    interval), `P_status` and `P_reason` (why it is absent); then for each clinical finding F `F` (its value), `F_low`
    and `F_high` (its bounds), `F_grade`, `F_status` and `F_reason`. Every sign in a name that is no letter or digit is
    "_". What is absent is empty. A film with findings that no earlier one had adds their columns at the end.
    """

    def __init__(self, path: Path, definitions: Definitions) -> None:
        self.path = path
        self._parameters = tuple(definitions.parameters)

    def check(self) -> None:
        """See whether rows can be added, before any film is measured.

        Raises:
            ReportError: the file is there and is no such table, or cannot be read.
        """
        self._header()

    def append(self, result: Mapping[str, Any], name: str) -> None:
        """Add the row of a result (`result_as_json`) of a film of this name; a file that is missing begins with it.

        Raises:
            ReportError: the file is no such table, or cannot be written; it is then as it was.
        """
        row = self.row(result, name)
        header = self._header()
        columns = [*header, *(column for column in row if column not in header)]
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if header == columns:
                self._add_line(row, columns)
            else:
                self._write_anew(row, columns)
        except OSError as error:
            raise ReportError(
                f"cannot write results to {self.path}: {error.strerror}; free space there or choose another file"
            ) from error

    def row(self, result: Mapping[str, Any], name: str) -> dict[str, object]:
        """The cells of a film by their column."""
        row: dict[str, object] = {
            "film": name,
            "remark": NOT_FOR_CLINICAL_USE,
            "software_version": result["software_version"],
            "model": result["model"],
            "verdict": result["quality"]["verdict"],
            "reasons": BETWEEN.join(result["quality"]["reasons"]),
            "warnings": BETWEEN.join(result["warnings"]),
            "anterior": result["film"]["anterior"],
        }
        spacing = result["film"]["spacing_mm"] or (None, None)
        row |= dict(zip(SPACING_COLUMNS, (*spacing, result["film"]["spacing_rule"]), strict=True))
        for parameter in self._parameters:
            row |= _parameter_cells(parameter, result["parameters"][parameter])
        for finding in result.get("clinical") or ():
            row |= _finding_cells(finding)
        return row

    def _header(self) -> list[str]:
        """The columns of the file; none where it is missing or empty."""
        try:
            with self.path.open(encoding="utf-8", newline="") as file:
                header = next(csv.reader(file), [])
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise ReportError(f"{self.path}: cannot be read as a table of results; choose another file") from error
        if header and not {"film", "verdict"} <= set(header):
            raise ReportError(f"{self.path}: is no table of results; choose another file")
        return header

    def _add_line(self, row: Mapping[str, object], columns: Sequence[str]) -> None:
        size = self.path.stat().st_size
        try:
            with self.path.open("ab") as file:
                file.write(_encoded([row], columns))
        except OSError:
            os.truncate(self.path, size)
            raise

    def _write_anew(self, row: Mapping[str, object], columns: Sequence[str]) -> None:
        earlier: list[Mapping[str, object]] = []
        if self.path.exists():
            with self.path.open(encoding="utf-8", newline="") as file:
                earlier = list(csv.DictReader(file))
        heading = {column: column for column in columns}
        with tempfile.TemporaryDirectory(dir=self.path.parent, prefix=".sagittal-") as folder:
            unfinished = Path(folder) / "table.csv"
            unfinished.write_bytes(_encoded([heading, *earlier, row], columns))
            unfinished.replace(self.path)


def _parameter_cells(name: str, parameter: Mapping[str, Any]) -> dict[str, object]:
    low, high = parameter["interval_90"] or (None, None)
    cells = (parameter["value"], low, high, parameter["status"], parameter["reason"])
    return {column_name(name) + end: cell for end, cell in zip(PARAMETER_COLUMNS, cells, strict=True)}


def _finding_cells(finding: Mapping[str, Any]) -> dict[str, object]:
    column = column_name(finding["name"])
    is_absent = finding["status"] == "absent"
    low, high = finding["bounds"] or (None, None)
    return {
        column: finding["value"],
        f"{column}_low": low,
        f"{column}_high": high,
        f"{column}_grade": None if is_absent else finding["grade"],
        f"{column}_status": finding["status"],
        f"{column}_reason": finding["reason"],
    }


def column_name(name: str) -> str:
    """A name that every statistics program takes: letters, digits and underscores."""
    return "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in name)


def _encoded(rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> bytes:
    text = io.StringIO()
    # Its line ends are CRLF; None is an empty cell.
    csv.DictWriter(text, columns, restval=None).writerows(rows)
    return text.getvalue().encode("utf-8")
