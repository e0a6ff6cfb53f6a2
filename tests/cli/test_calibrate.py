"""`sagittal calibrate`: how far to trust a network, in its model file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sagittal.cli.calibrate import evenly
from sagittal.datasets.layout import Entry
from sagittal.inference import Predictor, shipped_model
from sagittal.networks import load_model
from sagittal.simulator import load_simulator_config, simulate_film, write_dataset
from typer.testing import Result

Call = Callable[..., Result]
LEAST = 20


@pytest.fixture
def datalist(tmp_path: Path) -> Path:
    """Four simulated films, each listed until there are enough, without landmarks or values."""
    folder = tmp_path / "films"
    path = write_dataset(load_simulator_config(), folder, 4, 21, validation=0, rows=512)
    content = json.loads(path.read_text(encoding="utf-8"))
    entries = [{key: entry[key] for key in ("image", "label")} for entry in content["training"]]
    path.write_text(json.dumps({"training": [], "validation": entries * (LEAST // 4)}), encoding="utf-8")
    return path


def test_a_networks_calibration_travels_in_its_model_file(call: Call, datalist: Path, tmp_path: Path) -> None:
    answer = call("calibrate", "bilunet", datalist, "--out", tmp_path / "own.pt")
    assert answer.exit_code == 0, answer.output
    assert f"{LEAST} films" in answer.stdout
    before, after = load_model(shipped_model("bilunet")), load_model(tmp_path / "own.pt")
    assert after.calibration is not None
    assert after.calibration["mask_head"] != (before.calibration or {}).get("mask_head")
    assert all((after.state[name] == weight).all() for name, weight in before.state.items())
    assert Predictor(tmp_path / "own.pt").definitions.calibration == dict(after.calibration)


def test_too_few_films_change_no_model(call: Call, datalist: Path, tmp_path: Path) -> None:
    model = tmp_path / "model.pt"
    model.write_bytes(shipped_model("bilunet").read_bytes())
    content = json.loads(datalist.read_text(encoding="utf-8"))
    datalist.write_text(json.dumps({**content, "validation": content["validation"][:2]}), encoding="utf-8")
    answer = call("calibrate", model, datalist)
    assert answer.exit_code == 1
    assert "needs at least 20 films, got 2" in answer.stderr
    assert call("calibrate", model, datalist, "--split", "test").exit_code == 1
    assert model.read_bytes() == shipped_model("bilunet").read_bytes()


def test_films_are_chosen_evenly() -> None:
    entries = [Entry(image=f"{k}.png", label="mask.png") for k in range(50)]
    assert [entry.image for entry in evenly(entries, 20)][:4] == ["0.png", "2.png", "5.png", "7.png"]
    assert evenly(entries, 60) == entries


def test_a_network_that_nobody_calibrated_is_told(call: Call, tmp_path: Path) -> None:
    import torch

    content = torch.load(shipped_model("bilunet"), weights_only=True)
    torch.save({**content, "calibration": None}, tmp_path / "unknown.pt")
    film = simulate_film(load_simulator_config(), 11, rows=512).film
    Image.fromarray(np.round(film.pixels * 255).astype(np.uint8)).save(tmp_path / "film.png")
    for model, told in ((tmp_path / "unknown.pt", True), ("bilunet", False)):
        assert call("measure", tmp_path / "film.png", "--model", model, "--out", tmp_path / "out").exit_code == 0
        warnings = json.loads((tmp_path / "out" / "film.json").read_text(encoding="utf-8"))["warnings"]
        assert any("sagittal calibrate" in warning for warning in warnings) is told
