"""Simulated validation films are fixed and made once."""

from pathlib import Path

from sagittal.films import read_film, read_mask
from sagittal.learning.validation import simulated_validation_films


def test_the_films_are_the_same_ones_wherever_they_are_made(tmp_path: Path) -> None:
    here, there = (simulated_validation_films(tmp_path / name, 2) for name in ("here", "there"))
    for one, other in zip(here, there, strict=True):
        assert Path(one["image"]).read_bytes() == Path(other["image"]).read_bytes()
        assert Path(one["label"]).read_bytes() == Path(other["label"]).read_bytes()
        film = read_film(one["image"])
        assert read_mask(one["label"], film.shape).any()


def test_films_that_were_made_are_used_again(tmp_path: Path) -> None:
    first = simulated_validation_films(tmp_path, 1)
    written = Path(first[0]["image"]).stat().st_mtime_ns
    assert simulated_validation_films(tmp_path, 1) == first
    assert Path(first[0]["image"]).stat().st_mtime_ns == written
