"""The frozen set of whole films stays what it is, and is hard."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from sagittal.simulator.film import SimulatedTruth, simulate_truth
from sagittal.simulator.frozen_films import (
    FILMS,
    FIRST_SEED,
    frozen_films_config,
    frozen_films_digest,
    frozen_whole_film,
    write_frozen_films,
)
from sagittal.training.films import read_datalist

# Whoever changes the set changes these, and measures anew all that was measured on it.
DIGEST = "dc0f5039bfbc284f12931efdfae008dd0a3afc27fc5cda20e640e199a63f553c"
TRUTHS = "fabf0778c52d544e56bf57a1a35de3e2f4130093abae9a065f7d01309d329c30"
# Mean and deviation of the grey values of the first films.
PICTURES = ((0.4606, 0.2995), (0.3684, 0.1996))


@pytest.fixture(scope="module")
def truths() -> list[SimulatedTruth]:
    """Every fifth film of the set, drawn coarsely."""
    return [simulate_truth(frozen_films_config(), FIRST_SEED + number, rows=96) for number in range(0, FILMS, 5)]


def test_the_set_is_the_one_that_was_frozen() -> None:
    assert frozen_films_digest() == DIGEST


def test_the_truth_of_its_films_is_what_it_was(truths: list[SimulatedTruth]) -> None:
    digest = hashlib.sha256()
    for truth in truths[:40]:
        digest.update(truth.label_map.tobytes())
        values = [truth.parameters[name].value for name in ("PI", "PT", "SS", "LL", "L4S1")]
        digest.update(repr([None if value is None else round(value, 3) for value in values]).encode())
    assert digest.hexdigest() == TRUTHS


@pytest.mark.parametrize("number", [0, 1])
def test_its_pictures_are_what_they_were(number: int) -> None:
    pixels = frozen_whole_film(number).film.pixels
    assert (float(pixels.mean()), float(pixels.std())) == pytest.approx(PICTURES[number], abs=0.004)


def test_the_set_is_hard(truths: list[SimulatedTruth]) -> None:
    assert np.mean([truth.instrumented for truth in truths]) >= 0.30
    assert np.mean([truth.heads_cut for truth in truths]) >= 0.30
    assert np.mean([truth.slipped for truth in truths]) >= 0.15
    assert np.mean([bool(truth.variants) for truth in truths]) >= 0.25
    anatomy = frozen_films_config().anatomy
    assert anatomy.plate_concavity[1] >= 0.06
    assert anatomy.corner_rounding[1] >= 0.12


def test_it_is_written_as_films_for_validation(tmp_path: Path) -> None:
    parts = read_datalist(write_frozen_films(tmp_path, count=1))
    assert [len(parts["training"]), len(parts["validation"])] == [0, 1]
    assert Path(parts["validation"][0]["image"]).stem == f"sim-{FIRST_SEED}"


@pytest.mark.parametrize("number", [-1, FILMS])
def test_it_has_no_other_films(number: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="films 0 to 999"):
        frozen_whole_film(number)
    with pytest.raises(ValueError, match="1000 films"):
        write_frozen_films(tmp_path, count=FILMS + 1)
