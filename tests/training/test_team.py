"""Several processes train one network, as torchrun starts them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml
from drawn_films import small_config, write_drawn_dataset
from sagittal.networks import load_model
from sagittal.training import TrainingConfig, train
from sagittal.training.team import Team
from training_processes import start


@pytest.fixture(scope="module")
def datalist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_drawn_dataset(tmp_path_factory.mktemp("drawn"), training=8, validation=2)


@pytest.fixture
def config(tmp_path: Path) -> TrainingConfig:
    """Without normalisation over a batch and with a mean over pixels, two halves of a batch teach what it teaches."""
    network = tmp_path / "network.yaml"
    network.write_text("network: {_target_: sagittal.networks.BiLuNet, width: 2, dropout: 0.0}", encoding="utf-8")
    changes = {"network": str(network), "segmentation_loss": "categorical_cross_entropy", "learning_rate": 1e-3}
    return small_config(tmp_path, epochs=2, patience=5).model_copy(update=changes)


def test_two_processes_end_where_one_does(datalist: Path, tmp_path: Path, config: TrainingConfig) -> None:
    """Nearly: the spatial path is normalised over each half."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    team = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    settings = config.model_dump(mode="json")
    processes = [
        start(settings, datalist, tmp_path / "two", RANK=str(rank), LOCAL_RANK=str(rank), **team) for rank in range(2)
    ]
    for process in processes:
        process.join(300)
    assert [process.exitcode for process in processes] == [0, 0]

    one = train(config, datalist, tmp_path / "one")
    both = torch.load(tmp_path / "two" / "last.pt", weights_only=True)
    assert [entry["samples"] for entry in both["history"]] == [8, 16] == [entry["samples"] for entry in one.history]
    for entry, alone in zip(both["history"], one.history, strict=True):
        assert entry["loss"] == pytest.approx(alone["loss"], rel=0.05)
    assert (tmp_path / "two" / "train.log").read_text(encoding="utf-8").count("IoU") == 2, "only the leader writes"
    assert "2 threads used" in load_model(tmp_path / "two" / "best.pt").training["machine"]


def test_a_team_of_one_agrees_with_itself() -> None:
    team = Team(torch.device("cpu"))
    assert (team.mean(0.5), team.agreed(0.25), team.share([1, 2, 3])) == (0.5, 0.25, [1, 2, 3])


@pytest.mark.soak
def test_torchrun_starts_the_command_line_twice(datalist: Path, tmp_path: Path, config: TrainingConfig) -> None:
    settings = tmp_path / "training.yaml"
    settings.write_text(yaml.safe_dump(config.model_dump(mode="json")), encoding="utf-8")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command += ["-m", "sagittal.cli", "train", str(settings), str(datalist), str(tmp_path / "run")]
    ended = subprocess.run(
        command, capture_output=True, text=True, timeout=600, env=os.environ | {"OMP_NUM_THREADS": "1"}, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count("epoch 2 ") == 1
    assert ended.stdout.count("best.pt") == 1
