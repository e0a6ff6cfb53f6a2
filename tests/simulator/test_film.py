"""A simulated film carries its exact truth and can be made again from its seed."""

from __future__ import annotations

import numpy as np
import pytest
from sagittal.anatomy.definitions import default_definitions
from sagittal.configuration import ConfigurationError
from sagittal.simulator import SimulatorConfig, load_simulator_config, simulate_film

CONFIG = load_simulator_config()
SEEDS = range(40, 52)


def changed(**sections: dict[str, object]) -> SimulatorConfig:
    content = CONFIG.model_dump()
    for section, values in sections.items():
        content[section].update(values)
    return SimulatorConfig.model_validate(content)


def test_the_same_seed_gives_the_same_film_and_another_seed_another() -> None:
    first, again, other = simulate_film(CONFIG, 7), simulate_film(CONFIG, 7), simulate_film(CONFIG, 8)
    np.testing.assert_array_equal(first.film.pixels, again.film.pixels)
    np.testing.assert_array_equal(first.label_map, again.label_map)
    assert first.landmarks == again.landmarks
    assert other.landmarks != first.landmarks


@pytest.mark.parametrize("seed", SEEDS)
def test_pixels_are_display_values_and_masks_lie_on_the_film(seed: int) -> None:
    simulated = simulate_film(CONFIG, seed)
    assert simulated.film.pixels.dtype == np.float32
    assert simulated.film.pixels.min() >= 0
    assert simulated.film.pixels.max() <= 1
    assert simulated.film.pixels.std() > 0.02
    assert simulated.class_mask.shape == simulated.label_map.shape == simulated.film.shape
    assert set(np.unique(simulated.class_mask)) <= {0, 1, 2, 3, 4}


@pytest.mark.parametrize("seed", SEEDS)
def test_label_map_holds_each_body_where_its_corners_are(seed: int) -> None:
    simulated = simulate_film(CONFIG, seed)
    structures = default_definitions().structures
    assert {"L1", "L2", "L3", "L4", "L5"} <= set(simulated.landmarks.bodies)
    heads = {structures[f"femoral_head_{n}"].id for n in (1, 2)}
    for name, body in simulated.landmarks.bodies.items():
        corners = np.array(
            [body.superior_anterior, body.superior_posterior, body.inferior_anterior, body.inferior_posterior]
        )
        x, y = np.round(corners.mean(axis=0)).astype(int)
        if y < simulated.film.shape[0]:
            assert simulated.label_map[y, x] in {structures[name].id, *heads}


@pytest.mark.parametrize("seed", SEEDS)
def test_true_parameters_obey_the_identities(seed: int) -> None:
    values = {name: parameter.value for name, parameter in simulate_film(CONFIG, seed).parameters.items()}
    pi, pt, ss, ll = values["PI"], values["PT"], values["SS"], values["LL"]
    assert ss is not None
    assert ll is not None
    if pi is not None and pt is not None:
        assert pi == pytest.approx(pt + ss, abs=1e-6)
    wedges_and_discs = [values[name] for name in ("L1", "L2", "L3", "L4", "L5", "L1L2", "L2L3", "L3L4", "L4L5", "L5S1")]
    assert ll == pytest.approx(sum(value for value in wedges_and_discs if value is not None), abs=1e-6)


def test_a_film_that_faces_right_is_the_mirror_of_the_one_that_faces_left() -> None:
    plain = {"text_probability": 0.0, "jpeg_probability": 0.0}
    # A marker reads the same whichever way the patient faces.
    bare = {"marker_probability": 0.0}
    left = simulate_film(changed(framing={"faces_right_probability": 0.0}, display=plain, surroundings=bare), 5)
    right = simulate_film(changed(framing={"faces_right_probability": 1.0}, display=plain, surroundings=bare), 5)
    assert (left.film.anterior, right.film.anterior) == ("left", "right")
    np.testing.assert_array_equal(left.film.pixels, right.film.pixels[:, ::-1])
    np.testing.assert_array_equal(left.label_map, right.label_map[:, ::-1])
    for name, parameter in left.parameters.items():
        assert parameter.value == pytest.approx(right.parameters[name].value, abs=1e-6)


def test_missing_heads_leave_the_pelvic_parameters_absent_with_the_reason() -> None:
    simulated = simulate_film(changed(framing={"heads_missing_probability": 1.0, "heads_cut_probability": 0.0}), 3)
    assert simulated.landmarks.femoral_heads == ()
    assert not np.isin(simulated.class_mask, (3, 4)).any()
    for name in ("PI", "PT", "PI-LL", "RLL"):
        assert simulated.parameters[name].value is None
        assert simulated.parameters[name].reason
    assert simulated.parameters["SS"].value is not None


def test_heads_are_cut_by_the_lower_edge_when_the_configuration_says_so() -> None:
    cut = changed(
        framing={"heads_missing_probability": 0.0, "heads_cut_probability": 1.0, "letterbox_probability": 0.0}
    )
    films = [simulate_film(cut, seed) for seed in range(6)]
    beyond = [
        head.center[1] + head.radius > film.film.shape[0] - 1 for film in films for head in film.landmarks.femoral_heads
    ]
    assert beyond
    assert sum(beyond) >= 0.7 * len(beyond)


def test_metal_brightens_the_film_where_it_is_implanted() -> None:
    plain = simulate_film(changed(implants={"probability": 0.0}), 11)
    metal = simulate_film(changed(implants={"probability": 1.0}), 11)
    assert not plain.instrumented
    assert metal.instrumented
    np.testing.assert_array_equal(plain.label_map, metal.label_map)
    assert not np.array_equal(plain.film.pixels, metal.film.pixels)


def test_height_in_pixels_can_be_chosen() -> None:
    assert simulate_film(CONFIG, 2, rows=900).film.shape[0] == 900


def test_an_unknown_key_is_an_error_that_names_file_and_key(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "simulator.yaml"
    path.write_text("anatomy: {}\nsurprise: 1\n")
    with pytest.raises(ConfigurationError, match=r"simulator\.yaml.*surprise"):
        load_simulator_config(path)
