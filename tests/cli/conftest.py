"""Simulated films on disk, and a way to call the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sagittal.cli import app
from sagittal.simulator import SimulatedFilm, load_simulator_config, simulate_film
from typer.testing import CliRunner, Result


@dataclass(frozen=True)
class FilmOnDisk:
    """A simulated film, and the files of its pixels (8 bit) and its class mask."""

    simulated: SimulatedFilm
    film: Path
    mask: Path


@pytest.fixture(scope="session")
def simulated() -> SimulatedFilm:
    """The first film with both femoral heads on it."""
    films = (simulate_film(load_simulator_config(), seed, rows=640) for seed in range(50))
    return next(film for film in films if len(film.landmarks.femoral_heads) == 2)


@pytest.fixture
def on_disk(simulated: SimulatedFilm, tmp_path: Path) -> FilmOnDisk:
    folder = tmp_path / "films"
    folder.mkdir()
    pixels = np.round(simulated.film.pixels * 255).astype(np.uint8)
    Image.fromarray(pixels).save(folder / "case.png")
    Image.fromarray(simulated.class_mask).save(folder / "case_mask.png")
    return FilmOnDisk(simulated, folder / "case.png", folder / "case_mask.png")


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Call `sagittal` with arguments, in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])
