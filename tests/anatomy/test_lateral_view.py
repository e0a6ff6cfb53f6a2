"""Bodies that form no lumbar chain are said not to be a lateral lumbar X-ray; those of lateral films are not."""

from __future__ import annotations

import dataclasses

from sagittal.anatomy import measure_mask
from sagittal.anatomy.landmarks import Body, Landmarks
from sagittal.anatomy.lateral_view import lateral_view_note

from .conftest import Patient


def test_a_drawn_lumbar_spine_is_one(patient: Patient) -> None:
    assert lateral_view_note(patient.landmarks(), 1.0) is None
    assert measure_mask(patient.mask()).quality.verdict != "not measurable"


def test_pixels_that_are_not_square_change_nothing(patient: Patient) -> None:
    landmarks = patient.landmarks()

    def squeezed(body: Body) -> Body:
        return Body(*((x, y / 2.5) for x, y in dataclasses.astuple(body)))

    flat = dataclasses.replace(landmarks, bodies={name: squeezed(b) for name, b in landmarks.bodies.items()}, s1=None)
    # The S1 plate is left out of both; of nine proportions it is the one that is missing.
    assert lateral_view_note(flat, 2.5) is None
    assert lateral_view_note(flat, 1.0) is not None


def test_too_few_bodies_are_none(patient: Patient) -> None:
    landmarks = patient.landmarks()
    few = Landmarks({"L5": landmarks.bodies["L5"], "L4": landmarks.bodies["L4"]}, landmarks.s1, (), "left")
    note = lateral_view_note(few, 1.0)
    assert note is not None
    assert note.weight == "stop"
    assert note.text == "not a lateral lumbar X-ray, or none that could be read: lumbar bodies found: 2"


def test_pieces_of_many_sizes_are_none(patient: Patient) -> None:
    landmarks = patient.landmarks()

    def grown(body: Body, factor: float) -> Body:
        x, y = body.superior_anterior
        return Body(*((x + (px - x) * factor, y + (py - y) * factor) for px, py in dataclasses.astuple(body)))

    factors = dict(zip(landmarks.bodies, (1.0, 0.4, 1.5, 0.5, 1.6, 0.4, 1.0, 1.0), strict=False))
    odd = dataclasses.replace(landmarks, bodies={name: grown(b, factors[name]) for name, b in landmarks.bodies.items()})
    note = lateral_view_note(odd, 1.0)
    assert note is not None
    assert "proportions" in note.text
