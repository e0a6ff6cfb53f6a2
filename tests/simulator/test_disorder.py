"""What makes a film's bones and bowel disorderly changes the picture and never the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sagittal.anatomy import EndPlate
from sagittal.simulator import SimulatorConfig, load_simulator_config, simulate_film
from sagittal.simulator.film import FilmDraw
from sagittal.simulator.instrumentation import project_implants
from sagittal.simulator.materials import draw_pose
from sagittal.simulator.patient import sample_patient
from sagittal.simulator.projection import Projector
from sagittal.simulator.projection.solid import Solid, Tube
from sagittal.simulator.skeleton import flat_pose, thicket
from sagittal.simulator.skeleton.degeneration import NARROW, disc_height, worn_discs
from sagittal.simulator.skeleton.posterior import Posterior, posterior_elements
from sagittal.simulator.skeleton.shapes import VertebraFrame

CONFIG = load_simulator_config()
# None of it, and plenty.
KINDS: dict[str, tuple[Any, Any]] = {
    "thicket": ([0.0, 0.0], [1.0, 1.0]),
    "contents": ([0.0, 0.0], [1.0, 1.0]),
    "unevenness": ([0.0, 0.0], [1.0, 1.0]),
    "soft_posterior": (False, True),
    "posterior_lines": ([0.0, 0.0], [8.0, 8.0]),
    "worn_discs": ([0.0, 0.0], [1.0, 1.0]),
    "layers": ([0.0, 0.0], [1.0, 1.0]),
    "shell": ([0.9, 0.9], [0.1, 0.1]),
    "skin_behind": ([1.0, 1.0], [2.0, 2.0]),
    "skin_reach": ([3.0, 3.0], [0.7, 0.7]),
}


def with_tissue(**values: Any) -> SimulatorConfig:
    content = CONFIG.model_dump()
    content["tissue"] |= {kind: none for kind, (none, _) in KINDS.items()} | values
    return SimulatorConfig.model_validate(content)


@pytest.mark.parametrize("what", KINDS)
def test_it_changes_the_picture_and_not_the_truth(what: str) -> None:
    # Lines need posterior elements that have lines.
    beside = {"soft_posterior": True} if what == "posterior_lines" else {}
    plain = simulate_film(with_tissue(**beside), 7, rows=256)
    disorderly = simulate_film(with_tissue(**beside, **{what: KINDS[what][1]}), 7, rows=256)
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
    fills = []
    for body in patient.bodies:
        solids = posterior_elements(body, patient.depth, 1.0, look, rng)
        frame = VertebraFrame(body, patient.depth)
        local = [frame.local(points_of(solid)) for solid in solids]
        # Pedicles reach into the body a little; nothing reaches its middle.
        assert min(points[:, 0].min() for points in local) > -0.4
        assert max(points[:, 0].max() for points in local) > 1.0
        fills.append([solid.trabecular for solid in solids if isinstance(solid, Solid)][:4])
    assert np.std(fills, axis=0).min() > 0.1 * np.mean(fills)


def test_more_lines_cross_posterior_elements_where_more_are_asked_for() -> None:
    def lines(asked: float) -> int:
        look = Posterior.drawn([asked, asked], np.random.default_rng(1))
        body = sample_patient(CONFIG.anatomy, np.random.default_rng(3)).bodies[2]
        solids = posterior_elements(body, 38.0, 1.0, look, np.random.default_rng(2))
        return sum(isinstance(solid, Tube) for solid in solids)

    assert lines(20.0) > lines(0.0) + 10


def test_narrow_lumbar_discs_are_worn_more_often_along_their_own_plates() -> None:
    counts, discs = {True: 0, False: 0}, {True: 0, False: 0}
    for seed in range(40):
        patient = sample_patient(CONFIG.anatomy, np.random.default_rng(seed))
        pose = flat_pose(patient, np.zeros(2))
        pairs = patient.discs
        worn = set()
        for solid in worn_discs(patient, pose, 1.0, 1.0, np.random.default_rng(seed)):
            # Where its middle section lies: farther out it follows its body's turn.
            middle = solid.sections[len(solid.sections) // 2].mean(axis=0)
            away = [min(distance_to(plate, middle) for plate in pair) for pair in pairs]
            assert min(away) < 0.35 * patient.depth
            worn.add(int(np.argmin(away)))
        for disc, (body, (lower, upper)) in enumerate(zip(patient.bodies, pairs, strict=True)):
            if body.ribbed or body.name in patient.variants.fused:
                continue
            narrow = disc_height(lower, upper) < NARROW * patient.depth
            discs[narrow] += 1
            counts[narrow] += disc in worn
    assert discs[True] > 15
    assert counts[True] / discs[True] > 2 * counts[False] / discs[False] > 0


def distance_to(plate: EndPlate, point: np.ndarray) -> float:
    """From a point to the nearest point of a plate."""
    a, b = np.array(plate.anterior), np.array(plate.posterior)
    t = float(np.clip((point - a) @ (b - a) / ((b - a) @ (b - a)), 0, 1))
    return float(np.linalg.norm(a + (b - a) * t - point))


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
    where = np.argwhere(grown > 0.5)[:, ::-1]
    middles = [frame.to_pixels(np.add(a.midpoint, b.midpoint) / 2) for a, b in draw.patient.discs]
    away = np.min([np.linalg.norm(where - middle, axis=1) for middle in middles], axis=0)
    assert np.percentile(away, 99) < 1.5 * draw.patient.depth * frame.scale
    without, grafted = (simulate_film(with_graft(probability), 11, rows=256) for probability in (0.0, 1.0))
    assert not np.array_equal(without.film.pixels, grafted.film.pixels)
    np.testing.assert_array_equal(without.label_map, grafted.label_map)


def points_of(solid: Solid | Tube) -> np.ndarray:
    return solid.sections.reshape(-1, 2) if isinstance(solid, Solid) else solid.points
