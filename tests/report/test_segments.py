"""Segments are the label map's structures, with what one head hides of the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from sagittal.anatomy.definitions import default_definitions
from sagittal.anatomy.landmarks import Circle
from sagittal.inference import Inspection
from sagittal.report.segments import disc, segments_of

Make = Callable[..., Inspection]


def masks_of(inspection: Inspection) -> dict[str, np.ndarray]:
    segments = segments_of(inspection.measurement, inspection.film.pixel_aspect, default_definitions())
    return {segment.structure.name: segment.mask for segment in segments}


def test_what_overlaps_nothing_is_as_in_the_label_map(make_inspection: Make) -> None:
    inspection = make_inspection()
    masks = masks_of(inspection)
    assert list(masks) == ["L1", "L2", "L3", "L4", "L5", "sacrum", "femoral_head_1", "femoral_head_2"]
    for name in ("L1", "L5", "sacrum"):
        expected = inspection.measurement.label_map == default_definitions().structures[name].id
        assert np.array_equal(masks[name], expected), name


def test_both_heads_are_whole_as_far_as_the_film_goes(make_inspection: Make) -> None:
    inspection = make_inspection()
    masks = masks_of(inspection)
    assert (masks["femoral_head_1"] & masks["femoral_head_2"]).sum() > 500
    for number, head in enumerate(inspection.measurement.landmarks.femoral_heads, 1):
        whole = disc(head, inspection.film.shape, (1.0, 1.0))
        # The drawing leaves out the pixels right on the circle.
        assert np.count_nonzero(masks[f"femoral_head_{number}"] ^ whole) < 0.005 * whole.sum()


def test_a_circle_adds_nothing_that_was_called_no_head(make_inspection: Make) -> None:
    inspection = make_inspection()
    landmarks = inspection.measurement.landmarks
    larger = tuple(Circle(head.center, 2 * head.radius) for head in landmarks.femoral_heads)
    measurement = replace(inspection.measurement, landmarks=replace(landmarks, femoral_heads=larger))
    masks = masks_of(replace(inspection, measurement=measurement))
    ids = [default_definitions().structures[f"femoral_head_{k}"].id for k in (1, 2)]
    heads = np.isin(inspection.measurement.label_map, ids)
    assert np.array_equal(masks["femoral_head_1"] | masks["femoral_head_2"], heads)


def test_a_single_head_keeps_its_pixels(make_inspection: Make) -> None:
    masks = masks_of(make_inspection(heads=(Circle((130.0, 540.0), 34.0),)))
    assert "femoral_head_2" not in masks
    assert masks["femoral_head_1"].any()


def test_a_circle_is_round_on_the_patient_where_pixels_are_not_square() -> None:
    mask = disc(Circle((50.0, 40.0), 20.0), (80, 100), (2.0, 1.0))
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    assert (rows[0], rows[-1]) == (30, 50)
    assert (columns[0], columns[-1]) == (30, 70)
