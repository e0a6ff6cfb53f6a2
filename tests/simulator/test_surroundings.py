"""What lies in the beam beside the patient: markers, clothing, wires, the field's border."""

from __future__ import annotations

import numpy as np
import pytest
from sagittal.simulator import load_simulator_config
from sagittal.simulator.config import SurroundingsConfig
from sagittal.simulator.framing import Framing, frame_patient
from sagittal.simulator.materials import Materials
from sagittal.simulator.patient import Patient, sample_patient
from sagittal.simulator.surroundings import add_objects, collimated

CONFIG = load_simulator_config()
NOTHING = {name: 0.0 for name in SurroundingsConfig.model_fields if name.endswith("probability")}


def surroundings(**values: object) -> SurroundingsConfig:
    return SurroundingsConfig.model_validate({**NOTHING, "border_softness_mm": [0.0, 0.0], **values})


def scene(seed: int, **framing: object) -> tuple[Patient, Framing, Materials]:
    rng = np.random.default_rng(seed)
    patient = sample_patient(CONFIG.anatomy, rng)
    framed = frame_patient(patient, CONFIG.framing.model_copy(update=framing), rng, rows=400)
    empty = np.zeros(framed.frame.shape, np.float32)
    return patient, framed, Materials(empty + 200, empty, empty)


@pytest.mark.parametrize(("what", "where"), [("marker", "metal"), ("zip", "metal"), ("wire", "metal")])
def test_metal_objects_lie_in_the_beam(what: str, where: str) -> None:
    found = 0
    for seed in range(8):
        patient, framing, materials = scene(seed)
        config = surroundings(**{f"{what}_probability": 1.0})
        changed = add_objects(materials, patient, framing, config, np.random.default_rng(seed))
        assert not materials.metal.any(), "the clean map is kept"
        np.testing.assert_array_equal(changed.bone, materials.bone)
        found += bool(getattr(changed, where).max() > 0.2)
    assert found >= 4


def test_buttons_are_of_plastic_or_of_metal() -> None:
    plastic, metal = 0, 0
    for seed in range(20):
        patient, framing, materials = scene(seed)
        config = surroundings(button_probability=1.0)
        changed = add_objects(materials, patient, framing, config, np.random.default_rng(seed))
        plastic += bool((changed.soft != materials.soft).any())
        metal += bool(changed.metal.any())
    assert plastic >= 4
    assert metal >= 2


def test_a_lead_letter_reads_right_on_the_finished_film_whichever_side_it_faces() -> None:
    patient, left, materials = scene(3, faces_right_probability=0.0)
    _, right, _ = scene(3, faces_right_probability=1.0)
    config = surroundings(marker_probability=1.0)
    letters = []
    for framing in (left, right):
        metal = add_objects(materials, patient, framing, config, np.random.default_rng(5)).metal
        shown = metal if framing.anterior == "left" else metal[:, ::-1]
        rows, columns = np.nonzero(shown > 1)
        letters.append(shown[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1])
    np.testing.assert_array_equal(letters[0], letters[1])


def test_the_border_is_dark_or_bright_and_the_field_is_as_it_was() -> None:
    _, framing, materials = scene(4, letterbox_probability=1.0)
    image = np.full(materials.soft.shape, 0.5, np.float32)
    x0, y0, x1, y1 = framing.visible
    for probability, bright in ((0.0, False), (1.0, True)):
        config = surroundings(bright_border_probability=probability)
        film = collimated(image, framing, config, np.random.default_rng(1))
        assert (film[y0:y1, x0:x1] == 0.5).all()
        outside = np.ones(film.shape, bool)
        outside[y0:y1, x0:x1] = False
        assert outside.any()
        assert (film[outside] > 0.8).all() if bright else (film[outside] < 0.1).all()


def test_a_film_without_shutters_has_no_border() -> None:
    _, framing, materials = scene(4, letterbox_probability=0.0)
    image = np.full(materials.soft.shape, 0.5, np.float32)
    config = surroundings(bright_border_probability=1.0, border_softness_mm=[2.0, 2.0])
    np.testing.assert_array_equal(collimated(image, framing, config, np.random.default_rng(1)), image)
