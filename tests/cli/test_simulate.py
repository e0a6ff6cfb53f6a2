"""`sagittal simulate` writes a datalist that anyone can make again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
from sagittal.simulator.frozen_films import frozen_films_digest
from typer.testing import Result

Call = Callable[..., Result]


def test_the_same_seed_gives_the_same_files(call: Call, tmp_path: Path) -> None:
    for name in ("first", "second"):
        answer = call("simulate", tmp_path / name, "--count", 2, "--seed", 7, "--validation", 0.5)
        assert answer.exit_code == 0, answer.output
    datalist = json.loads((tmp_path / "first" / "dataset.json").read_text(encoding="utf-8"))
    assert [len(datalist[split]) for split in ("training", "validation")] == [1, 1]
    files = [path.relative_to(tmp_path / "first") for path in (tmp_path / "first").rglob("*") if path.is_file()]
    assert len(files) >= 5
    assert all((tmp_path / "first" / f).read_bytes() == (tmp_path / "second" / f).read_bytes() for f in files)


def test_a_sheet_and_a_report_lie_beside_the_datalist(call: Call, tmp_path: Path) -> None:
    answer = call("simulate", tmp_path / "few", "--count", 2, "--rows", 160)
    assert answer.exit_code == 0, answer.output
    report = (tmp_path / "few" / "statistics.md").read_text(encoding="utf-8")
    assert "2 films" in report
    assert "contrast of S1" in report
    assert "Not for clinical use" in report
    assert cv2.imread(str(tmp_path / "few" / "contact_sheet.png")).std() > 10
    films = [cv2.imread(str(path)) for path in (tmp_path / "few" / "images").iterdir()]
    assert [film.shape[0] for film in films] == [160, 160]


def test_the_frozen_set_says_which_it_is(call: Call, tmp_path: Path) -> None:
    answer = call("simulate", tmp_path / "frozen", "--frozen", "--count", 1)
    assert answer.exit_code == 0, answer.output
    assert f"frozen set {frozen_films_digest()[:16]}" in answer.stdout


def test_a_wrong_configuration_is_named_with_its_key(call: Call, tmp_path: Path) -> None:
    config = tmp_path / "mine.yaml"
    config.write_text("anatomy: {}\ncontrast: 3\n", encoding="utf-8")
    answer = call("simulate", tmp_path / "out", "--count", 1, "--config", config)
    assert answer.exit_code == 1
    assert "mine.yaml" in answer.stderr
    assert "'contrast'" in answer.stderr
