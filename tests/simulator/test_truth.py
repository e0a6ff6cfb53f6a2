"""The mask's rule and the landmarks' rule agree: the anatomy measures on a mask what the simulator stored."""

from __future__ import annotations

import numpy as np
import pytest
from sagittal.anatomy import measure_mask
from sagittal.simulator import load_simulator_config, simulate_film

CONFIG = load_simulator_config()


@pytest.mark.parametrize("seed", range(700, 712))
def test_the_anatomy_measures_on_the_exact_mask_what_is_true(seed: int) -> None:
    simulated = simulate_film(CONFIG, seed, rows=900)
    measured = measure_mask(simulated.class_mask)
    assert measured.landmarks.anterior == simulated.landmarks.anterior
    for name, truth in simulated.parameters.items():
        found = measured.parameters[name].value
        if truth.value is None:
            assert found is None, name
        elif name != "LDI":  # a ratio: it may be far off where LL is small
            assert found == pytest.approx(truth.value, abs=3.0), name


@pytest.mark.parametrize("seed", range(700, 706))
def test_the_anatomy_names_the_bodies_as_the_label_map_does(seed: int) -> None:
    simulated = simulate_film(CONFIG, seed, rows=600)
    found = measure_mask(simulated.class_mask).label_map
    both = (found > 0) & (simulated.label_map > 0)
    assert both.sum() > 0.9 * (simulated.label_map > 0).sum()
    assert np.mean(found[both] == simulated.label_map[both]) > 0.99
