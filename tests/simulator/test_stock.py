"""Patients in stock give films that differ in all but the patient, with their exact truth."""

from __future__ import annotations

import numpy as np
import pytest
from sagittal.anatomy import measure_mask
from sagittal.simulator import SimulatorConfig, load_simulator_config
from sagittal.simulator.film import SimulatedFilm
from sagittal.simulator.stock import StockPatient, film_of, stock_patient

CONTENT = load_simulator_config().model_dump()
CONTENT["framing"] |= {"heads_missing_probability": 0.0, "heads_cut_probability": 0.0}
CONFIG = SimulatorConfig.model_validate(CONTENT)


@pytest.fixture(scope="module")
def stock() -> StockPatient:
    return stock_patient(CONFIG, np.random.default_rng(4))


@pytest.fixture(scope="module")
def films(stock: StockPatient) -> list[SimulatedFilm]:
    return [film_of(stock, CONFIG, np.random.default_rng(seed), rows=448) for seed in range(8)]


def test_films_of_a_patient_differ_in_framing_and_display(films: list[SimulatedFilm]) -> None:
    assert len({film.film.shape for film in films}) > 4
    assert {film.film.anterior for film in films} == {"left", "right"}
    assert {film.instrumented for film in films} == {True, False}
    assert np.ptp([film.film.pixels.mean() for film in films]) > 0.05
    for name, spread in (("PI", 0.01), ("LL", 0.01), ("L3", 0.01)):
        values = [value for film in films if (value := film.parameters[name].value) is not None]
        assert np.ptp(values) < spread, name
    assert np.ptp([film.parameters["SS"].value for film in films]) > 2, "the film is turned, SS with it"


def test_the_same_draws_give_the_same_film(stock: StockPatient, films: list[SimulatedFilm]) -> None:
    again = film_of(stock, CONFIG, np.random.default_rng(3), rows=448)
    np.testing.assert_array_equal(again.film.pixels, films[3].film.pixels)
    np.testing.assert_array_equal(again.label_map, films[3].label_map)


def test_masks_measure_what_is_true(films: list[SimulatedFilm]) -> None:
    for film in films[:3]:
        found = measure_mask(film.class_mask).parameters
        for name in ("SS", "PI", "LL"):
            truth = film.parameters[name].value
            assert truth is not None
            assert found[name].value == pytest.approx(truth, abs=3.0), name


def test_bone_is_where_the_truth_has_it(stock: StockPatient) -> None:
    plain = CONTENT | {"implants": CONTENT["implants"] | {"probability": 0.0}}
    plain["exposure"] |= {"local_equalisation_probability": 0.0, "compression_probability": 0.0, "noise": [0.0, 0.0]}
    config = SimulatorConfig.model_validate(plain)
    contrasts = []
    for seed in range(4):
        film = film_of(stock, config, np.random.default_rng(seed), rows=448)
        bodies = film.landmarks.bodies
        discs = [(bodies[a].inferior.midpoint, bodies[b].superior.midpoint) for a, b in (("L2", "L3"), ("L3", "L4"))]
        plates = [point for pair in discs for point in pair]
        middles = [np.mean(pair, axis=0) for pair in discs]
        on, between = ([film.film.pixels[round(y), round(x)] for x, y in points] for points in (plates, middles))
        contrasts.append(np.mean(on) - np.mean(between))
    assert np.mean(contrasts) > 0.03
    assert min(contrasts) > 0
