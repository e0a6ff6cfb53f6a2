"""`sagittal import` makes a dataset that `sagittal train` takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from foreign_sets import films, write_buu, write_labelme, write_seed_table
from sagittal.training import load_training_config
from typer.testing import Result

Call = Callable[..., Result]


def test_an_imported_set_is_trained_on(call: Call, tmp_path: Path) -> None:
    write_labelme(tmp_path / "source", films(count=6))
    answer = call("import", "labelme", tmp_path / "source", tmp_path / "ours", "--validation", 0.4)
    assert answer.exit_code == 0, answer.output
    dataset = json.loads((tmp_path / "ours" / "dataset.json").read_text(encoding="utf-8"))
    assert len(dataset["training"]) > 0 < len(dataset["validation"])
    content = load_training_config("comparison").model_dump(mode="json")
    short = {**content, "input_size": 64, "batch_size": 2, "max_steps": 1}
    (tmp_path / "short.yaml").write_text(yaml.safe_dump(short), encoding="utf-8")
    answer = call("train", tmp_path / "short.yaml", tmp_path / "ours" / "dataset.json", tmp_path / "run")
    assert answer.exit_code == 0, answer.output
    assert "epoch 1" in answer.stdout


def test_a_set_without_masks_is_refused_by_the_training(call: Call, tmp_path: Path) -> None:
    write_buu(tmp_path / "source", films(facing="left", count=2))
    assert call("import", "buu-lspine", tmp_path / "source", tmp_path / "ours").exit_code == 0
    answer = call("train", "bilunet_small", tmp_path / "ours" / "dataset.json", tmp_path / "run")
    assert answer.exit_code == 1
    assert "none of its 2 films has a mask, only landmarks" in answer.stderr


def test_what_was_left_out_is_printed_with_its_reason_and_the_table_is_compared(call: Call, tmp_path: Path) -> None:
    table = write_seed_table(tmp_path / "source", films(heads=2))
    (tmp_path / "source" / "masks" / "0001_o.png").unlink()
    answer = call("import", "seed-table", table, tmp_path / "ours")
    assert answer.exit_code == 0, answer.output
    assert "2 films" in answer.stdout
    assert "there is no file" in answer.stdout
    assert "largest" in answer.stdout
    assert "Not for clinical use." in answer.stdout
    report = json.loads((tmp_path / "ours" / "import_report.json").read_text(encoding="utf-8"))
    assert report["skipped"] == [
        {"file": "data_2020.csv, line 2", "reason": "there is no file 0001_o.png beside the table"}
    ]
    assert report["disagreement"]["SS"]["films"] == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["pacs", "source", "ours"], "'pacs' is no kind of set"),
        (["labelme", "none", "ours"], "none: does not exist"),
        (["labelme", "source", "source/ours"], "must lie outside the source"),
        (["yolo-pose", "source", "ours", "--labels", "a.yaml"], "a mapping of labels belongs to labelme"),
        (["labelme", "source", "ours", "--labels", "a.yaml"], "a.yaml: cannot be read"),
        (["labelme", "source", "ours", "--subject", "("], "is no regular expression"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(call: Call, tmp_path: Path, arguments: list[str], message: str) -> None:
    write_labelme(tmp_path / "source", films(count=1))
    answer = call("import", *arguments)
    assert answer.exit_code == 1
    assert message in answer.stderr
    assert not (tmp_path / "ours").exists()
