"""`sagittal compare` tells what changed, refuses what cannot be compared, and writes what it tells."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sagittal.anatomy.definitions import default_definitions
from sagittal.cli.compare import film_names
from typer.testing import Result

Call = Callable[..., Result]


@pytest.fixture
def results(on_disk: Any, call: Call, tmp_path: Path) -> list[Path]:
    """Results of one film in two folders, to be changed as a test needs it."""
    paths = []
    for name in ("before", "after"):
        assert call("measure", on_disk.film, "--mask", on_disk.mask, "--out", tmp_path / name).exit_code == 0
        paths.append(tmp_path / name / "case.json")
    return paths


def changed(path: Path, **changes: Any) -> Path:
    """The result with other values of some parameters, or another film's `subject` or `age_years`."""
    content = json.loads(path.read_text(encoding="utf-8"))
    for name, value in changes.items():
        if name in ("subject", "age_years"):
            content["film"][name] = value
        else:
            content["parameters"][name]["value"] = value
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def value_of(path: Path, name: str) -> float:
    value: float = json.loads(path.read_text(encoding="utf-8"))["parameters"][name]["value"]
    return value


def test_it_tells_every_parameter_its_change_and_whose_word_the_subject_is(results: list[Path], call: Call) -> None:
    changed(results[1], PT=value_of(results[0], "PT") - 7.5)
    answer = call("compare", *results)
    assert answer.exit_code == 0, answer.output
    assert "−7.5°" in answer.stdout
    assert all(name in answer.stdout for name in default_definitions().parameters)
    assert "was not checked" in answer.stdout
    assert "Not for clinical use" in answer.stdout


def test_json_and_csv_say_what_the_table_says(results: list[Path], call: Call, tmp_path: Path) -> None:
    changed(results[1], PT=value_of(results[0], "PT") - 7.5)
    out = tmp_path / "new folder"
    answer = call("compare", *results, "--json", out / "change.json", "--csv", out / "change.csv", "--dynamic")
    assert answer.exit_code == 0, answer.output
    content = json.loads((out / "change.json").read_text(encoding="utf-8"))
    assert content["not_for_clinical_use"] is True
    assert [film["name"] for film in content["films"]] == ["before/case", "after/case"]
    assert content["parameters"]["PT"]["changes"] == [None, -7.5]
    assert {segment["name"] for segment in content["segments"]} == {"L1L2", "L2L3", "L3L4", "L4L5", "L5S1"}
    # PNG films have no spacing: what would need mm is left open.
    assert {segment["verdict"] for segment in content["segments"]} == {"open"}
    with (out / "change.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["name"] == "PT"]
    assert [(row["film"], row["change"]) for row in rows] == [("before/case", ""), ("after/case", "-7.5")]
    assert all(row["remark"] == "Not for clinical use" for row in rows)


def test_an_incidence_that_changes_is_a_contradiction(results: list[Path], call: Call) -> None:
    changed(results[1], PI=value_of(results[0], "PI") + 6)
    answer = call("compare", *results)
    assert "differs by 6.0 degrees" in " ".join(answer.stdout.split())
    for path in results:
        changed(path, age_years=11.0)
    assert "differs by" not in call("compare", *results).stdout


def test_films_of_different_subjects_are_refused_unless_told(results: list[Path], call: Call) -> None:
    changed(results[0], subject="P1")
    changed(results[1], subject="P2")
    refused = call("compare", *results)
    assert refused.exit_code == 1
    assert "different subjects: P1, P2" in refused.stderr
    told = call("compare", *results, "--any-subject")
    assert told.exit_code == 0
    assert "different patients" in told.stdout


def test_films_of_one_stated_subject_need_no_remark(results: list[Path], call: Call) -> None:
    for path in results:
        changed(path, subject="P1")
    assert "Remark" not in call("compare", *results).stdout


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("no JSON", "is no JSON"),
        ("{}", "is no result"),
        ('{"schema_version": 1, "film": {}, "parameters": {"PI": 3}}', "is no complete result"),
    ],
)
def test_what_is_no_result_is_refused_by_name(
    results: list[Path], call: Call, tmp_path: Path, content: str, fault: str
) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text(content, encoding="utf-8")
    answer = call("compare", results[0], wrong)
    assert answer.exit_code == 1
    assert f"{wrong}: {fault}" in answer.stderr


def test_a_result_is_never_replaced_nor_taken_twice_nor_compared_alone(results: list[Path], call: Call) -> None:
    before = results[0].read_bytes()
    assert "would be replaced" in call("compare", *results, "--json", results[0]).stderr
    assert results[0].read_bytes() == before
    assert "given twice" in call("compare", results[0], results[0]).stderr
    assert call("compare", results[0]).exit_code == 2


def test_a_result_without_clinical_findings_still_has_its_parameters_compared(results: list[Path], call: Call) -> None:
    content = json.loads(results[0].read_text(encoding="utf-8"))
    del content["clinical"], content["film"]["age_years"], content["film"]["subject"]
    results[0].write_text(json.dumps(content), encoding="utf-8")
    answer = call("compare", *results)
    assert answer.exit_code == 0, answer.output
    assert "measure it again" in " ".join(answer.stdout.split())


def test_films_have_names_of_their_own() -> None:
    assert film_names([Path("x/a.json"), Path("x/b.json")]) == ["a", "b"]
    assert film_names([Path("x/a.json"), Path("y/a.json")]) == ["x/a", "y/a"]
    assert film_names([Path("x/y/a.json"), Path("z/y/a.json")]) == ["y/a (1)", "y/a (2)"]


def test_an_age_and_a_name_are_stated_with_the_measurement(on_disk: Any, call: Call, tmp_path: Path) -> None:
    command = ("measure", on_disk.film, "--mask", on_disk.mask, "--out", tmp_path / "out")
    assert call(*command, "--age", 71, "--subject", "P7").exit_code == 0
    result = json.loads((tmp_path / "out" / "case.json").read_text(encoding="utf-8"))
    assert (result["film"]["age_years"], result["film"]["subject"]) == (71, "P7")
    gap = next(finding for finding in result["clinical"] if finding["name"] == "GAP")
    assert "age is not known" not in (gap["reason"] or "")
    assert call(*command, "--age", -1).exit_code == 2


def test_the_terminal_shows_the_classes(on_disk: Any, call: Call, tmp_path: Path) -> None:
    answer = call("measure", on_disk.film, "--mask", on_disk.mask, "--out", tmp_path / "out")
    assert all(title in answer.stdout for title in ("GAP score", "Schwab PT", "Roussouly", "Slips", "Loss of height"))


def test_classes_that_cannot_be_told_say_why(on_disk: Any, call: Call, tmp_path: Path) -> None:
    mask = on_disk.simulated.class_mask.copy()
    mask[mask > 2] = 0
    Image.fromarray(mask.astype(np.uint8)).save(tmp_path / "headless.png")
    answer = call("measure", on_disk.film, "--mask", tmp_path / "headless.png", "--out", tmp_path / "out")
    assert "absent: no femoral head found" in answer.stdout
