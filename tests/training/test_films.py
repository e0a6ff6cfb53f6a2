"""Datalists are read with care, and films are drawn alike however they are loaded."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import torch
from drawn_films import write_drawn_dataset
from sagittal.anatomy.definitions import default_definitions
from sagittal.films import FilmError
from sagittal.training import DatalistError
from sagittal.training.films import Films, entry_values, read_datalist
from torch.utils.data import DataLoader

CPU = torch.device("cpu")
MOVING = [
    {"_target_": "sagittal.training.augmentation.RandomFilmAffined", "rotate": 10.0, "scale": [0.8, 1.2]},
    {"_target_": "monai.transforms.RandGaussianNoised", "keys": "image", "prob": 0.5, "std": 0.05},
]


@pytest.fixture(scope="module")
def datalist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_drawn_dataset(tmp_path_factory.mktemp("drawn"), training=4, validation=2)


def films(datalist: Path, **settings: object) -> Films:
    return Films(read_datalist(datalist)["training"], size=64, device=CPU, **settings)  # type: ignore[arg-type]


def test_a_film_is_letterboxed_with_its_label_and_values(datalist: Path) -> None:
    film = films(datalist)[0]
    assert film["image"].shape == film["label"].shape == (1, 64, 64)
    assert film["label"].unique().tolist() == [0, 1, 2, 3, 4]
    # 96 x 64 becomes 64 x 43: eleven columns at each side, less one, are padding.
    assert (film["label"][..., :10] == 0).all()
    assert (film["image"][..., :10] == 0).all()
    names = default_definitions().value_branch
    absent = [name for name, value in zip(names, film["values"].tolist(), strict=True) if math.isnan(value)]
    assert absent == ["LDI"]


def test_draws_depend_on_seed_epoch_and_film_alone(datalist: Path) -> None:
    def batch(workers: int, seed: int = 0, epoch: int = 0, cache_rate: float = 1.0) -> torch.Tensor:
        drawn = films(datalist, augmentation=MOVING, seed=seed, cache_rate=cache_rate)
        drawn.epoch = epoch
        images: torch.Tensor = next(iter(DataLoader(drawn, batch_size=4, num_workers=workers)))["image"]
        return images

    first = batch(0)
    assert torch.equal(first, batch(0))
    assert torch.equal(first, batch(2))
    assert torch.equal(first, batch(0, cache_rate=0.5))
    assert not torch.equal(first, batch(0, seed=1))
    assert not torch.equal(first, batch(0, epoch=1))


def test_values_come_in_the_order_of_the_branch() -> None:
    assert entry_values({"parameters": {"LL": 2.0, "PI": 1.0}})[:2] == [1.0, 2.0]
    assert all(math.isnan(value) for value in entry_values({"parameters": None}))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "cannot be read as a datalist"),
        ("[]", "expected a mapping with a list 'training'"),
        ('{"training": [{"label": "a.png"}]}', r"training\[0\].image: Field required"),
        (
            '{"training": [{"image": "a.png", "landmarks": "a.json"}]}',
            "none of its 1 films has a mask, only landmarks",
        ),
        ('{"training": [{"image": "a.png"}]}', r"training\[0\]: must have 'label' or 'landmarks'"),
    ],
)
def test_a_wrong_datalist_is_named(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DatalistError, match=rf"wrong\.json: {fault}"):
        read_datalist(path)


def test_a_missing_film_and_a_label_on_another_grid_are_named(datalist: Path, tmp_path: Path) -> None:
    entry = read_datalist(datalist)["training"][0]
    with pytest.raises(Exception, match=r"none\.png") as caught:
        Films([{**entry, "image": str(tmp_path / "none.png")}], size=64, device=CPU)
    assert isinstance(caught.value, FilmError)
    small = write_small_label(tmp_path)
    with pytest.raises(Exception, match=r"small\.png"):
        Films([{**entry, "label": str(small)}], size=64, device=CPU)


def write_small_label(folder: Path) -> Path:
    from PIL import Image

    Image.new("L", (8, 8)).save(folder / "small.png")
    return folder / "small.png"


def test_paths_are_relative_to_the_datalist(datalist: Path, tmp_path: Path) -> None:
    content = json.loads(datalist.read_text(encoding="utf-8"))
    assert not Path(content["training"][0]["image"]).is_absolute()
    assert Path(read_datalist(datalist)["training"][0]["image"]).is_file()


def test_films_without_a_mask_are_left_out_and_counted(
    datalist: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    content = json.loads(datalist.read_text(encoding="utf-8"))
    content["training"].append({"image": "marked.jpg", "landmarks": "marked.json", "subject": "marked"})
    mixed = datalist.with_name("mixed.json")
    mixed.write_text(json.dumps(content), encoding="utf-8")
    assert len(read_datalist(mixed)["training"]) == 4
    assert "1 of 7 films have landmarks but no mask" in caplog.text
