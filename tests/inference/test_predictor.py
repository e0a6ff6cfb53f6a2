"""A trained network finds on a film's own grid what it has learned, and refuses what is no model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from drawn_films import draw_film, trained
from sagittal.anatomy.definitions import default_definitions
from sagittal.films import Film, Identity, SpacingRule
from sagittal.inference import ModelError, Predictor, inspect_film, inspect_mask, shipped_model
from sagittal.inference.expected_error import expected_error
from sagittal.inference.looks import LOOKS
from sagittal.inference.predictor import slice_of, softened
from sagittal.inference.preparation import Letterbox
from sagittal.networks import load_model, save_model
from sagittal.simulator import load_simulator_config, simulate_film
from scipy import ndimage


def film_of(pixels: np.ndarray) -> Film:
    return Film(
        pixels=pixels.astype(np.float32) / 255,
        spacing_mm=None,
        spacing_rule=SpacingRule.NONE,
        pixel_aspect=(1.0, 1.0),
        affine=np.eye(4),
        anterior="left",
        identity=Identity("drawn", None),
    )


@pytest.mark.parametrize("shape", [(96, 64), (151, 97), (64, 130)])
def test_the_mask_lies_on_the_films_own_grid(shape: tuple[int, int]) -> None:
    predictor = Predictor(trained("BiLuNet").checkpoint)
    film, mask, _ = draw_film(500, rows=shape[0], columns=shape[1])
    found = predictor.predict(film_of(film))
    assert found.class_mask.shape == shape
    assert found.class_mask.dtype == np.uint8
    assert found.values is None
    if shape[0] > shape[1]:  # what it has learned stands upright
        body = mask == 1
        assert (found.class_mask[body] == 1).mean() > 0.7


def test_values_are_named_and_in_degrees() -> None:
    predictor = Predictor(trained("MBNet").checkpoint)
    assert predictor.name == "mbnet"
    film, _, tilt = draw_film(501)
    values = predictor.predict(film_of(film)).values
    assert values is not None
    assert tuple(values) == default_definitions().value_branch
    # The drawn films' values are the tilt plus ten for each place: exchanged names or a lost scale would show.
    errors = [v - (tilt + 10 * place) for place, (name, v) in enumerate(values.items()) if name != "LDI"]
    assert float(np.std(errors)) < 3
    assert abs(float(np.mean(errors))) < 25


def test_pixels_are_the_least_certain_where_structures_end() -> None:
    predictor = Predictor(shipped_model("spine"))
    film = simulate_film(load_simulator_config(), 502).film
    assert predictor.predict(film).pixel_uncertainty is None
    prediction = predictor.predict(film, pixel_uncertainty=True)
    wrong, mask = prediction.pixel_uncertainty, prediction.class_mask
    assert wrong is not None
    assert wrong.shape == film.shape
    assert 0 <= wrong.min() <= wrong.max() <= 0.8 + 1e-6
    rim = (mask > 0) & ~ndimage.binary_erosion(mask > 0, iterations=2)
    assert wrong[rim].mean() > 2 * wrong[~ndimage.binary_dilation(rim, iterations=4)].mean()


def test_softened_scores_keep_their_order_and_sum_to_one() -> None:
    scores = torch.tensor([0.7, 0.2, 0.1])[:, None]
    soft = softened(scores, 2.0)[:, 0]
    assert soft.sum() == pytest.approx(1)
    assert 0.7 > soft[0] > soft[1] > soft[2] > 0.1
    assert softened(scores, 1.0)[:, 0].tolist() == pytest.approx([0.7, 0.2, 0.1])


def test_an_inspection_measures_the_predicted_mask_and_carries_the_value_branch() -> None:
    predictor = Predictor(trained("MBNet").checkpoint)
    film = film_of(draw_film(503)[0])
    inspection = inspect_film(film, predictor)
    assert inspection.model == "mbnet"
    assert inspection.value_branch is not None
    same = inspect_mask(film, predictor.predict(film).class_mask)
    assert same.model == "mask"
    assert same.value_branch is None
    found = inspection.measurement.parameters
    assert {n: p.value for n, p in same.measurement.parameters.items()} == {n: p.value for n, p in found.items()}
    np.testing.assert_array_equal(same.measurement.label_map, inspection.measurement.label_map)


def test_a_networks_own_constants_decide_how_far_its_landmarks_are_trusted(tmp_path: Path) -> None:
    model = load_model(shipped_model("spine"))
    own = {name: 2 * value for name, value in default_definitions().calibration.items() if name == "corner_deviation"}
    save_model(replace(model, calibration={**own, "of_a_later_version": 1.0}), tmp_path / "own.pt")
    save_model(replace(model, calibration=None), tmp_path / "none.pt")
    film = simulate_film(load_simulator_config(), 31, rows=512).film
    wide, usual = (Predictor(tmp_path / f"{name}.pt") for name in ("own", "none"))
    assert (wide.calibrated, usual.calibrated) == (True, False)
    assert usual.definitions == default_definitions()
    assert wide.definitions.calibration == {**default_definitions().calibration, **own}
    pairs = zip(*(predictor.predict(film).landmarks for predictor in (wide, usual)), strict=True)
    factors = {first.kind: first.covariance[0][0] / second.covariance[0][0] for first, second in pairs}
    assert factors["inferior_anterior"] == pytest.approx(4)
    assert factors["s1_anterior"] == pytest.approx(1)


@pytest.mark.parametrize("calibration", [{"temperature": 0.0}, {"mask_head": float("nan")}, {"s1_gain": "wide"}, [1]])
def test_a_damaged_calibration_is_no_model(tmp_path: Path, calibration: object) -> None:
    content = torch.load(trained("BiLuNet").checkpoint, weights_only=True)
    torch.save({**content, "calibration": calibration}, tmp_path / "damaged.pt")
    with pytest.raises(ModelError, match=r"damaged\.pt: its calibration is damaged"):
        Predictor(tmp_path / "damaged.pt")


def test_a_missing_or_foreign_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such model file"):
        Predictor(tmp_path / "absent.pt")
    torch.save({"weights": torch.zeros(3)}, tmp_path / "foreign.pt")
    with pytest.raises(ModelError, match=r"foreign\.pt"):
        Predictor(tmp_path / "foreign.pt")


def test_black_borders_cost_the_default_network_nothing() -> None:
    """What was found is looked at again, closer: a film within wide borders is measured as without them."""
    if not shipped_model("spine").is_file():
        pytest.skip("the shipped weights of spine are not in this checkout")
    predictor = Predictor(shipped_model("spine"))
    simulated = simulate_film(load_simulator_config(), 31, rows=512)
    border = 150
    bordered = np.pad(simulated.film.pixels, border) * 255
    film = film_of(simulated.film.pixels * 255)
    plain, within = (predictor.predict(one) for one in (film, film_of(bordered)))
    cut = within.class_mask[border:-border, border:-border]
    either = (plain.class_mask > 0) | (cut > 0)
    beyond = np.count_nonzero(within.class_mask) - np.count_nonzero(cut)
    assert beyond < 0.005 * np.count_nonzero(cut), "what the film cuts may spill over its edge by a pixel, no more"
    assert (plain.class_mask == cut)[either].mean() > 0.75
    assert within.landmarks
    assert all(peak.x > border - 5 and peak.y > border - 5 for peak in within.landmarks)


def shipped_spine(looks: str = "mirrored") -> Predictor:
    if not shipped_model("spine").is_file():
        pytest.skip("the shipped weights of spine are not in this checkout")
    return Predictor(shipped_model("spine"), looks=looks)


def test_every_way_of_looking_finds_the_same_spine() -> None:
    simulated = simulate_film(load_simulator_config(), 31, rows=512)
    masks = [shipped_spine(looks).predict(simulated.film).class_mask for looks in LOOKS]
    assert len(masks) == 3
    for mask in masks[1:]:
        assert (mask != masks[0]).any()
        assert (mask == masks[0])[(mask > 0) | (masks[0] > 0)].mean() > 0.8


def test_the_film_and_not_the_padding_beside_it_is_looked_at() -> None:
    letterbox = Letterbox.fit((200, 100), 448)
    assert slice_of(0, letterbox, (448, 448)) == slice(0, 448)
    assert slice_of(1, letterbox, (448, 448)) == slice(112, 336)
    narrow = Letterbox.fit((448, 100), 448)
    columns = slice_of(1, narrow, (448, 448))
    assert columns.stop - columns.start == 128
    assert columns.start <= narrow.offset[1]
    assert columns.stop >= narrow.offset[1] + 100
    mirrored = slice_of(1, narrow, (448, 448), LOOKS["mirrored"][1])
    assert (mirrored.start, mirrored.stop) == (448 - columns.stop, 448 - columns.start)


def test_a_film_of_noise_is_expected_to_be_farther_off_than_a_spine() -> None:
    simulated = simulate_film(load_simulator_config(), 31, rows=512)
    noise = film_of(np.random.default_rng(0).integers(0, 255, simulated.film.shape))
    predictor = shipped_spine()
    known, unknown = (expected_error(film, predictor) for film in (simulated.film, noise))
    assert 0 < known < unknown
    other = Predictor(shipped_model("bilunet"))
    assert 0 < expected_error(simulated.film, other) < unknown + 1e-6
