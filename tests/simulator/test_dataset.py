"""A simulated dataset is a MONAI datalist whose files hold what the simulator made."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sagittal.simulator import load_simulator_config, simulate_film, write_dataset
from sagittal.simulator.dataset import configuration_digest

CONFIG = load_simulator_config()


def test_dataset_lists_films_masks_and_parameters(tmp_path: Path) -> None:
    datalist = write_dataset(CONFIG, tmp_path, count=5, seed=60, validation=0.4)
    content = json.loads(datalist.read_text())
    assert [len(content["training"]), len(content["validation"])] == [3, 2]
    assert content["simulator_digest"] == configuration_digest(CONFIG)
    for number, entry in enumerate(content["training"] + content["validation"]):
        truth = simulate_film(CONFIG, 60 + number)
        image = np.asarray(Image.open(tmp_path / entry["image"]))
        np.testing.assert_allclose(image / 255, truth.film.pixels, atol=0.5 / 255 + 1e-6)
        np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / entry["label"])), truth.class_mask)
        assert entry["parameters"]["SS"] == pytest.approx(truth.parameters["SS"].value)
        landmarks = json.loads((tmp_path / entry["landmarks"]).read_text())
        assert landmarks["anterior"] == truth.film.anterior


def test_two_workers_write_the_same_dataset_as_one(tmp_path: Path) -> None:
    one = write_dataset(CONFIG, tmp_path / "one", count=3, seed=5)
    two = write_dataset(CONFIG, tmp_path / "two", count=3, seed=5, workers=2)
    assert one.read_text() == two.read_text()


@pytest.mark.parametrize(("count", "validation"), [(0, 0.1), (3, 1.1), (3, -0.1)])
def test_wrong_sizes_are_refused(tmp_path: Path, count: int, validation: float) -> None:
    with pytest.raises(ValueError, match="count must be positive"):
        write_dataset(CONFIG, tmp_path, count=count, seed=0, validation=validation)
