"""`sagittal train` and `sagittal evaluate`: a network from a datalist, and its scores."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from sagittal.cli.train import time_left
from sagittal.training import load_training_config
from typer.testing import Result

Call = Callable[..., Result]


@pytest.fixture
def datalist(call: Call, tmp_path: Path) -> Path:
    assert call("simulate", tmp_path / "films", "--count", 3, "--seed", 11, "--validation", 0.34).exit_code == 0
    return tmp_path / "films" / "dataset.json"


@pytest.fixture
def short_config(tmp_path: Path) -> Path:
    """A real small training, ended after one step."""
    content = load_training_config("comparison").model_dump(mode="json")
    path = tmp_path / "short.yaml"
    path.write_text(yaml.safe_dump({**content, "input_size": 64, "batch_size": 2, "max_steps": 1}))
    return path


def test_what_is_trained_can_be_evaluated(call: Call, datalist: Path, short_config: Path, tmp_path: Path) -> None:
    answer = call("train", short_config, datalist, tmp_path / "run")
    assert answer.exit_code == 0, answer.output
    assert "epoch 1" in answer.stdout
    assert "0.0 min left" in answer.stdout
    checkpoint = tmp_path / "run" / "best.pt"
    assert str(checkpoint) in answer.stdout
    answer = call("evaluate", checkpoint, datalist)
    assert answer.exit_code == 0, answer.output
    assert 0 <= json.loads(answer.stdout)["mean_foreground_iou"] <= 1


def test_a_datalist_that_is_none_is_named(call: Call, short_config: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text("[]", encoding="utf-8")
    answer = call("train", short_config, wrong, tmp_path / "run")
    assert answer.exit_code == 1
    assert "wrong.json" in answer.stderr


def test_a_configuration_that_does_not_exist_is_named(call: Call, datalist: Path, tmp_path: Path) -> None:
    answer = call("train", "nonsense", datalist, tmp_path / "run")
    assert answer.exit_code == 1
    assert "nonsense.yaml" in answer.stderr


def test_a_split_without_films_is_named(call: Call, datalist: Path, tmp_path: Path) -> None:
    answer = call("evaluate", tmp_path / "no.pt", datalist, "--split", "test")
    assert answer.exit_code == 1
    assert "dataset.json: has no films under 'test'" in answer.stderr


def test_the_time_that_is_left_is_told_to_people() -> None:
    assert time_left(None) == "time left unknown"
    assert time_left(90) == "1.5 min left"
    assert time_left(7200) == "2.0 h left"
