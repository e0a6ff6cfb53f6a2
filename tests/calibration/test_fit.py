"""Constants are found again where it is known by how much a network errs."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from sagittal.anatomy import Body
from sagittal.anatomy.definitions import default_definitions
from sagittal.calibration import CalibrationError, SeenFilm, Truth, fit_calibration, measure_seen
from sagittal.calibration.likelihood import fit_scales
from sagittal.calibration.peaks import fit_peaks
from sagittal.inference.landmark_peaks import LandmarkPeak, grid_deviation
from sagittal.simulator import SimulatedFilm, load_simulator_config, simulate_film

PIXEL = 1.7  # film pixels a pixel of the network's grid
DEVIATION, POWER = 0.3, 1.5
CONSTANTS = default_definitions().calibration


def peak(kind: str, point: tuple[float, float], rng: np.random.Generator) -> LandmarkPeak:
    """A peak of some height, off by as much as DEVIATION and POWER say, that claims what the constants say."""
    height = rng.uniform(0.3, 0.9)
    x, y = point + rng.normal(size=2) * PIXEL * DEVIATION * height**-POWER
    claimed = (PIXEL * grid_deviation(kind, height, CONSTANTS)) ** 2
    return LandmarkPeak(kind, float(x), float(y), height, ((claimed, 0.0), (0.0, claimed)))


def seen(simulated: SimulatedFilm, seed: int, heat_maps: bool) -> SeenFilm:
    """The true mask, and class scores that are as sure as they are often right."""
    rng = np.random.default_rng(seed)
    truth = Truth(simulated.class_mask, simulated.landmarks, {n: p.value for n, p in simulated.parameters.items()})
    named = [(c.name, getattr(b, c.name)) for b in truth.landmarks.bodies.values() for c in fields(Body)]
    peaks = tuple(peak(kind, point, rng) for kind, point in named) if heat_maps else ()
    scores = np.tile(np.array([0.8, 0.05, 0.05, 0.05, 0.05], np.float32), (400, 1))
    classes = rng.choice(5, size=400, p=scores[0] / scores[0].sum())
    return SeenFilm(truth.class_mask, peaks, CONSTANTS, (scores, classes), None, truth)


@pytest.fixture(scope="module")
def simulated() -> list[SimulatedFilm]:
    return [simulate_film(load_simulator_config(), seed, rows=512) for seed in range(40, 43)]


def test_peaks_are_as_far_off_as_they_were_made(simulated: list[SimulatedFilm]) -> None:
    found = fit_peaks([seen(film, k, heat_maps=True) for k, film in enumerate(7 * simulated)])
    assert found["corner_deviation"] == pytest.approx(DEVIATION, rel=0.15)
    assert found["corner_power"] == pytest.approx(POWER, abs=0.25)
    assert "s1_deviation" not in found
    assert "head_deviation" not in found


def test_scales_and_their_power_are_found_again() -> None:
    rng = np.random.default_rng(3)
    heights = rng.uniform(0.2, 1.0, 4000)
    errors = rng.standard_t(4.0, (4000, 2)) * [0.02, 0.05] * heights[:, None] ** -1.3
    scales, power = fit_scales(errors, heights)
    assert scales == pytest.approx([0.02, 0.05], rel=0.08)
    assert power == pytest.approx(1.3, abs=0.1)


def test_one_height_tells_no_power() -> None:
    errors = np.random.default_rng(4).standard_t(4.0, (4000, 1)) * 0.1
    scales, power = fit_scales(errors, np.full(4000, 0.5))
    assert power == 1.0
    assert scales[0] / 0.5 == pytest.approx(0.1, rel=0.08)


def test_a_network_without_heat_maps_is_calibrated_by_its_masks(simulated: list[SimulatedFilm]) -> None:
    films = [seen(film, k, heat_maps=False) for k, film in enumerate(7 * simulated)]
    found = fit_calibration(films, default_definitions())
    assert {name for name in found.unfitted if "gain" not in name} == {
        f"{group}_{what}" for group in ("corner", "s1", "head") for what in ("deviation", "power")
    }
    assert all(found.constants[name] == pytest.approx(CONSTANTS[name], rel=1e-3) for name in found.unfitted)
    assert found.constants["temperature"] == pytest.approx(1.0, abs=0.1)
    # True masks err by the stairs of their grid alone, and their intervals are the narrower and hold the truth.
    exact = replace(default_definitions(), calibration=found.constants)
    held, widths = [], []
    for film in films[:3]:
        parameters, guessed = (measure_seen(film, d).parameters for d in (exact, default_definitions()))
        for name, true in film.truth.values.items():
            if true is not None and (interval := parameters[name].interval_90) is not None:
                held.append(interval[0] <= true <= interval[1])
                wide = guessed[name].interval_90
                assert wide is not None
                widths.append((interval[1] - interval[0]) / (wide[1] - wide[0]))
    assert np.mean(held) > 0.75
    assert np.median(widths) < 0.5


def test_few_films_calibrate_nothing(simulated: list[SimulatedFilm]) -> None:
    with pytest.raises(CalibrationError, match="needs at least 20 films, got 3"):
        fit_calibration([seen(film, 0, heat_maps=True) for film in simulated], default_definitions())
