"""Datalists are read with care, and films are drawn alike however they are loaded."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import torch
from drawn_films import small_config, write_drawn_dataset
from sagittal.anatomy.definitions import default_definitions
from sagittal.films import FilmError
from sagittal.networks import build_network, network_config
from sagittal.training import DatalistError
from sagittal.training.films import Draw, Films, entry_values, read_datalist
from sagittal.training.loader import BatchPlan, cache_device, make_loader
from sagittal.training.team import Team

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
    film = films(datalist)[Draw(0, 0)]
    assert film["image"].shape == film["label"].shape == (1, 64, 64)
    assert film["label"].unique().tolist() == [0, 1, 2, 3, 4]
    # 96 x 64 becomes 64 x 43: eleven columns at each side, less one, are padding.
    assert (film["label"][..., :10] == 0).all()
    assert (film["image"][..., :10] == 0).all()
    names = default_definitions().value_branch
    absent = [name for name, value in zip(names, film["values"].tolist(), strict=True) if math.isnan(value)]
    assert absent == ["LDI"]


def test_draws_depend_on_seed_epoch_and_film_alone(datalist: Path, tmp_path: Path) -> None:
    def batch(workers: int, seed: int = 0, epoch: int = 0, cache_rate: float = 1.0) -> torch.Tensor:
        config = small_config(tmp_path, augmentation=MOVING, seed=seed, cache_rate=cache_rate, workers=workers)
        entries = read_datalist(datalist)["training"]
        loader = make_loader(config, entries, build_network(network_config(config.network)), Team(CPU))
        (batch,) = loader.epoch(epoch)
        images: torch.Tensor = batch["image"]
        return images

    first = batch(0)
    assert torch.equal(first, batch(0))
    assert torch.equal(first, batch(2))
    assert torch.equal(first, batch(0, cache_rate=0.5))
    assert not torch.equal(first, batch(0, seed=1))
    assert not torch.equal(first, batch(0, epoch=1))


def test_an_epoch_shows_every_film_once_and_can_be_entered_in_its_middle() -> None:
    plan = BatchPlan(films=10, batch_size=4, seed=0, team=Team(CPU))
    plan.epoch = 3
    whole = list(plan)
    assert [len(batch) for batch in whole] == [4, 4, 2]
    assert sorted(draw.film for batch in whole for draw in batch) == list(range(10))
    assert {draw.epoch for batch in whole for draw in batch} == {3}
    plan.first = 1
    assert list(plan) == whole[1:]


def test_a_team_shares_every_batch_in_equal_parts() -> None:
    plans = [BatchPlan(films=10, batch_size=4, seed=0, team=Team(CPU, rank, 3)) for rank in range(3)]
    alone = list(BatchPlan(films=10, batch_size=4, seed=0, team=Team(CPU)))
    for parts, batch in zip(zip(*plans, strict=True), alone, strict=True):
        assert {len(part) for part in parts} == {-(-len(batch) // 3)}
        assert {draw for part in parts for draw in part} == set(batch)


def test_a_cpu_keeps_its_cache() -> None:
    assert cache_device(CPU, films=10**6, film_bytes=10**9) == CPU


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
