"""What makes a film's bones and bowel disorderly changes the picture and never the truth."""

from __future__ import annotations

import numpy as np
import pytest
from sagittal.simulator import SimulatorConfig, load_simulator_config, simulate_film
from sagittal.simulator.film import FilmDraw
from sagittal.simulator.instrumentation import project_implants
from sagittal.simulator.materials import draw_pose
from sagittal.simulator.patient import sample_patient
from sagittal.simulator.projection import Projector
from sagittal.simulator.projection.solid import Solid, Tube
from sagittal.simulator.skeleton import thicket
from sagittal.simulator.skeleton.degeneration import NARROW, worn_discs
from sagittal.simulator.skeleton.posterior import Posterior, posterior_elements
from sagittal.simulator.skeleton.shapes import VertebraFrame

CONFIG = load_simulator_config()
KINDS = ("thicket", "contents", "unevenness", "posterior_lines", "worn_discs", "layers")
NONE = {kind: [0.0, 0.0] for kind in KINDS}


def with_tissue(**values: list[float]) -> SimulatorConfig:
    content = CONFIG.model_dump()
    content["tissue"] |= NONE | values
    return SimulatorConfig.model_validate(content)


@pytest.mark.parametrize("what", KINDS)
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


def test_posterior_elements_lie_behind_the_body_and_no_two_levels_are_alike() -> None:
    patient = sample_patient(CONFIG.anatomy, np.random.default_rng(3))
    rng = np.random.default_rng(0)
    look = Posterior.drawn([6.0, 6.0], rng)
    widths = []
    for body in patient.bodies:
        solids = posterior_elements(body, patient.depth, 1.0, look, rng)
        frame = VertebraFrame(body, patient.depth)
        local = [frame.local(points_of(solid)) for solid in solids]
        # Pedicles reach into the body a little; nothing reaches its middle.
        assert min(points[:, 0].min() for points in local) > -0.4
        assert max(points[:, 0].max() for points in local) > 1.0
        widths.append(tuple(round(float(np.ptp(points[:, 0])), 3) for points in local[:4]))
    assert len(set(widths)) == len(widths)


def test_narrow_discs_are_worn_more_often_and_only_their_plates() -> None:
    counts = {True: 0, False: 0}
    discs = {True: 0, False: 0}
    for seed in range(30):
        patient = sample_patient(CONFIG.anatomy, np.random.default_rng(seed))
        plates = [patient.s1, *(p for b in patient.bodies for p in (b.corners.inferior, b.corners.superior))]
        pairs = [(np.array(a.midpoint), np.array(b.midpoint)) for a, b in zip(plates[::2], plates[1::2], strict=False)]
        middles = np.array([(a + b) / 2 for a, b in pairs])
        narrow = np.array([np.linalg.norm(a - b) < NARROW * patient.depth for a, b in pairs])
        worn = set()
        for solid in worn_discs(patient, 1.0, 1.0, np.random.default_rng(seed)):
            away = np.linalg.norm(middles - points_of(solid).mean(axis=0), axis=1)
            assert away.min() < 0.8 * patient.depth
            worn.add(int(away.argmin()))
        for disc, is_narrow in enumerate(narrow):
            discs[bool(is_narrow)] += 1
            counts[bool(is_narrow)] += disc in worn
    assert discs[True] > 20
    assert counts[True] / discs[True] > 2 * counts[False] / discs[False] > 0


def test_a_graft_adds_bone_around_discs_and_changes_no_truth() -> None:
    def with_graft(probability: float) -> SimulatorConfig:
        content = CONFIG.model_dump()
        content["implants"] |= {"probability": 1.0, "graft_probability": probability}
        return SimulatorConfig.model_validate(content)

    draw = FilmDraw.of(CONFIG, np.random.default_rng(5), 300, None)
    pose = draw_pose(draw.patient, CONFIG.projection, np.random.default_rng(5))
    bone, frame = [], draw.framing.frame
    for probability in (0.0, 1.0):
        metal, plastic = Projector.empty(frame, pose.beam), Projector.empty(frame, pose.beam)
        config = with_graft(probability).implants
        project_implants(metal, plastic, draw.patient, pose, config, np.random.default_rng(5))
        bone.append(plastic.length)
    grown = bone[1] - bone[0]
    assert grown.min() >= 0
    assert grown.max() > 0.5
    without, grafted = (simulate_film(with_graft(probability), 11, rows=256) for probability in (0.0, 1.0))
    assert not np.array_equal(without.film.pixels, grafted.film.pixels)
    np.testing.assert_array_equal(without.label_map, grafted.label_map)


def points_of(solid: Solid | Tube) -> np.ndarray:
    return solid.sections.reshape(-1, 2) if isinstance(solid, Solid) else solid.points
