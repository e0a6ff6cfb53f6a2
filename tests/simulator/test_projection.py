"""Bones are projected from a point source with the path lengths that geometry demands."""

from __future__ import annotations

import numpy as np
import pytest
from sagittal.simulator.canvas import Frame
from sagittal.simulator.config import load_simulator_config
from sagittal.simulator.exposure import expose
from sagittal.simulator.film import simulate_truth
from sagittal.simulator.framing import frame_patient
from sagittal.simulator.materials import Materials, render_materials
from sagittal.simulator.patient import sample_patient
from sagittal.simulator.projection import Beam, Projector, Tube
from sagittal.simulator.projection.solid import ball
from sagittal.simulator.skeleton import pose_of
from scipy import ndimage

CONFIG = load_simulator_config()
FRAME = Frame((200, 200), np.eye(2) * 2, np.array([100.0, 100.0]))
ORIGIN = np.zeros(2)

EXPOSURE = load_simulator_config().exposure


def projector(distance: float = 1e6) -> Projector:
    return Projector.empty(FRAME, Beam(distance, ORIGIN))


def test_a_ray_through_the_middle_of_a_ball_is_as_long_as_its_diameter() -> None:
    film = projector()
    film.add([ball(ORIGIN, 0.0, 20.0, 1.0, cortex=0.0, trabecular=1.0)])
    assert film.length[100, 100] == pytest.approx(40, rel=0.02)
    # Half a radius out the chord is sqrt(3) radii long.
    assert film.length[100, 120] == pytest.approx(20 * np.sqrt(3), rel=0.04)
    assert film.length[100, 145] == 0


def test_the_volume_of_a_ball_is_kept() -> None:
    film = projector()
    film.add([ball(ORIGIN, 0.0, 20.0, 1.0, cortex=0.0, trabecular=1.0)])
    assert film.length.sum() / 4 == pytest.approx(
        4 / 3 * np.pi * 20**3, rel=0.05
    )  # a filled outline takes in half its rim


def test_a_shell_is_longest_at_its_rim() -> None:
    film = projector()
    film.add([ball(ORIGIN, 0.0, 20.0, 0.5, cortex=1.0, trabecular=0.1)])
    # In the middle two walls of 1 mm and 38 mm of spongy bone; a ray just inside the rim runs along the wall.
    assert film.length[100, 100] == pytest.approx(2 + 38 * 0.1, rel=0.3)
    assert film.length[100, 100:142].max() > 1.5 * film.length[100, 100]


def test_what_is_nearer_to_the_source_appears_larger_and_farther_out() -> None:
    near, far = projector(1000.0), projector(1000.0)
    at = np.array([20.0, 0.0])
    near.add([ball(at, 100.0, 5.0, 0.5, cortex=0.0, trabecular=1.0)])
    far.add([ball(at, -100.0, 5.0, 0.5, cortex=0.0, trabecular=1.0)])
    columns = [np.nonzero(film.length.max(axis=0) > 0.5)[0] for film in (near, far)]
    assert columns[0].mean() - 100 == pytest.approx(2 * 20 * 1000 / 900, abs=1)
    assert columns[1].mean() - 100 == pytest.approx(2 * 20 * 1000 / 1100, abs=1)
    assert np.ptp(columns[0]) > np.ptp(columns[1])


def test_a_tube_takes_away_about_its_thickness() -> None:
    film = projector()
    film.add([Tube(np.array([[-30.0, 0.0], [30.0, 0.0]]), np.zeros(2), 4.0, 3.9, 1.0)])
    assert film.length[100, 100] == pytest.approx(8, rel=0.15)
    assert film.length[80, 100] == 0


@pytest.mark.parametrize("seed", range(40, 46))
def test_the_beam_shows_the_heads_where_the_truth_has_them(seed: int) -> None:
    patient = sample_patient(CONFIG.anatomy, np.random.default_rng(seed))
    pose = pose_of(patient, np.array([0.0, -60.0]))
    for head, (place, z, radius) in zip(patient.heads, pose.heads, strict=True):
        assert pose.beam.project(place, z) == pytest.approx(np.array(head.center), abs=1e-6)
        assert radius * pose.beam.magnification(z) == pytest.approx(head.radius)


def materials(seed: int) -> tuple[Materials, float]:
    rng = np.random.default_rng(seed)
    patient = sample_patient(CONFIG.anatomy, rng)
    framing = frame_patient(patient, CONFIG.framing, rng, rows=400)
    return render_materials(patient, framing, CONFIG, rng, instrumented=seed % 2 == 1), framing.frame.scale


@pytest.mark.parametrize("seed", [3, 6])
def test_bodies_of_the_truth_hold_more_bone_than_the_discs_between_them(seed: int) -> None:
    rendered, _ = materials(seed)
    truth = simulate_truth(CONFIG, seed, rows=400)
    bone = rendered.bone if truth.landmarks.anterior == "left" else rendered.bone[:, ::-1]
    bodies = np.isin(truth.label_map, [21, 22, 23])
    levels = truth.landmarks.bodies
    between = [
        (np.mean([levels[a].inferior.midpoint, levels[b].superior.midpoint], axis=0))
        for a, b in (("L2", "L3"), ("L3", "L4"))
    ]
    discs = [bone[round(y), round(x)] for x, y in between]
    assert np.median(bone[bodies]) > 1.5 * np.mean(discs)


@pytest.mark.parametrize("seed", [4, 5])
def test_a_film_is_bright_where_bone_and_metal_are_and_the_same_for_the_same_seed(seed: int) -> None:
    rendered, scale = materials(seed)
    film = expose(rendered, scale, EXPOSURE, np.random.default_rng(1))
    assert film.dtype == np.float32
    assert (film.min(), film.max()) == (0, 1)
    assert np.array_equal(film, expose(rendered, scale, EXPOSURE, np.random.default_rng(1)))
    assert not np.array_equal(film, expose(rendered, scale, EXPOSURE, np.random.default_rng(2)))
    body = rendered.soft > 50
    thin = rendered.soft <= np.percentile(rendered.soft, 10)
    assert film[~thin].mean() > film[thin].mean()
    assert (rendered.metal.max() > 2) == (seed % 2 == 1)
    if seed % 2:
        metal = rendered.metal > 4
        beside = ndimage.binary_dilation(metal, iterations=12) & (rendered.metal == 0) & body
        assert film[metal].mean() > film[beside].mean() + 0.1
