"""`sagittal measure` writes what --also, --csv and --earlier ask for, and says clearly what it cannot write."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
import pytest
from dicom_films import write_dicom_film
from PIL import Image
from pydicom import dcmread
from sagittal.cli.measure import Also
from sagittal.report import Extra
from typer.testing import Result

Call = Callable[..., Result]
ALL = ("--also", "pdf", "--also", "seg-nrrd", "--also", "dicom-seg", "--also", "dicom-sr")


@pytest.fixture
def dicom_film(on_disk: Any) -> Path:
    pixels = np.round(on_disk.simulated.film.pixels * 4095).astype(np.uint16)
    return write_dicom_film(on_disk.film.with_name("case.dcm"), pixels, BitsStored=12, PatientName="Muster^Erika")


def test_the_choices_are_those_of_the_report() -> None:
    assert [choice.value for choice in Also] == [extra.value for extra in Extra]


def test_a_dicom_film_gets_all_that_there_is(on_disk: Any, dicom_film: Path, call: Call, tmp_path: Path) -> None:
    answer = call("measure", dicom_film, "--mask", on_disk.mask, "--out", tmp_path / "out", *ALL)
    assert answer.exit_code == 0, answer.stderr
    names = {"case.json", "case_labels.nrrd", "case.png", "case.pdf", "case.seg.nrrd", "case_seg.dcm", "case_sr.dcm"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names
    assert all(name in answer.output for name in names)
    assert "Muster" not in answer.output + answer.stderr
    film = dcmread(dicom_film, stop_before_pixels=True)
    for part in (hd.seg.segread, hd.sr.srread):
        name = "case_seg.dcm" if part is hd.seg.segread else "case_sr.dcm"
        assert part(tmp_path / "out" / name).StudyInstanceUID == film.StudyInstanceUID


def test_without_also_nothing_else_is_written(on_disk: Any, call: Call, tmp_path: Path) -> None:
    assert call("measure", on_disk.film, "--mask", on_disk.mask, "--out", tmp_path / "out").exit_code == 0
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".json", ".nrrd", ".png"}


@pytest.mark.parametrize("kind", ["dicom-seg", "dicom-sr"])
def test_dicom_of_a_film_that_is_none_is_one_clear_line_and_nothing_is_written(
    on_disk: Any, call: Call, tmp_path: Path, kind: str
) -> None:
    answer = call("measure", on_disk.film, "--mask", on_disk.mask, "--out", tmp_path / "out", "--also", kind)
    assert answer.exit_code == 1
    assert f"{on_disk.film}: DICOM results belong to the study of a DICOM film" in answer.stderr
    assert list((tmp_path / "out").iterdir()) == []


def test_a_film_on_which_nothing_was_found_gets_all_but_the_segmentation(
    dicom_film: Path, on_disk: Any, call: Call, tmp_path: Path
) -> None:
    empty = np.zeros_like(on_disk.simulated.class_mask)
    Image.fromarray(empty).save(tmp_path / "empty.png")
    answer = call("measure", dicom_film, "--mask", tmp_path / "empty.png", "--out", tmp_path / "out", *ALL)
    assert answer.exit_code == 0, answer.stderr
    assert "no dicom-seg: nothing was found" in answer.output
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"case.json", "case_labels.nrrd", "case.png", "case.pdf", "case.seg.nrrd", "case_sr.dcm"}


def test_the_table_has_a_row_a_film_over_several_runs(on_disk: Any, call: Call, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    for _ in range(2):
        answer = call("measure", on_disk.film, "--mask", on_disk.mask, "--out", tmp_path / "out", "--csv", table)
        assert answer.exit_code == 0, answer.stderr
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    result = json.loads((tmp_path / "out" / "case.json").read_text(encoding="utf-8"))
    assert [row["film"] for row in rows] == ["case", "case"]
    assert float(rows[0]["SS"]) == result["parameters"]["SS"]["value"]
    assert str(tmp_path) not in table.read_text(encoding="utf-8")


@pytest.mark.parametrize("option", ["--csv", "--earlier"])
def test_a_file_that_is_something_else_ends_the_run_before_a_film_is_measured(
    on_disk: Any, call: Call, tmp_path: Path, option: str
) -> None:
    (tmp_path / "notes.txt").write_text("Not what was asked for.\n", encoding="utf-8")
    arguments = ("--out", tmp_path / "out", "--also", "pdf", option, tmp_path / "notes.txt")
    answer = call("measure", on_disk.film, "--mask", on_disk.mask, *arguments)
    assert answer.exit_code == 1
    assert "notes.txt: is no" in answer.stderr
    assert not (tmp_path / "out").exists()


def test_an_earlier_result_goes_into_the_page(on_disk: Any, call: Call, tmp_path: Path) -> None:
    measured = ("measure", on_disk.film, "--mask", on_disk.mask)
    assert call(*measured, "--out", tmp_path / "first").exit_code == 0
    earlier = tmp_path / "first" / "case.json"
    plain = call(*measured, "--out", tmp_path / "plain", "--also", "pdf")
    compared = call(*measured, "--out", tmp_path / "compared", "--also", "pdf", "--earlier", earlier)
    assert plain.exit_code == compared.exit_code == 0
    assert (tmp_path / "plain" / "case.pdf").read_bytes() != (tmp_path / "compared" / "case.pdf").read_bytes()


def test_an_earlier_result_without_a_page_is_a_wrong_call(on_disk: Any, call: Call, tmp_path: Path) -> None:
    answer = call("measure", on_disk.film, "--earlier", tmp_path / "case.json")
    assert answer.exit_code == 2
    assert "--also pdf" in answer.stderr
