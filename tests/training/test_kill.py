"""A training that is killed at any moment goes on and ends as if nothing had been."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from drawn_films import small_config, write_drawn_dataset
from sagittal.networks import load_model
from sagittal.training import Progress, TrainingConfig, read_progress, train
from training_processes import start

MOVING = [{"_target_": "sagittal.training.augmentation.RandomFilmAffined", "rotate": 5.0, "scale": [0.9, 1.1]}]


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """As in the processes that are killed: with more threads sums are rounded otherwise."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def datalist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_drawn_dataset(tmp_path_factory.mktemp("drawn"), training=16, validation=2)


@pytest.fixture
def config(tmp_path: Path) -> TrainingConfig:
    """Four steps an epoch, with all that a run must remember: dropout, average, augmentation, schedule."""
    network = tmp_path / "network.yaml"
    network.write_text(
        "network: {_target_: sagittal.networks.BiLuNet, width: 2, dropout: 0.3, normalization: true}", encoding="utf-8"
    )
    return small_config(
        tmp_path, epochs=3, schedule="cosine", ema=0.9, augmentation=MOVING, checkpoint_minutes=1e-6, gradient_clip=1.0
    ).model_copy(update={"network": str(network)})


def test_killed_in_an_epoch_and_in_the_writing_of_a_checkpoint(
    datalist: Path, tmp_path: Path, config: TrainingConfig
) -> None:
    settings, killed = config.model_dump(mode="json"), tmp_path / "killed"
    for step, writing in ((6, ""), (-1, "last.pt")):
        process = start(settings, datalist, killed, step, writing)
        process.join(300)
        assert process.exitcode == -signal.SIGKILL
        told = read_progress(killed)
        assert told is not None
        assert told.stage == "running"
    assert [file.read_bytes() for file in killed.glob(".last.pt.*")] == [b"half of a checkpoint"]

    ended = train(config, datalist, killed)
    whole = train(config, datalist, tmp_path / "whole")

    assert not list(killed.glob(".*"))
    assert [without_time(entry) for entry in ended.history] == [without_time(entry) for entry in whole.history]
    one, other = (torch.load(tmp_path / run / "last.pt", weights_only=True) for run in ("whole", "killed"))
    for kind in ("network", "average"):
        assert all(torch.equal(tensor, other[kind][name]) for name, tensor in one[kind].items())
    best, same = (load_model(result.checkpoint) for result in (whole, ended))
    assert all(torch.equal(tensor, same.state[name]) for name, tensor in best.state.items())
    assert same.training["samples"] == best.training["samples"]


def without_time(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != "minutes"}


def test_in_the_middle_of_an_epoch_a_run_goes_on_at_the_next_batch(
    datalist: Path, tmp_path: Path, config: TrainingConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checkpoints within an epoch are what a long epoch goes on from."""
    monkeypatch.setattr("sagittal.training.progress.EVERY_S", 0.0)
    config = config.model_copy(update={"epochs": 1})
    whole = train(config, datalist, tmp_path / "whole")
    steps: list[int] = []

    def interrupt(progress: Progress) -> None:
        if progress.step == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(config, datalist, tmp_path / "parts", on_progress=interrupt)
    told = read_progress(tmp_path / "parts")
    assert told is not None
    assert (told.stage, told.step) == ("interrupted", 3)
    parts = train(config, datalist, tmp_path / "parts", on_progress=lambda progress: steps.append(progress.step))
    # The third step was not yet saved when it was told.
    assert steps[:3] == [2, 3, 4]
    assert [without_time(entry) for entry in parts.history] == [without_time(entry) for entry in whole.history]
