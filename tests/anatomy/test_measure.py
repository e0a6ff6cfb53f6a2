"""A mask gives its patient's parameters, whatever its grid; what is no mask is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sagittal.anatomy import MaskError, default_definitions, measure_mask, parameters_from_landmarks
from scipy import ndimage

from .conftest import Patient, draw_landmarks, moved, repeatable, values

ANGLES = {"PI", "PT", "SS", "LL", "L4S1", "PI-LL"}


def assert_angles_right(measured: dict[str, float], patient: Patient, tolerance: float = 1.2) -> None:
    true = values(parameters_from_landmarks(patient.landmarks()))
    assert {n: measured[n] for n in ANGLES} == pytest.approx({n: true[n] for n in ANGLES}, abs=tolerance)


@repeatable
@given(
    st.builds(
        Patient,
        sacral_slope=st.floats(10, 60),
        pelvic_tilt=st.floats(-5, 30),
        wedges=st.tuples(*[st.floats(-5, 5)] * 7),
        discs=st.tuples(st.floats(5, 20), *[st.floats(2, 9)] * 6),
    )
)
def test_a_drawn_patient_is_measured_within_two_pixels_slope(patient: Patient) -> None:
    # A pixel in a body's depth is .7 degrees.
    assert_angles_right(values(measure_mask(patient.mask()).parameters), patient, 1.5)


@pytest.mark.parametrize("scale", [0.5, 2.0, 4.5])
def test_scale_changes_nothing(patient: Patient, scale: float) -> None:
    landmarks = moved(patient.landmarks(), lambda x, y: (scale * x, scale * y))
    shape = (int(900 * scale), int(620 * scale))
    heads = tuple(type(h)(h.center, h.radius * scale) for h in landmarks.femoral_heads)
    scaled = moved(landmarks, lambda x, y: (x, y), femoral_heads=heads)
    mask = draw_landmarks(scaled, patient.sacrum() * scale, shape)
    assert_angles_right(values(measure_mask(mask).parameters), patient, 1.2 if scale >= 1 else 2.5)


@pytest.mark.parametrize(("rows", "columns"), [(0.5, 1.0), (1.0, 0.6), (2.0, 1.0)])
def test_pixels_that_are_not_square_are_measured_in_space(patient: Patient, rows: float, columns: float) -> None:
    mask = ndimage.zoom(patient.mask(), (rows, columns), order=0, grid_mode=True, mode="nearest")
    measured = measure_mask(mask, pixel_aspect=(1 / rows, 1 / columns))
    assert_angles_right(values(measured.parameters), patient, 1.5)
    again = parameters_from_landmarks(measured.landmarks, pixel_aspect=(1 / rows, 1 / columns))
    assert values(again) == pytest.approx(values(measured.parameters))


def test_frayed_edges_and_rounded_corners_do_not_turn_lines(patient: Patient) -> None:
    random = np.random.default_rng(2)
    clean = patient.mask()
    frayed = np.zeros_like(clean)
    for value in (1, 2, 3, 4):
        # A rounded region whose rim wanders by some two pixels.
        soft = ndimage.gaussian_filter((clean == value).astype(float), 3)
        frayed[soft > 0.5 + 1.2 * ndimage.gaussian_filter(random.normal(0, 1, clean.shape), 3)] = value
    assert_angles_right(values(measure_mask(frayed).parameters), patient, 3)


def test_the_label_map_carries_every_structure_on_the_films_grid(patient: Patient) -> None:
    mask = np.repeat(np.repeat(patient.mask(), 3, axis=0), 3, axis=1)
    label_map = measure_mask(mask).label_map
    structures = default_definitions().structures
    names = {s.id: name for name, s in structures.items()}
    assert label_map.shape == mask.shape
    assert label_map.dtype == np.uint8
    assert {names[i] for i in np.unique(label_map) if i} == {
        *patient.levels,
        *("sacrum", "femoral_head_1", "femoral_head_2"),
    }
    assert np.mean((label_map > 0) == (mask > 0)) > 0.9995
    assert np.array_equal(label_map == structures["sacrum"].id, (label_map > 0) & (mask == 2))


def test_an_empty_mask_measures_nothing_and_says_so() -> None:
    measured = measure_mask(np.zeros((40, 30), dtype=np.uint8))
    assert measured.quality.verdict == "not measurable"
    assert {p.reason for p in measured.parameters.values()} == {"the mask is empty: nothing was segmented"}
    assert not measured.label_map.any()


@pytest.mark.parametrize("value", [1, 2, 3, 4, 20, 26, 41])
def test_a_film_full_of_one_class_is_not_measured(value: int) -> None:
    measured = measure_mask(np.full((200, 120), value, dtype=np.uint8))
    assert measured.quality.verdict == "not measurable"
    assert {p.value for p in measured.parameters.values()} == {None}
    assert all(p.reason for p in measured.parameters.values())


@repeatable
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 40), st.floats(0.3, 8))
def test_noise_never_crashes(seed: int, rows: int, columns: int, grain: float) -> None:
    random = np.random.default_rng(seed)
    fields = [ndimage.gaussian_filter(random.normal(size=(3 * rows, 3 * columns)), grain) for _ in range(5)]
    measured = measure_mask(np.argmax(fields, axis=0).astype(np.uint8))
    assert all((p.value is None) == (p.status == "absent") == bool(p.reason) for p in measured.parameters.values())
    assert all(np.isfinite(v) for v in values(measured.parameters).values())


@pytest.mark.parametrize(
    ("mask", "says"),
    [
        (np.zeros((4, 4, 3), np.uint8), r"shape \(rows, columns\), got \(4, 4, 3\)"),
        (np.zeros((0, 4), np.uint8), "shape"),
        (np.zeros((4, 4), np.float32), "integer ids, got float32"),
        (np.full((4, 4), 7, np.uint8), r"got \[7\]"),
        (np.full((4, 4), -1, np.int16), r"got \[-1\]"),
        (np.full((4, 4), 255, np.uint8), r"got \[255\]"),
        (np.array([[1, 20]], np.uint8), r"got \[1\]"),
        ([[0, 1]], "got list"),
    ],
)
def test_what_is_no_mask_is_refused(mask: np.ndarray, says: str) -> None:
    with pytest.raises(MaskError, match=says):
        measure_mask(mask)


def test_a_side_that_is_none_is_refused(patient: Patient) -> None:
    with pytest.raises(ValueError, match="anterior"):
        measure_mask(patient.mask(), anterior="front")  # type: ignore[arg-type]


def test_wider_integers_hold_the_same_ids(patient: Patient) -> None:
    assert measure_mask(patient.mask().astype(np.int64)).landmarks == measure_mask(patient.mask()).landmarks


def test_noise_is_not_measurable() -> None:
    """Pieces beyond those that a spine can have are not searched: their pairs would take minutes."""
    noise = np.random.default_rng(0).integers(0, 5, (192, 192)).astype(np.uint8)
    measured = measure_mask(noise)
    assert measured.quality.verdict == "not measurable"
    assert measured.parameters["SS"].value is None
