"""The window of a film is set from the histogram of the collimated anatomy, as a hospital's system does it."""

from __future__ import annotations

import numpy as np
import pytest
from sagittal.simulator.config import ExposureConfig, load_simulator_config
from sagittal.simulator.exposure import expose
from sagittal.simulator.framing import frame_patient
from sagittal.simulator.materials import Materials, render_materials
from sagittal.simulator.patient import sample_patient

CONFIG = load_simulator_config()
SEEDS = range(6)


def exposure(automatic: float) -> ExposureConfig:
    content = CONFIG.exposure.model_dump() | {"local_equalisation_probability": 0.0}
    content["automatic"] |= {"probability": automatic}
    return ExposureConfig.model_validate(content)


@pytest.fixture(scope="module")
def patients() -> list[tuple[Materials, float]]:
    found = []
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        patient = sample_patient(CONFIG.anatomy, rng)
        framing = frame_patient(patient, CONFIG.framing, rng, rows=200)
        found.append((render_materials(patient, framing, CONFIG, rng, instrumented=seed % 3 == 0), framing.frame.scale))
    return found


def greys(patients: list[tuple[Materials, float]], automatic: float) -> tuple[list[float], list[float]]:
    """Of several films of each patient: the anatomy's median grey, and how much of it is nearly black or white."""
    medians, ends = [], []
    for materials, scale in patients:
        anatomy = (materials.soft > 60) & (materials.metal < 1)
        for number in range(4):
            shown = expose(materials, scale, exposure(automatic), np.random.default_rng([7, number]))[anatomy]
            medians.append(float(np.median(shown)))
            ends.append(float(np.mean((shown < 0.06) | (shown > 0.94))))
    return medians, ends


def test_an_automatic_window_puts_the_anatomy_into_the_middle_greys(patients: list[tuple[Materials, float]]) -> None:
    medians, ends = greys(patients, 1.0)
    assert min(medians) > 0.3
    assert max(medians) < 0.85
    assert np.std(medians) > 0.04, "systems differ"
    assert np.mean(ends) < 0.05


def test_films_set_by_hand_are_more_often_too_bright_or_too_dark(patients: list[tuple[Materials, float]]) -> None:
    assert np.mean(greys(patients, 0.0)[1]) > 2 * np.mean(greys(patients, 1.0)[1])


def test_what_the_collimation_hides_does_not_set_the_window(patients: list[tuple[Materials, float]]) -> None:
    aware, unaware = [], []
    for materials, scale in patients:
        rows, columns = materials.soft.shape
        anatomy = (materials.soft > 60) & (materials.metal < 1)
        upper = anatomy & (np.arange(rows)[:, None] < rows // 2)
        # The same system twice: only what it looks at differs.
        whole, half = (
            expose(materials, scale, exposure(1.0), np.random.default_rng(3), visible=visible)
            for visible in (None, (0, 0, columns, rows // 2))
        )
        grey = float(np.median(whole[anatomy]))
        aware.append(abs(float(np.median(half[upper])) - grey))
        unaware.append(abs(float(np.median(whole[upper])) - grey))
    assert np.mean(aware) < 0.5 * np.mean(unaware)
