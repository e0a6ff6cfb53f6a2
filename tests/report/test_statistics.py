"""The table has a row a film, every cell where its column says, and stays whole whatever happens."""

from __future__ import annotations

import csv
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sagittal.anatomy.definitions import default_definitions
from sagittal.inference import Inspection
from sagittal.report import ReportError, result_as_json
from sagittal.report.statistics import StatisticsTable, column_name

Make = Callable[..., Inspection]
FINDING = {
    "name": "slip L4L5",
    "title": "Slip L4 on L5",
    "value": 12.5,
    "unit": "%",
    "bounds": None,
    "grade": "I",
    "status": "abnormal",
    "reason": None,
}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@pytest.fixture
def table(tmp_path: Path) -> StatisticsTable:
    return StatisticsTable(tmp_path / "new" / "results.csv", default_definitions())


def result_of(inspection: Inspection, **more: Any) -> dict[str, Any]:
    return {**result_as_json(inspection), **more}


def test_a_row_says_what_the_json_says(make_inspection: Make, table: StatisticsTable) -> None:
    result = result_of(make_inspection(), clinical=[FINDING])
    table.append(result, "case one")
    (row,) = rows_of(table.path)
    assert row["film"] == "case one"
    assert row["remark"] == "Not for clinical use"
    assert (row["model"], row["verdict"], row["anterior"]) == ("bilunet", "measurable", "left")
    assert row["warnings"] == "; ".join(result["warnings"])
    for name, parameter in result["parameters"].items():
        assert float(row[column_name(name)]) == parameter["value"]
        assert row[f"{column_name(name)}_status"] == parameter["status"]
    assert (float(row["slip_L4L5"]), row["slip_L4L5_grade"], row["slip_L4L5_status"]) == (12.5, "I", "abnormal")


def test_what_is_absent_is_empty_and_has_its_reason(make_inspection: Make, table: StatisticsTable) -> None:
    table.append(result_of(make_inspection(heads=())), "case")
    (row,) = rows_of(table.path)
    assert (row["PI"], row["PI_low"], row["PI_high"], row["PI_status"]) == ("", "", "", "absent")
    assert row["PI_reason"]
    assert row["spacing_row_mm"] == ""


def test_intervals_have_columns_of_their_own(make_inspection: Make, table: StatisticsTable) -> None:
    result = result_of(make_inspection())
    result["parameters"]["SS"]["interval_90"] = [25.1, 28.04]
    table.append(result, "case")
    (row,) = rows_of(table.path)
    assert (row["SS_low"], row["SS_high"]) == ("25.1", "28.04")


def test_it_is_utf8_with_crlf_and_quotes_where_needed(make_inspection: Make, table: StatisticsTable) -> None:
    name = 'a "b", c\nü 山'
    table.append(result_of(make_inspection()), name)
    text = table.path.read_bytes().decode("utf-8")
    assert text.count("\r\n") == 2
    assert '"a ""b"", c\nü 山"' in text
    assert rows_of(table.path)[0]["film"] == name


def test_every_column_name_is_letters_digits_and_underscores(make_inspection: Make, table: StatisticsTable) -> None:
    row = table.row(result_of(make_inspection(), clinical=[FINDING]), "case")
    assert all(column.replace("_", "a").isalnum() for column in row)
    assert len(row) == 11 + 5 * len(default_definitions().parameters) + 6


def test_later_films_and_runs_are_added(make_inspection: Make, table: StatisticsTable) -> None:
    for name in ("first", "second"):
        table.append(result_of(make_inspection()), name)
    StatisticsTable(table.path, default_definitions()).append(result_of(make_inspection(heads=())), "third")
    assert [row["film"] for row in rows_of(table.path)] == ["first", "second", "third"]


def test_a_new_finding_adds_its_columns_and_loses_none(make_inspection: Make, table: StatisticsTable) -> None:
    table.append(result_of(make_inspection(), clinical=[FINDING]), "first")
    table.append(result_of(make_inspection(), clinical=[{**FINDING, "name": "GAP", "value": None}]), "second")
    table.append(result_of(make_inspection(), clinical=[]), "third")
    first, second, third = rows_of(table.path)
    assert (first["slip_L4L5"], first["GAP_grade"]) == ("12.5", "")
    assert (second["slip_L4L5"], second["GAP_grade"]) == ("", "I")
    assert (third["slip_L4L5"], third["GAP_grade"], third["SS"]) == ("", "", first["SS"])


def test_another_file_is_refused_and_left_alone(table: StatisticsTable) -> None:
    table.path.parent.mkdir()
    table.path.write_bytes(b"name;age\r\nx;1\r\n")
    with pytest.raises(ReportError, match=r"results\.csv: is no table of results"):
        table.check()
    assert table.path.read_bytes() == b"name;age\r\nx;1\r\n"


@pytest.mark.parametrize("clinical", [[], [FINDING]])
def test_a_full_disk_leaves_the_table_as_it_was(make_inspection: Make, table: StatisticsTable, clinical: list) -> None:
    table.append(result_of(make_inspection()), "first")
    before = table.path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 200, limits[1]))
    try:
        with pytest.raises(ReportError, match=r"cannot write results to .*results\.csv: File too large"):
            table.append(result_of(make_inspection(), clinical=clinical), "second")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert table.path.read_bytes() == before
    assert list(table.path.parent.iterdir()) == [table.path]
