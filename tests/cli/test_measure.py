"""`sagittal measure` keeps its contract with good films, bad films and both at once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nrrd
import numpy as np
import pytest
from PIL import Image
from sagittal.cli.measure import free_name
from typer.testing import Result

Call = Callable[..., Result]


def result_of(folder: Path, name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return content


def save_eight_bit(path: Path, pixels: np.ndarray) -> Path:
    Image.fromarray(np.round(pixels * 255).astype(np.uint8)).save(path)
    return path


def test_a_film_with_its_mask_is_measured_without_a_network(on_disk: Any, call: Call, tmp_path: Path) -> None:
    answer = call("measure", on_disk.film, "--mask", on_disk.mask, "--out", tmp_path / "out")
    assert answer.exit_code == 0, answer.output
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"case.json", "case_labels.nrrd", "case.png"}
    result = result_of(tmp_path / "out", "case")
    assert result["model"] == "mask"
    assert result["film"]["path"] == str(on_disk.film)
    assert result["film"]["anterior"] == on_disk.simulated.landmarks.anterior
    for name in ("PI", "PT", "SS", "LL"):
        assert result["parameters"][name]["value"] == pytest.approx(on_disk.simulated.parameters[name].value, abs=4), (
            name
        )


def test_the_table_says_what_the_json_says(on_disk: Any, call: Call, tmp_path: Path) -> None:
    answer = call("measure", on_disk.film, "--mask", on_disk.mask, "--out", tmp_path / "out")
    result = result_of(tmp_path / "out", "case")
    assert f"{result['parameters']['PI']['value']:.1f}°" in answer.stdout
    assert result["quality"]["verdict"] in answer.stdout
    assert "Not for clinical use" in answer.stdout


def test_results_go_to_a_folder_of_their_own_unless_told_otherwise(on_disk: Any, call: Call, tmp_path: Path) -> None:
    assert call("measure", on_disk.film, "--mask", on_disk.mask).exit_code == 0
    assert (tmp_path / "sagittal-results" / "case.json").is_file()


def test_a_label_map_of_its_own_is_taken_back_as_a_mask(on_disk: Any, call: Call, tmp_path: Path) -> None:
    call("measure", on_disk.film, "--mask", on_disk.mask, "--out", tmp_path / "first")
    labels = tmp_path / "first" / "case_labels.nrrd"
    answer = call("measure", on_disk.film, "--mask", labels, "--out", tmp_path / "second")
    assert answer.exit_code == 0, answer.output
    first, second = (result_of(tmp_path / folder, "case")["parameters"] for folder in ("first", "second"))
    for name in ("SS", "LL", "L4S1"):
        assert second[name]["value"] == pytest.approx(first[name]["value"], abs=1.5), name


def test_an_empty_mask_gives_a_result_with_reasons(on_disk: Any, call: Call, tmp_path: Path) -> None:
    empty = tmp_path / "empty.png"
    Image.fromarray(np.zeros(on_disk.simulated.film.shape, np.uint8)).save(empty)
    answer = call("measure", on_disk.film, "--mask", empty, "--out", tmp_path)
    assert answer.exit_code == 0, answer.output
    result = result_of(tmp_path, "case")
    assert result["quality"]["verdict"] == "not measurable"
    assert all(p["status"] == "absent" and p["reason"] for p in result["parameters"].values())
    assert not nrrd.read(str(tmp_path / "case_labels.nrrd"))[0].any()


def test_a_mask_of_another_size_is_refused_by_name(on_disk: Any, call: Call, tmp_path: Path) -> None:
    small = tmp_path / "small.png"
    Image.fromarray(np.zeros((10, 10), np.uint8)).save(small)
    answer = call("measure", on_disk.film, "--mask", small, "--out", tmp_path / "out")
    assert answer.exit_code == 1
    assert "small.png: has 10 rows x 10 columns" in answer.stderr
    assert not (tmp_path / "out").exists()


def test_a_mask_of_unknown_ids_is_refused_by_name(on_disk: Any, call: Call, tmp_path: Path) -> None:
    strange = tmp_path / "strange.png"
    Image.fromarray(np.full(on_disk.simulated.film.shape, 99, np.uint8)).save(strange)
    answer = call("measure", on_disk.film, "--mask", strange, "--out", tmp_path / "out")
    assert answer.exit_code == 1
    assert "strange.png" in answer.stderr
    assert "99" in answer.stderr


def test_a_mask_for_several_films_is_an_error(on_disk: Any, call: Call) -> None:
    answer = call("measure", on_disk.film, on_disk.film, "--mask", on_disk.mask)
    assert answer.exit_code == 2
    assert "a mask belongs to one film, got 2 films" in answer.stderr


def test_results_never_replace_the_film(on_disk: Any, call: Call) -> None:
    before = on_disk.film.read_bytes()
    answer = call("measure", on_disk.film, "--mask", on_disk.mask, "--out", on_disk.film.parent)
    assert answer.exit_code == 1
    assert "case.png is an input" in answer.stderr
    assert on_disk.film.read_bytes() == before


def test_a_16_bit_film_is_measured_like_its_8_bit_twin(on_disk: Any, call: Call, tmp_path: Path) -> None:
    deep = tmp_path / "deep.png"
    Image.fromarray(np.round(on_disk.simulated.film.pixels * 65535).astype(np.uint16)).save(deep)
    for film in (on_disk.film, deep):
        assert call("measure", film, "--out", tmp_path / "out").exit_code == 0
    eight, sixteen = (result_of(tmp_path / "out", name) for name in ("case", "deep"))
    assert sixteen["film"]["shape"] == eight["film"]["shape"]
    assert [p["status"] == "absent" for p in sixteen["parameters"].values()] == [
        p["status"] == "absent" for p in eight["parameters"].values()
    ]


def test_a_film_without_spacing_has_angles_all_the_same(on_disk: Any, call: Call, tmp_path: Path) -> None:
    assert call("measure", on_disk.film, "--mask", on_disk.mask, "--out", tmp_path).exit_code == 0
    result = result_of(tmp_path, "case")
    assert result["film"]["spacing_mm"] is None
    assert result["film"]["spacing_rule"] == "none"
    assert result["parameters"]["SS"]["value"] is not None


def test_a_black_film_is_an_error_or_has_reasons_but_no_values(call: Call, tmp_path: Path) -> None:
    black = save_eight_bit(tmp_path / "black.png", np.zeros((600, 400)))
    answer = call("measure", black, "--out", tmp_path / "out")
    if answer.exit_code == 0:
        result = result_of(tmp_path / "out", "black")
        assert result["quality"]["verdict"] == "not measurable"
        assert all(p["value"] is None and p["reason"] for p in result["parameters"].values())
    else:
        assert answer.exit_code == 1
        assert str(black) in answer.stderr


def test_a_colour_film_is_an_error_or_says_so(on_disk: Any, call: Call, tmp_path: Path) -> None:
    grey = np.round(on_disk.simulated.film.pixels * 255).astype(np.uint8)
    colour = np.stack([grey, grey // 2, 255 - grey], axis=-1)
    Image.fromarray(colour).save(tmp_path / "colour.png")
    answer = call("measure", tmp_path / "colour.png", "--mask", on_disk.mask, "--out", tmp_path / "out")
    said = answer.stderr if answer.exit_code else " ".join(result_of(tmp_path / "out", "colour")["warnings"])
    assert "colour" in said


def test_films_of_one_name_get_results_of_their_own(on_disk: Any, call: Call, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    save_eight_bit(other / "CASE.png", on_disk.simulated.film.pixels[::-1])
    assert call("measure", on_disk.film, other / "CASE.png", "--out", tmp_path / "out").exit_code == 0
    assert result_of(tmp_path / "out", "case")["film"]["path"] == str(on_disk.film)
    assert result_of(tmp_path / "out", "CASE_2")["film"]["path"] == str(other / "CASE.png")


def test_a_name_is_free_when_no_film_of_the_run_has_it() -> None:
    assert free_name("a", set()) == "a"
    assert free_name("a", {"a"}) == "a_2"
    assert free_name("A", {"a", "a_2"}) == "A_3"


def test_a_model_that_does_not_exist_is_one_clear_line(on_disk: Any, call: Call) -> None:
    answer = call("measure", on_disk.film, "--model", "unet")
    assert answer.exit_code == 1
    assert "no network 'unet' is shipped" in answer.stderr


def test_a_film_that_fails_does_not_stop_the_others(on_disk: Any, tmp_path: Path) -> None:
    text = tmp_path / "notes.png"
    text.write_text("This is not a film.\n", encoding="utf-8")
    cut = tmp_path / "cut.png"
    cut.write_bytes(on_disk.film.read_bytes()[:2000])
    out = tmp_path / "out"
    command = [sys.executable, "-m", "sagittal.cli", "measure", text, cut, on_disk.film, "--out", out]
    answer = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=120, check=False)
    assert answer.returncode == 1
    assert f"{text}: is named .png but is text" in answer.stderr
    assert f"{cut}: " in answer.stderr
    assert "2 of 3 films could not be measured" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert {p.name for p in out.iterdir()} == {"case.json", "case_labels.nrrd", "case.png"}
