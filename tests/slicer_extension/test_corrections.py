"""What the hand changes: the numbers follow, are marked, and can be undone; nothing else moves."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sagittal.anatomy import parameters_from_landmarks
from SpinoPelvicLib.errors import SegmentError
from SpinoPelvicLib.film_logic import SceneFilmLogic
from SpinoPelvicLib.geometry import toPixel, toRas
from SpinoPelvicLib.replies import Label
from SpinoPelvicLib.results import (
    CONSTRUCTION,
    CONSTRUCTION_VALUES,
    END_PLATE,
    FEMORAL_HEAD,
    HEAD_CIRCLE,
    HIP_AXIS,
    resultNode,
    resultNodes,
)
from SpinoPelvicLib.segmentation import exportLabelMap, segmentMasks
from SpinoPelvicLib.Testing.SyntheticFilm import LABELS, drawFilm

SPACING = 0.15


@pytest.fixture(params=["left", "right"])
def shown(request: pytest.FixtureRequest, slicer: Any) -> Any:
    """The logic that watches a measured film, and the film; its patient faces left or right."""
    logic, drawn = SceneFilmLogic(), drawFilm(request.param)
    film = slicer.util.addVolumeFromArray(drawn.pixels[np.newaxis], np.diag([-SPACING, -SPACING, 1.0, 1.0]), "film")
    answer = drawn.inference()
    logic.showResult(film, replace(answer, labels={**answer.labels, "T12": Label("T12", 19, (214, 180, 166))}))
    logic.watch(film)
    yield logic, film
    logic.close()


def markup(film: Any, role: str, name: str) -> Any:
    return next(node for node in resultNodes(film, role) if node.GetAttribute("SpinoPelvic.Landmark") == name)


def drag(film: Any, node: Any, point: int, pixel: Any) -> None:
    """As the mouse does it: down, a few moves, up."""
    node.InvokeEvent(node.PointStartInteractionEvent)
    start = [0.0, 0.0, 0.0]
    node.GetNthControlPointPosition(point, start)
    for share in (0.3, 0.7, 1.0):
        position = np.array(start) + share * (toRas(film, pixel) - start)
        node.SetNthControlPointPosition(point, *position)
    node.InvokeEvent(node.PointEndInteractionEvent)


def landmarks(logic: Any, film: Any) -> Any:
    return logic._measured(film).now.reading.landmarks


def rows(logic: Any, film: Any) -> dict[str, Any]:
    return {row.name: row for row in logic.sheet(film).rows}


def test_a_dragged_end_plate_is_measured_as_the_library_does(shown: Any) -> None:
    logic, film = shown
    before = landmarks(logic, film)
    place = np.add(before.bodies["L1"].superior_anterior, (3.5, -7.25))
    drag(film, markup(film, END_PLATE, "L1 superior"), 0, place)
    after = landmarks(logic, film)
    np.testing.assert_allclose(after.bodies["L1"].superior_anterior, place, atol=1e-9)
    assert after.bodies["L1"].superior_posterior == pytest.approx(before.bodies["L1"].superior_posterior, abs=1e-9)
    assert after.bodies["L2"] == before.bodies["L2"]
    expected = parameters_from_landmarks(after, pixel_aspect=(SPACING, SPACING))["LL"].value
    table = rows(logic, film)
    assert float(table["LL"].value.replace("−", "-")) == pytest.approx(expected, abs=0.051)
    assert table["LL"].edited
    assert not table["PI"].edited
    assert table["PI"].value == "52.1"
    assert logic.sheet(film).edited == ("L1 superior",)


def test_one_drag_is_one_step_back(shown: Any) -> None:
    logic, film = shown
    before = logic.sheet(film)
    node = markup(film, END_PLATE, "S1 superior")
    place = toPixel(film, np.add(node.GetNthControlPointPosition(0), (1.5, 0.9, 0)))
    drag(film, node, 0, place)
    drag(film, markup(film, END_PLATE, "L3 inferior"), 1, (150, 190))
    assert logic.sheet(film).edited == ("S1 superior", "L3 inferior")
    logic.undo(film)
    assert logic.sheet(film).edited == ("S1 superior",)
    logic.undo(film)
    assert logic.sheet(film) == before
    assert not logic.canUndo(film)
    logic.redo(film)
    np.testing.assert_allclose(
        toPixel(film, markup(film, END_PLATE, "S1 superior").GetNthControlPointPosition(0)), place, atol=1e-6
    )


def test_what_was_changed_by_hand_is_marked_and_reset(shown: Any, slicer: Any) -> None:
    logic, film = shown
    before = logic.sheet(film)
    drag(film, markup(film, END_PLATE, "L2 superior"), 0, (120, 95))
    node = markup(film, END_PLATE, "L2 superior")
    other = markup(film, END_PLATE, "L2 inferior")
    assert node.GetNthControlPointDescription(0) == "changed by hand"
    assert "mm" not in node.GetDescription()
    assert node.GetDisplayNode().GetSelectedColor() != other.GetDisplayNode().GetSelectedColor()
    table = resultNode(film, "parameters").GetTable()
    marks = {
        table.GetColumnByName("name").GetValue(k): table.GetColumnByName("edited").GetValue(k)
        for k in range(table.GetNumberOfRows())
    }
    assert {name for name, mark in marks.items() if mark} == {n for n, r in rows(logic, film).items() if r.edited}
    logic.resetToAutomatic(film)
    assert logic.sheet(film) == before
    assert markup(film, END_PLATE, "L2 superior").GetNthControlPointDescription(0) == ""
    logic.undo(film)
    assert logic.sheet(film).edited == ("L2 superior",)


def test_a_head_follows_its_centre_and_grows_by_its_rim(shown: Any) -> None:
    logic, film = shown
    before = landmarks(logic, film)
    handle = markup(film, FEMORAL_HEAD, "femoral head 1")
    drag(film, handle, 0, np.add(before.femoral_heads[0].center, (5, -4)))
    moved = landmarks(logic, film).femoral_heads[0]
    np.testing.assert_allclose(moved.center, np.add(before.femoral_heads[0].center, (5, -4)), atol=1e-9)
    assert moved.radius == before.femoral_heads[0].radius
    drag(film, handle, 1, np.add(moved.center, (0, 33)))
    grown = landmarks(logic, film).femoral_heads[0]
    assert grown.radius == pytest.approx(33)
    circle = markup(film, HEAD_CIRCLE, "femoral head 1")
    distances = [
        np.hypot(*(toPixel(film, circle.GetNthControlPointPosition(k)) - grown.center))
        for k in range(circle.GetNumberOfControlPoints())
    ]
    np.testing.assert_allclose(distances, 33)
    np.testing.assert_allclose(toPixel(film, handle.GetNthControlPointPosition(1)), np.add(grown.center, (0, 33)))
    assert landmarks(logic, film).femoral_heads[1] == before.femoral_heads[1]


def test_the_hip_axis_takes_both_heads_along(shown: Any) -> None:
    logic, film = shown
    before = landmarks(logic, film)
    drag(film, markup(film, HIP_AXIS, "hip axis"), 0, np.add(before.hip_axis, (6, 2)))
    for old, new in zip(before.femoral_heads, landmarks(logic, film).femoral_heads, strict=True):
        np.testing.assert_allclose(new.center, np.add(old.center, (6, 2)), atol=1e-9)
    assert set(logic.sheet(film).edited) == {"femoral head 1", "femoral head 2"}


def test_the_construction_lines_carry_the_values_of_the_table(shown: Any) -> None:
    logic, film = shown
    drag(film, markup(film, END_PLATE, "S1 superior"), 0, (150, 310))
    values = resultNode(film, CONSTRUCTION_VALUES)
    labels = [values.GetNthControlPointLabel(k) for k in range(values.GetNumberOfControlPoints())]
    table = rows(logic, film)
    # The drawn film's answer lists PI, PT and LL; the rest follows when the hand touches it.
    assert labels == [f"{name} {table[name].value}°" for name in ("PI", "PT", "SS", "LL")]
    assert all(node.GetPolyData().GetNumberOfLines() >= 2 for node in resultNodes(film, CONSTRUCTION))


def test_an_edited_segment_is_measured_anew_when_the_hand_rests(shown: Any, slicer: Any) -> None:
    logic, film = shown
    before = landmarks(logic, film)
    node = logic.segmentation(film)
    segmentId = node.GetSegmentation().GetSegmentIdBySegmentName("L3")
    mask = slicer.util.arrayFromSegmentBinaryLabelmap(node, segmentId, film)
    lower = np.roll(mask, 4, axis=1)
    slicer.util.updateSegmentBinaryLabelmapFromArray(lower, node, segmentId, film)
    logic.poll()
    assert landmarks(logic, film) is before
    time.sleep(0.45)
    logic.poll()
    after = landmarks(logic, film)
    moved = np.subtract(after.bodies["L3"].superior.midpoint, before.bodies["L3"].superior.midpoint)
    np.testing.assert_allclose(moved, (0, 4), atol=1.5)
    assert {k: b for k, b in after.bodies.items() if k != "L3"} == {k: b for k, b in before.bodies.items() if k != "L3"}
    assert after.s1 == before.s1
    assert logic.sheet(film).edited == ("segment L3",)
    logic.undo(film)
    np.testing.assert_array_equal(segmentMasks(film)["L3"].unpacked(), mask[0] > 0)
    assert landmarks(logic, film) == before


def test_a_removed_segment_takes_its_parameters_away_with_a_reason(shown: Any) -> None:
    logic, film = shown
    segmentation = logic.segmentation(film).GetSegmentation()
    segmentation.RemoveSegment(segmentation.GetSegmentIdBySegmentName("L1"))
    logic.remeasure(film)
    assert rows(logic, film)["LL"].value == ""
    assert "L1" in rows(logic, film)["LL"].reason
    assert "L1" in logic.missingLandmarks(film)
    logic.undo(film)
    assert "L1" in segmentMasks(film)


def test_an_empty_segment_is_no_obstacle(shown: Any) -> None:
    logic, film = shown
    logic.segmentation(film).GetSegmentation().AddEmptySegment("T12", "T12")
    logic.remeasure(film)
    assert not segmentMasks(film)["T12"].unpacked().any()


def test_levels_shift_up_and_back_exactly(shown: Any) -> None:
    logic, film = shown
    before, labelMap = landmarks(logic, film), exportLabelMap(film)
    assert logic.shiftedLevels(film, 1) == (("L5", "L4"), ("L4", "L3"), ("L3", "L2"), ("L2", "L1"), ("L1", "T12"))
    logic.shiftLevels(film, 1)
    after = landmarks(logic, film)
    assert after.bodies == {"L4": before.bodies["L5"], "L3": before.bodies["L4"], "L2": before.bodies["L3"],
                            "L1": before.bodies["L2"], "T12": before.bodies["L1"]}  # fmt: skip
    shifted = exportLabelMap(film)
    np.testing.assert_array_equal(shifted == LABELS["L4"].value, labelMap == LABELS["L5"].value)
    np.testing.assert_array_equal(shifted == LABELS["sacrum"].value, labelMap == LABELS["sacrum"].value)
    node = logic.segmentation(film).GetSegmentation()
    segment = node.GetSegment(node.GetSegmentIdBySegmentName("L4"))
    np.testing.assert_allclose(segment.GetColor(), np.array(LABELS["L4"].color) / 255, atol=1e-6)
    logic.undo(film)
    assert landmarks(logic, film) == before
    np.testing.assert_array_equal(exportLabelMap(film), labelMap)


def test_where_s1_was_taken_for_l5_the_shift_down_gives_it_to_the_sacrum(shown: Any) -> None:
    logic, film = shown
    before, labelMap = landmarks(logic, film), exportLabelMap(film)
    logic.shiftLevels(film, -1)
    after = landmarks(logic, film)
    assert after.s1 == before.bodies["L5"].superior
    assert after.bodies["L5"] == before.bodies["L4"]
    assert "L1" not in after.bodies
    joined = np.isin(labelMap, (LABELS["L5"].value, LABELS["sacrum"].value))
    np.testing.assert_array_equal(exportLabelMap(film) == LABELS["sacrum"].value, joined)


def test_a_missing_landmark_is_placed_near_where_it_belongs(shown: Any) -> None:
    logic, film = shown
    before = landmarks(logic, film)
    for name in ("L3", "S1", "femoral head 2"):
        logic.removeLandmark(film, name)
    assert logic.missingLandmarks(film) == ("L3", "S1", "femoral head 2")
    for name in ("L3", "S1", "femoral head 2"):
        logic.placeLandmark(film, name)
    after = landmarks(logic, film)
    assert logic.missingLandmarks(film) == ()
    np.testing.assert_allclose(after.bodies["L3"].superior_anterior, before.bodies["L3"].superior_anterior, atol=8)
    assert np.hypot(*np.subtract(after.s1.midpoint, before.s1.midpoint)) < 25
    with pytest.raises(SegmentError, match="is there already"):
        logic.placeLandmark(film, "L3")


def test_stating_the_side_turns_front_and_back_over(shown: Any) -> None:
    logic, film = shown
    before = landmarks(logic, film)
    other = {"left": "right", "right": "left"}[before.anterior]
    logic.setAnterior(film, other)
    after = landmarks(logic, film)
    assert after.bodies["L4"].superior_anterior == before.bodies["L4"].superior_posterior
    assert (logic.facts(film).anterior, logic.facts(film).anteriorRule) == (other, "stated by the user")
    logic.undo(film)
    assert logic.facts(film).anterior == before.anterior


def test_an_earlier_film_stands_beside_with_the_change(shown: Any, slicer: Any) -> None:
    logic, film = shown
    drawn = drawFilm(landmarks(logic, film).anterior)
    earlier = slicer.util.addVolumeFromArray(drawn.pixels[np.newaxis], np.diag([-0.15, -0.15, 1.0, 1.0]), "before")
    logic.showResult(earlier, drawn.inference())
    assert logic.earlierFilms(film) == (earlier,)
    drag(film, markup(film, END_PLATE, "L1 superior"), 0, (130, 50))
    logic.setEarlierFilm(film, earlier)
    sheet = logic.sheet(film)
    table = {row.name: row for row in sheet.rows}
    assert sheet.earlierName == "before"
    assert table["PI"].change == "+0.0°"
    now, then = (float(text.replace("−", "-").rstrip("°")) for text in (table["LL"].value, table["LL"].earlier))
    assert float(table["LL"].change.replace("−", "-").rstrip("°")) == pytest.approx(now - then, abs=0.11)
    assert "+0.0°" in logic.asText(film)
    slicer.mrmlScene.RemoveNode(earlier)
    assert logic.sheet(film).earlierName == ""
