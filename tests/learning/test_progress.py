"""How far a training is, told by what it wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sagittal.learning import TrainingProgress


def test_before_the_first_training_there_is_nothing_to_tell(tmp_path: Path) -> None:
    assert TrainingProgress(tmp_path / "progress.json").now() == {}


def test_what_is_left_follows_from_the_mean_time_of_an_epoch(tmp_path: Path) -> None:
    path = tmp_path / "state" / "progress.json"
    progress = TrainingProgress(path)
    progress.begin("spine", 10)
    assert progress.now() == {"model": "spine", "epoch": 0, "epochs": 10, "eta_seconds": None}
    progress.note(4)
    began = json.loads(path.read_text())["began"]
    assert TrainingProgress(path).now(at=began + 60)["eta_seconds"] == pytest.approx(90)
    progress.note(10)
    assert progress.now()["eta_seconds"] == 0
