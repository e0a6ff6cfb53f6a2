"""Labels submitted over HTTP start trainings by themselves, and the new weights answer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
import torch
import yaml
from PIL import Image
from sagittal.anatomy.definitions import default_definitions
from sagittal.films import read_film, write_label_map
from sagittal.learning import is_validation_film
from sagittal.networks.build import build_network
from sagittal.networks.model_file import ModelFile, save_model
from sagittal.simulator import SimulatedFilm, load_simulator_config, simulate_film

SIZE = 64
TRAINING = {
    "network": "bilunet_small",
    "epochs": 1,
    "batch_size": 1,
    "optimizer": "adam",
    "learning_rate": 1e-3,
    "input_size": SIZE,
    "activation": "softmax",
    "segmentation_loss": "dice_cross_entropy",
}


def write_blind_model(path: Path) -> None:
    """A tiny BiLuNet that calls every pixel background: its foreground IoU is 0, so no training makes it worse."""
    torch.manual_seed(0)
    config = {"_target_": "sagittal.networks.BiLuNet", "width": 2}
    state = dict(build_network(config).state_dict())
    state["output.weight"] = torch.zeros_like(state["output.weight"])
    state["output.bias"] = torch.tensor([5.0, 0, 0, 0, 0])
    save_model(ModelFile(config, state, SIZE, "softmax", tuple(default_definitions().classes)), path)


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, SimulatedFilm]]:
    """A folder of films to learn from, one of them held out for validation by its name, and their truth."""
    folder = tmp_path_factory.mktemp("studies")
    names = [f"sim-{number}" for number in range(40)]
    to_learn = [name for name in names if not is_validation_film(name)][:3]
    held_out = [name for name in names if is_validation_film(name)][:1]
    truth = {}
    for seed, name in enumerate([*held_out, *to_learn]):
        truth[name] = simulate_film(load_simulator_config(), seed, rows=256)
        Image.fromarray(np.round(truth[name].film.pixels * 255).astype(np.uint8)).save(folder / f"{name}.png")
    return folder, truth


@pytest.fixture(scope="module")
def server(
    films: tuple[Path, dict[str, SimulatedFilm]], tmp_path_factory: pytest.TempPathFactory, start_sagittal_server: Any
) -> Iterator[Any]:
    models = tmp_path_factory.mktemp("models")
    write_blind_model(models / "bilunet.pt")
    settings = models / "training.yaml"
    settings.write_text(yaml.safe_dump(TRAINING))
    options = {"models": models, "training": settings, "train_model": "bilunet", "train_after": 2}
    options |= {"minimum_validation": 1}
    with start_sagittal_server(films[0], {name: str(value) for name, value in options.items()}) as server:
        yield server


def test_the_loop_from_labels_to_new_live_weights(
    server: Any, films: tuple[Path, dict[str, SimulatedFilm]], tmp_path: Path
) -> None:
    folder, truth = films

    def submit(name: str, tag: str = "final") -> dict[str, Any]:
        label = tmp_path / f"{name}.nrrd"
        write_label_map(label, truth[name].label_map, read_film(folder / f"{name}.png"))
        with label.open("rb") as file:
            response = requests.put(
                f"{server.url}/datastore/label", params={"image": name, "tag": tag}, files={"label": file}, timeout=60
            )
        response.raise_for_status()
        return dict(response.json())

    first, second, third, fourth = truth
    shipped = answer(server, first)
    assert shipped["model"]["origin"] == "shipped"

    assert not submit(second, tag="draft")["training"], "a draft is no final label"
    reply = submit(first)
    assert (reply["pending"], reply["training"]) == (1, False)
    assert submit(first)["pending"] == 1, "the same label again is no new one"
    reply = submit(second)
    assert (reply["pending"], reply["training"]) == (0, True), "the second final label starts a training"

    datalist = folder / ".sagittal" / "training" / "bilunet" / "datalist.json"
    wait_for(datalist.is_file, server)
    assert submit(third)["pending"] == 1, "labels that come after it has read its films wait for the next"
    submit(fourth)

    history = folder / ".sagittal" / "models" / "history.jsonl"
    wait_for(lambda: history.is_file() and len(history.read_text().splitlines()) == 2, server)
    outcomes = [json.loads(line) for line in history.read_text().splitlines()]
    assert [outcome["live"] for outcome in outcomes] == [
        outcome["candidate_iou"] >= outcome["live_iou"] for outcome in outcomes
    ]
    assert outcomes[0]["live"], outcomes[0]["reason"]
    assert [outcome["training_films"] for outcome in outcomes] == [1, 3]
    assert [outcome["validation_films"] for outcome in outcomes] == [1, 1]

    after = answer(server, first)
    assert after["model"] == {"name": "bilunet", "version": outcomes[-1]["version"], "origin": "trained"}
    assert after["model"]["version"] != shipped["model"]["version"]
    kept = list(history.parent.glob("history/bilunet-*.pt")) + list(history.parent.glob("rejected/bilunet-*.pt"))
    assert len(kept) == 2

    wait_for(lambda: f"Last training of bilunet: {outcomes[-1]['reason']}" in server.log.read_text(), server)
    state = json.loads((folder / ".sagittal" / "submissions.json").read_text())
    assert (state["pending"], state["training"]) == ([], [])
    info = requests.get(f"{server.url}/info/", timeout=60).json()
    assert info["datastore"]["total"] == len(truth), "no file of the state counts as a film"
    assert info["train_stats"]["bilunet"]["reason"] == outcomes[-1]["reason"]


def answer(server: Any, film: str) -> dict[str, Any]:
    response = requests.post(f"{server.url}/infer/bilunet?output=json", params={"image": film}, timeout=120)
    response.raise_for_status()
    return dict(response.json())


def wait_for(condition: Callable[[], bool], server: Any, patience_s: float = 300) -> None:
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"nothing happened; the server's output ends with:\n{server.log.read_text()[-4000:]}")
        time.sleep(0.3)
