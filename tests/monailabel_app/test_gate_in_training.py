"""Weights that a training made worse are kept aside, and the live ones stay."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image
from sagittal.films import read_film, write_label_map
from sagittal.inference import shipped_model
from sagittal.learning import ModelStore, is_validation_film
from sagittal.simulator import load_simulator_config, simulate_film

sys.path.append(str(Path(__file__).parents[2] / "monailabel_app"))
from lib.datastore import FilmFolder
from lib.options import Options
from lib.train import LearnFromCorrections

RUINOUS = {
    "network": "bilunet_small",
    "epochs": 1,
    "batch_size": 1,
    "optimizer": "adam",
    "learning_rate": 0.5,
    "activation": "softmax",
    "segmentation_loss": "dice_cross_entropy",
}


@pytest.fixture
def studies(tmp_path: Path) -> FilmFolder:
    """A film to learn from and one held out, both labelled."""
    folder = tmp_path / "studies"
    folder.mkdir()
    names = [f"sim-{number}" for number in range(40)]
    chosen = [next(n for n in names if not is_validation_film(n)), next(n for n in names if is_validation_film(n))]
    for seed, name in enumerate(chosen):
        simulated = simulate_film(load_simulator_config(), seed, rows=384)
        Image.fromarray(np.round(simulated.film.pixels * 255).astype(np.uint8)).save(folder / f"{name}.png")
        write_label_map(tmp_path / f"{name}.nrrd", simulated.label_map, read_film(folder / f"{name}.png"))
    store = FilmFolder(str(folder), serving=True, auto_reload=False)
    for name in chosen:
        store.save_label(name, str(tmp_path / f"{name}.nrrd"), "final", {})
    return store


@pytest.mark.parametrize("name", ["spine", "bilunet"])
def test_a_training_that_makes_the_model_worse_changes_nothing(studies: FilmFolder, tmp_path: Path, name: str) -> None:
    shipped = shipped_model(name)
    if not shipped.is_file():
        pytest.skip("the shipped weights are not in this checkout")
    models = tmp_path / "models"
    models.mkdir()
    shutil.copyfile(shipped, models / f"{name}.pt")
    settings = tmp_path / "ruinous.yaml"
    settings.write_text(yaml.safe_dump(RUINOUS))
    state = tmp_path / "state"
    options = Options(models=models, training=str(settings), minimum_validation=1)
    store = ModelStore(state / "models", lambda name: models / f"{name}.pt")
    before = store.live(name)

    outcome = LearnFromCorrections(name, "", store, state, options)({"model": name}, studies)

    assert not outcome["live"]
    assert outcome["candidate_iou"] < outcome["live_iou"]
    assert "refused as worse" in outcome["reason"]
    assert f"{outcome['live_iou']:.4f}" in outcome["reason"]
    assert store.live(name) == before
    assert len(list((state / "models" / "rejected").glob(f"{name}-*.pt"))) == 1
    assert store.history(name)[-1]["reason"] == outcome["reason"]
