"""Streamed batches are those that a dataset on disk would give, and depend on nothing but the seed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.random import RandomState
from sagittal.anatomy.definitions import default_definitions
from sagittal.simulator import load_simulator_config, write_dataset
from sagittal.training import TrainingConfig, load_training_config, train
from sagittal.training.augmentation import Batch
from sagittal.training.films import Draw, Films, read_datalist
from sagittal.training.stream import LANES, FilmStream, StreamLoader, make_stream
from sagittal.training.team import Team

CONFIG = load_simulator_config()
CHANNELS = default_definitions().landmark_channels
SIZE = 96


def stream(**settings: object) -> FilmStream:
    return FilmStream(
        CONFIG,
        **{  # type: ignore[arg-type]
            "films": 11, "batch_size": 2, "size": SIZE, "patients": LANES, "films_per_patient": 4, **settings
        },
    )  # fmt: skip


@pytest.fixture(scope="module")
def epoch() -> list[Batch]:
    return list(StreamLoader(stream(landmark_channels=CHANNELS), workers=0).epoch(0))


def same(one: Batch, other: Batch) -> bool:
    return one.keys() == other.keys() and all(
        torch.equal(one[key].nan_to_num(), other[key].nan_to_num()) for key in one
    )


def test_batches_are_like_those_of_films_on_disk(epoch: list[Batch], tmp_path: Path) -> None:
    datalist = write_dataset(CONFIG, tmp_path, count=1, seed=3, validation=0)
    entries = read_datalist(datalist)["training"]
    on_disk = Films(entries, size=SIZE, device=torch.device("cpu"), landmark_channels=CHANNELS)[Draw(0, 0)]
    assert [len(batch["image"]) for batch in epoch] == [2, 2, 2, 2, 2, 1]
    for batch in epoch:
        assert batch.keys() == on_disk.keys()
        for key, tensor in on_disk.items():
            assert batch[key].shape[1:] == tensor.shape, key
            assert batch[key].dtype == tensor.dtype, key
        assert 0 <= batch["image"].min() < batch["image"].max() <= 1
        assert {1, 2} <= set(batch["label"].unique().tolist()) <= {0, 1, 2, 3, 4}
        assert (batch["heat"].amax(dim=(2, 3))[:, :6] > 100).all(), "corners and S1 are on every film"


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_give_the_same_batches_in_the_same_order(epoch: list[Batch], workers: int) -> None:
    loader = StreamLoader(stream(landmark_channels=CHANNELS), workers)
    found = list(loader.epoch(0))
    assert len(found) == len(epoch) == len(loader)
    assert all(same(one, other) for one, other in zip(found, epoch, strict=True))
    if workers == 2:
        # The same workers go on with another epoch.
        assert not same(next(loader.epoch(1)), epoch[0])


def test_an_epoch_can_be_entered_in_its_middle_without_what_came_before(epoch: list[Batch]) -> None:
    later = list(StreamLoader(stream(landmark_channels=CHANNELS), workers=0).epoch(0, first=4))
    assert len(later) == 2
    assert all(same(one, other) for one, other in zip(later, epoch[4:], strict=True))


def test_seeds_and_epochs_differ(epoch: list[Batch]) -> None:
    plain = stream().batch(0, 1)
    assert torch.equal(plain["image"], epoch[1]["image"])
    assert not torch.equal(plain["image"], stream(seed=1).batch(0, 1)["image"])
    assert not torch.equal(plain["image"], stream().batch(1, 1)["image"])


def test_patients_serve_as_many_films_as_they_should() -> None:
    source = stream(films=64, films_per_patient=8, size=64)
    made = []
    new_patient = source._new_patient

    def counted(lane: int, number: int) -> object:
        made.append((lane, number))
        return new_patient(lane, number)

    source._new_patient = counted  # type: ignore[method-assign, assignment]
    for number in range(len(source)):
        source.batch(0, number)
    assert len(made) == len(set(made))
    # 64 films, 8 of each patient.
    assert 6 <= len(made) <= 10


def shaded(batch: Batch, randoms: Sequence[RandomState]) -> Batch:
    shade = torch.tensor([random.uniform() for random in randoms])
    return {**batch, "image": batch["image"] * shade[:, None, None, None].float()}


@pytest.mark.parametrize("workers", [0, 2])
def test_a_device_augments_as_those_who_draw_would(workers: int) -> None:
    """Also in the middle of an epoch; the device is a CPU here, for want of another."""
    drawn = StreamLoader(stream(augment=shaded), workers=0).epoch(1, first=2)
    on_device = StreamLoader(stream(), workers, device=torch.device("cpu"), augment=shaded).epoch(1, first=2)
    assert [same(one, other) for one, other in zip(drawn, on_device, strict=True)] == [True] * 4


@pytest.mark.parametrize("kind", ["cpu", "cuda"])
def test_films_are_augmented_once_and_by_a_gpu_where_there_is_one(kind: str) -> None:
    loader = make_stream(load_training_config("spine_stream"), (), Team(torch.device(kind)))
    assert (loader.augment is not None) == (kind == "cuda")
    assert (loader.stream.augment is not None) == (kind == "cpu")


def test_an_augmentation_gets_a_random_state_a_film() -> None:
    plain, changed, again = stream().batch(0, 0), stream(augment=shaded).batch(0, 0), stream(augment=shaded).batch(0, 0)
    assert torch.equal(changed["image"], again["image"])
    ratios = changed["image"].amax(dim=(1, 2, 3)) / plain["image"].amax(dim=(1, 2, 3))
    assert ratios[0] != pytest.approx(ratios[1])


def test_a_process_of_several_draws_its_share() -> None:
    whole = stream().batch(0, 0)
    parts = [stream(share=lambda places, rank=rank: list(places)[rank::2]).batch(0, 0) for rank in (0, 1)]
    assert torch.equal(torch.cat([part["image"] for part in parts]), whole["image"])


@pytest.mark.parametrize("wrong", [{"films": 0}, {"batch_size": 0}, {"patients": LANES - 1}, {"films_per_patient": 0}])
def test_impossible_sizes_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="a stream needs"):
        stream(**wrong)


def test_truth_lies_on_the_film() -> None:
    batch = stream(size=192, landmark_channels=CHANNELS).batch(0, 0)
    heat = batch["heat"].numpy()
    for film in range(len(heat)):
        y, x = np.unravel_index(int(heat[film, CHANNELS.index("s1_anterior")].argmax()), (192, 192))
        around = batch["label"][film, 0, max(0, y - 3) : y + 4, max(0, x - 3) : x + 4]
        assert (around == 2).any()


def test_a_network_trains_on_a_stream_and_goes_on_after_an_interruption(tmp_path: Path) -> None:
    datalist = write_dataset(CONFIG, tmp_path / "films", count=1, seed=5, validation=0)
    content = json.loads(datalist.read_text())
    datalist.write_text(json.dumps({**content, "validation": content["training"], "training": []}))
    settings = load_training_config("spine_stream").model_dump()
    streaming = {"films": 4, "patients": LANES, "films_per_patient": 4}
    settings |= {"input_size": 64, "columns": 32, "batch_size": 2, "workers": 0, "epochs": 2, "streaming": streaming}
    config = TrainingConfig.model_validate(settings)
    whole = train(config, datalist, tmp_path / "whole")
    assert [entry["samples"] for entry in whole.history] == [4, 8]

    def stop(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(config, datalist, tmp_path / "broken", on_epoch=stop)
    again = train(config, datalist, tmp_path / "broken")
    assert again.history[-1]["loss"] == pytest.approx(whole.history[-1]["loss"], rel=1e-5)
