"""The engine learns, goes on after an interruption as if nothing had been, and says what is wrong."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from drawn_films import drawn_dataset, small_config, trained, write_drawn_dataset
from PIL import Image
from sagittal.configuration import ConfigurationError
from sagittal.films import read_film
from sagittal.inference import Predictor
from sagittal.networks import ModelError, load_model, network_config, save_model
from sagittal.networks.model_file import save_atomically
from sagittal.training import DatalistError, TrainingError, read_progress, train
from sagittal.training.engine import inherited_calibration
from sagittal.training.schedule import learning_rate

MOVING = [{"_target_": "sagittal.training.augmentation.RandomFilmAffined", "rotate": 5.0, "scale": [0.9, 1.1]}]


@pytest.fixture(scope="module")
def datalist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_drawn_dataset(tmp_path_factory.mktemp("drawn"), training=6, validation=2)


def test_a_few_drawn_films_are_learned() -> None:
    result = trained("BiLuNet")
    assert max(entry["mean_foreground_iou"] for entry in result.history) > 0.9
    assert result.history[-1]["loss"] < result.history[0]["loss"] / 5
    assert result.best_score == max(entry["selection_score"] for entry in result.history)


def test_the_values_of_drawn_films_are_learned() -> None:
    first, *_, last = trained("MBNet").history
    assert last["mae_PI"] < 0.75 * first["mae_PI"]
    assert last["mae_LDI"] is None


def test_the_model_file_tells_how_it_was_made() -> None:
    result = trained("MBNet")
    model = load_model(result.checkpoint)
    assert model.metrics["selection_score"] == result.best_score
    assert model.training["films"] == {"training": 24, "validation": 4}
    assert model.training["samples"] <= 20 * 24
    assert model.training["config"]["segmentation_loss"] == "dice_cross_entropy"
    card = (result.checkpoint.parent / "best.md").read_text(encoding="utf-8")
    samples = [model.training["samples"], model.training["initial"]["samples"]]
    assert model.training["hours"] > 0
    assert model.training["machine"] in card
    assert all(f"| {seen} |" in card for seen in samples), "the stage that it started from counts, too"
    assert "not for clinical use" in card.lower()
    assert model.input_size == 64
    assert model.value_names[0] == "PI"
    assert model.value_scale is not None
    assert model.value_scale["method"] == "standardise"


def test_the_log_names_no_film_and_no_folder() -> None:
    result = trained("MBNet")
    log = (result.checkpoint.parent / "train.log").read_text(encoding="utf-8")
    assert log.count("IoU") == len(result.history)
    assert read_progress(result.checkpoint.parent) is not None
    assert str(drawn_dataset().parent) not in log
    assert list((result.checkpoint.parent / "tensorboard").iterdir())


def stop_after(epochs: int) -> Any:
    def on_epoch(entry: Mapping[str, Any]) -> None:
        if entry["epoch"] == epochs:
            raise KeyboardInterrupt

    return on_epoch


def test_consistent_values_train_and_are_saved_in_degrees(datalist: Path, tmp_path: Path) -> None:
    network = tmp_path / "consistent.yaml"
    network.write_text("network: {_target_: sagittal.networks.MBNet, width: 2, value_form: consistent}")
    config = small_config(tmp_path, epochs=2, alpha=0.1).model_copy(update={"network": str(network)})
    result = train(config, datalist, tmp_path / "run")
    model = load_model(result.checkpoint)
    assert model.value_scale is not None
    assert model.value_scale["method"] == "degrees"
    assert result.history[1]["loss"] < result.history[0]["loss"]
    image = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64), np.uint8))
    image.save(tmp_path / "film.png")
    values = Predictor(result.checkpoint).predict(read_film(tmp_path / "film.png")).values
    assert values is not None
    assert values["PI"] == pytest.approx(values["PT"] + values["SS"], abs=1e-4)
    assert values["PI-LL"] == pytest.approx(values["PI"] - values["LL"], abs=1e-4)


def test_an_interrupted_run_ends_where_the_uninterrupted_one_does(datalist: Path, tmp_path: Path) -> None:
    config = small_config(tmp_path, "MBNet", epochs=4, schedule="cosine", ema=0.9, augmentation=MOVING, alpha=0.5)
    whole = train(config, datalist, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train(config, datalist, tmp_path / "parts", on_epoch=stop_after(2))
    seen: list[int] = []
    parts = train(config, datalist, tmp_path / "parts", on_epoch=lambda entry: seen.append(entry["epoch"]))
    assert seen == [3, 4]
    assert [without_time(entry) for entry in parts.history] == [without_time(entry) for entry in whole.history]
    one, other = (torch.load(tmp_path / run / "last.pt", weights_only=True) for run in ("whole", "parts"))
    for kind in ("network", "average"):
        assert all(torch.equal(tensor, other[kind][name]) for name, tensor in one[kind].items())


def without_time(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != "minutes"}


def test_a_finished_run_is_not_run_again_but_can_be_prolonged(datalist: Path, tmp_path: Path) -> None:
    config = small_config(tmp_path, epochs=1)
    first = train(config, datalist, tmp_path / "run")
    seen: list[int] = []
    again = train(config, datalist, tmp_path / "run", on_epoch=lambda entry: seen.append(entry["epoch"]))
    assert (seen, again.best_score) == ([], first.best_score)
    as_an_earlier_version_wrote_it(tmp_path / "run" / "last.pt")
    longer = config.model_copy(update={"epochs": 2})
    train(longer, datalist, tmp_path / "run", on_epoch=lambda entry: seen.append(entry["epoch"]))
    assert seen == [2]
    with pytest.raises(TrainingError, match=r"last\.pt: belongs to a run with other settings \(seed\)"):
        train(config.model_copy(update={"seed": 1}), datalist, tmp_path / "run")
    (tmp_path / "run" / "last.pt").write_bytes(b"garbage")
    with pytest.raises(TrainingError, match=r"last\.pt: cannot be resumed"):
        train(config, datalist, tmp_path / "run")


def as_an_earlier_version_wrote_it(path: Path) -> None:
    """Without the settings, counters and scores that came later."""
    content = torch.load(path, weights_only=True)
    for name in ("patience", "compile", "measured_films", "checkpoint_minutes"):
        del content["config"][name]
    for name in ("batches", "loss_sum"):
        del content[name]
    for entry in content["history"]:
        del entry["selection_score"]
    torch.save({**content, "best_metric": 0.5}, path)


def test_patience_ends_a_run_that_gets_no_better(datalist: Path, tmp_path: Path) -> None:
    still = small_config(tmp_path, epochs=30, learning_rate=1e-12, patience=2)
    scores = [entry["selection_score"] for entry in train(still, datalist, tmp_path / "run").history]
    assert len(scores) < 30
    assert scores.index(max(scores)) == len(scores) - 3


def test_a_run_keeps_to_its_steps_and_its_minutes(datalist: Path, tmp_path: Path) -> None:
    steps = train(small_config(tmp_path, epochs=50, max_steps=3), datalist, tmp_path / "steps")
    assert steps.history[-1]["step"] == 3
    started = time.monotonic()
    minutes = train(small_config(tmp_path, epochs=100_000, max_minutes=0.03), datalist, tmp_path / "minutes")
    assert minutes.history[-1]["minutes"] >= 0.03
    assert time.monotonic() - started < 60


def test_the_rate_warms_up_and_falls_to_nearly_nothing(tmp_path: Path) -> None:
    config = small_config(tmp_path, schedule="cosine", warm_up=0.1, learning_rate=1.0)
    rates = [learning_rate(config, progress) for progress in (0.0, 0.05, 0.1, 0.55, 1.0)]
    assert rates == pytest.approx([0.01, 0.5, 1.0, 0.5, 0.001])
    assert learning_rate(small_config(tmp_path, learning_rate=1.0), 0.9) == 1.0


def test_mbnet_starts_from_bilunet_and_keeps_the_scale_of_a_trained_mbnet(datalist: Path, tmp_path: Path) -> None:
    bilunet = trained("BiLuNet")
    frozen = small_config(tmp_path, "MBNet", epochs=1, learning_rate=1e-9)
    warm = train(frozen, datalist, tmp_path / "warm", init=bilunet.checkpoint)
    cold = train(frozen, datalist, tmp_path / "cold")
    assert warm.history[0]["loss"] < cold.history[0]["loss"]
    name = "encoder.5.0.0.weight"
    taken, given = load_model(warm.checkpoint).state["backbone." + name], load_model(bilunet.checkpoint).state[name]
    assert torch.allclose(taken.float(), given.float(), atol=1e-3)
    mbnet = trained("MBNet")
    again = train(frozen, datalist, tmp_path / "again", init=mbnet.checkpoint)
    assert load_model(again.checkpoint).value_scale == load_model(mbnet.checkpoint).value_scale


def test_the_same_network_trained_on_keeps_its_calibration_and_another_one_has_none(
    datalist: Path, tmp_path: Path
) -> None:
    known = replace(load_model(trained("BiLuNet").checkpoint), calibration={"temperature": 1.5})
    save_model(known, tmp_path / "known.pt")
    again = train(small_config(tmp_path, epochs=1, max_steps=1), datalist, tmp_path / "run", init=tmp_path / "known.pt")
    assert load_model(again.checkpoint).calibration == {"temperature": 1.5}
    assert inherited_calibration(known, load_model(trained("MBNet").checkpoint).network) is None
    assert inherited_calibration(None, known.network) is None


@pytest.mark.parametrize(
    ("loss", "activation", "scaling", "value_activation"),
    [
        ("binary_cross_entropy", "sigmoid", "standardise", "linear"),
        ("categorical_cross_entropy", "softmax", "min_max", "sigmoid"),
    ],
)
def test_the_published_variants_train(
    datalist: Path, tmp_path: Path, loss: str, activation: str, scaling: str, value_activation: str
) -> None:
    network = tmp_path / "mbnet.yaml"
    network.write_text(
        "network: {_target_: sagittal.networks.MBNet, width: 2, "
        f"value_channels: 128, value_activation: {value_activation}}}"
    )
    config = small_config(tmp_path, "MBNet").model_copy(
        update={
            "network": str(network),
            "segmentation_loss": loss,
            "activation": activation,
            "value_scaling": scaling,
            "learning_rate": 1e-3,
            "optimizer": "adam",
            "epochs": 3,
        }
    )
    history = train(config, datalist, tmp_path / "run").history
    assert history[-1]["loss"] < history[0]["loss"]


def test_a_sigmoid_branch_needs_min_max(datalist: Path, tmp_path: Path) -> None:
    network = tmp_path / "mbnet.yaml"
    network.write_text("network: {_target_: sagittal.networks.MBNet, width: 2, value_activation: sigmoid}")
    config = small_config(tmp_path).model_copy(update={"network": str(network)})
    with pytest.raises(ConfigurationError, match="key 'value_scaling'"):
        train(config, datalist, tmp_path / "run")


def test_what_cannot_be_trained_is_said(datalist: Path, tmp_path: Path) -> None:
    config = small_config(tmp_path)
    content = json.loads(datalist.read_text(encoding="utf-8"))
    lonely = datalist.parent / "lonely.json"
    lonely.write_text(json.dumps({**content, "validation": []}), encoding="utf-8")
    with pytest.raises(DatalistError, match=r"lonely\.json: has no films under 'validation'"):
        train(config, lonely, tmp_path / "run")
    with pytest.raises(ModelError, match=r"none\.pt: no such model file"):
        train(config, datalist, tmp_path / "run", init=tmp_path / "none.pt")
    wide = tmp_path / "wide.yaml"
    wide.write_text("network: {_target_: sagittal.networks.BiLuNet, width: 6}")
    with pytest.raises(TrainingError, match="no weight of the initial model fits"):
        train(
            config.model_copy(update={"network": str(wide)}),
            datalist,
            tmp_path / "run",
            init=trained("BiLuNet").checkpoint,
        )
    assert network_config(config.network)["width"] == 8


def test_a_write_that_fails_leaves_the_former_file(tmp_path: Path) -> None:
    path = tmp_path / "last.pt"
    save_atomically({"epoch": 1}, path)
    with pytest.raises(Exception, match="pickle"):
        save_atomically({"epoch": lambda: 2}, path)
    assert torch.load(path, weights_only=True) == {"epoch": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["last.pt"]
