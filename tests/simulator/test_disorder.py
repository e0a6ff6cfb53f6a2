"""What makes a film's bones and bowel disorderly changes the picture and never the truth."""

from __future__ import annotations

import numpy as np
import pytest
from sagittal.simulator import SimulatorConfig, load_simulator_config, simulate_film
from sagittal.simulator.film import FilmDraw
from sagittal.simulator.materials import draw_pose
from sagittal.simulator.projection import Projector
from sagittal.simulator.skeleton import thicket

CONFIG = load_simulator_config()
NONE = {"thicket": [0.0, 0.0], "contents": [0.0, 0.0], "unevenness": [0.0, 0.0]}


def with_tissue(**values: list[float]) -> SimulatorConfig:
    content = CONFIG.model_dump()
    content["tissue"] |= NONE | values
    return SimulatorConfig.model_validate(content)


@pytest.mark.parametrize("what", sorted(NONE))
def test_it_changes_the_picture_and_not_the_truth(what: str) -> None:
    plain = simulate_film(with_tissue(), 7, rows=256)
    disorderly = simulate_film(with_tissue(**{what: [1.0, 1.0]}), 7, rows=256)
    assert not np.array_equal(plain.film.pixels, disorderly.film.pixels)
    np.testing.assert_array_equal(plain.label_map, disorderly.label_map)
    assert plain.landmarks == disorderly.landmarks


def test_a_thicket_lies_over_the_pelvis_and_grows_with_its_amount() -> None:
    amounts = {0.3: 0.0, 1.5: 0.0}
    above, below = 0.0, 0.0
    for seed in range(4):
        draw = FilmDraw.of(CONFIG, np.random.default_rng(seed), 300, None)
        patient, frame = draw.patient, draw.framing.frame
        pose = draw_pose(patient, CONFIG.projection, np.random.default_rng(seed))
        for amount in amounts:
            bone = Projector.empty(frame, pose.beam)
            thicket(bone, patient, pose, amount, np.random.default_rng(seed))
            assert bone.length.min() >= 0
            amounts[amount] += float(bone.length.sum())
        l3 = next(body for body in patient.bodies if body.name == "L3")
        row = round(float(frame.to_pixels(l3.contour.mean(axis=0))[1]))
        above, below = above + float(bone.length[:row].sum()), below + float(bone.length[row:].sum())
    assert amounts[1.5] > 3 * amounts[0.3]
    assert below > 20 * above
