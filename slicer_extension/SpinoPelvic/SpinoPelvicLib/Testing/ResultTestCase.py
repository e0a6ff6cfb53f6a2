"""From an answer of the server to segments, markups and table, and back to a label map, on a real scene."""

from __future__ import annotations

import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import slicer

from ..errors import SegmentError
from ..film_logic import SceneFilmLogic
from ..geometry import toPixel, toRas
from ..results import END_PLATE, HEAD_CIRCLE, HIP_AXIS, PARAMETERS, SEGMENTATION, resultNodes
from ..segmentation import exportLabelMap, readLabelMap
from .SyntheticFilm import LABELS, SyntheticFilm, drawFilm, overlapOfHeads

SPACING = 0.15
IJK_TO_RAS = np.diag([-SPACING, -SPACING, 1.0, 1.0])


class ResultTestCase(unittest.TestCase):
    def setUp(self) -> None:
        slicer.mrmlScene.Clear()
        self.logic = SceneFilmLogic()

    def tearDown(self) -> None:
        self.logic.close()

    def show(self, drawn: SyntheticFilm) -> slicer.vtkMRMLScalarVolumeNode:
        film = slicer.util.addVolumeFromArray(drawn.pixels[np.newaxis], IJK_TO_RAS, "film")
        self.logic.showResult(film, drawn.inference())
        return film

    def segment(self, film: slicer.vtkMRMLVolumeNode, name: str) -> np.ndarray:
        node = self.logic.segmentation(film)
        segmentId = node.GetSegmentation().GetSegmentIdBySegmentName(name)
        return slicer.util.arrayFromSegmentBinaryLabelmap(node, segmentId, film)[0] > 0

    def test_every_structure_is_a_segment_with_the_servers_name_and_colour(self) -> None:
        for anterior in ("left", "right"):
            drawn = drawFilm(anterior)
            film = self.show(drawn)
            segmentation = self.logic.segmentation(film).GetSegmentation()
            segments = [segmentation.GetSegment(i) for i in segmentation.GetSegmentIDs()]
            self.assertEqual([segment.GetName() for segment in segments], list(LABELS))
            for segment in segments:
                label = LABELS[segment.GetName()]
                np.testing.assert_allclose(segment.GetColor(), np.array(label.color) / 255, atol=1e-6)
                if label.name != "femoral_head_2":
                    np.testing.assert_array_equal(self.segment(film, label.name), drawn.labelMap == label.value)

    def test_both_heads_keep_their_overlap(self) -> None:
        for anterior in ("left", "right"):
            film = self.show(drawFilm(anterior))
            both = self.segment(film, "femoral_head_1") & self.segment(film, "femoral_head_2")
            np.testing.assert_array_equal(both, overlapOfHeads(anterior))
            self.assertGreater(both.sum(), 500)

    def test_segments_carry_terminology(self) -> None:
        film = self.show(drawFilm())
        segmentation = self.logic.segmentation(film).GetSegmentation()
        entry = slicer.vtkSlicerTerminologyEntry()
        logic = slicer.modules.terminologies.logic()
        segment = segmentation.GetSegment(segmentation.GetSegmentIdBySegmentName("L4"))
        self.assertTrue(
            logic.DeserializeTerminologyEntry(
                _tag(segment, slicer.vtkSegment.GetTerminologyEntryTagName()),
                entry,
            )
        )
        self.assertEqual(entry.GetTypeObject().GetCodeValue(), "11994002")
        self.assertEqual(entry.GetTypeObject().GetCodingSchemeDesignator(), "SCT")

    def test_end_plates_heads_and_hip_axis_lie_where_the_server_found_them(self) -> None:
        for anterior in ("left", "right"):
            drawn = drawFilm(anterior)
            film = self.show(drawn)
            landmarks = drawn.result["landmarks"]
            lines = {node.GetName(): node for node in resultNodes(film, END_PLATE)}
            self.assertEqual(len(lines), 11)
            self.assertPoint(film, lines["L2 superior"], 0, landmarks["L2"]["superior_anterior"])
            self.assertPoint(film, lines["L5 inferior"], 1, landmarks["L5"]["inferior_posterior"])
            self.assertPoint(film, lines["S1 superior"], 1, landmarks["S1"]["posterior"])
            self.assertPoint(film, resultNodes(film, HIP_AXIS)[0], 0, landmarks["hip_axis"])
            heads = resultNodes(film, HEAD_CIRCLE)
            self.assertEqual(len(heads), 2)
            for node, head in zip(heads, landmarks["femoral_heads"]):
                curve = slicer.util.arrayFromMarkupsCurvePoints(node)
                distances = [np.hypot(*(toPixel(film, point) - head["center"])) for point in curve]
                np.testing.assert_allclose(distances, head["radius"], atol=0.05)

    def assertPoint(self, film: slicer.vtkMRMLVolumeNode, node: slicer.vtkMRMLNode, index: int, pixel: list) -> None:
        position = [0.0, 0.0, 0.0]
        node.GetNthControlPointPositionWorld(index, position)
        np.testing.assert_allclose(toPixel(film, position), pixel, atol=1e-6)

    def test_the_table_marks_what_is_out_of_range_and_says_why_a_value_is_absent(self) -> None:
        rows = {row.name: row for row in self.logic.sheet(self.show(drawFilm())).rows}
        self.assertEqual(list(rows), ["PI", "PT", "LL", "L1", "LDI"])
        self.assertEqual((rows["PI"].value, rows["PI"].unit, rows["PI"].range), ("52.1", "°", "34 to 84"))
        self.assertEqual([name for name, row in rows.items() if row.outOfRange], ["PT", "LL"])
        self.assertEqual((rows["L1"].range, rows["L1"].status), ("", "unranged"))
        self.assertEqual((rows["LDI"].value, rows["LDI"].status), ("", "absent"))
        self.assertEqual(rows["LDI"].reason, "LL is under 10 degrees")

    def test_what_the_server_says_of_the_film_is_said_once(self) -> None:
        drawn = drawFilm()
        quality = {"verdict": "measurable with caution", "reasons": ["one head"]}
        result = {**drawn.result, "quality": quality, "warnings": ["one head", "no spacing"]}
        sheet = self.logic.sheet(self.show(SyntheticFilm(drawn.pixels, drawn.labelMap, result)))
        self.assertEqual(sheet.verdict, "measurable with caution")
        self.assertEqual(sheet.remarks, ("one head", "no spacing"))

    def test_a_second_result_replaces_the_first(self) -> None:
        drawn = drawFilm()
        film = self.show(drawn)
        before = len(resultNodes(film))
        self.logic.showResult(film, drawn.inference())
        self.assertEqual(len(resultNodes(film)), before)
        self.assertEqual(len(resultNodes(film, SEGMENTATION)), 1)
        self.assertEqual(len(resultNodes(film, PARAMETERS)), 1)

    def test_results_of_two_films_stay_apart(self) -> None:
        first, second = self.show(drawFilm("left")), self.show(drawFilm("right"))
        self.assertIsNot(self.logic.segmentation(first), self.logic.segmentation(second))
        np.testing.assert_array_equal(exportLabelMap(first)[:, ::-1], exportLabelMap(second))

    def test_the_exported_label_map_is_the_servers(self) -> None:
        for anterior in ("left", "right"):
            drawn = drawFilm(anterior)
            np.testing.assert_array_equal(exportLabelMap(self.show(drawn)), drawn.labelMap)

    def test_deleting_a_middle_segment_renumbers_no_other(self) -> None:
        drawn = drawFilm()
        film = self.show(drawn)
        segmentation = self.logic.segmentation(film).GetSegmentation()
        segmentation.RemoveSegment(segmentation.GetSegmentIdBySegmentName("L3"))
        expected = np.where(drawn.labelMap == LABELS["L3"].value, 0, drawn.labelMap)
        np.testing.assert_array_equal(exportLabelMap(film), expected)

    def test_the_label_file_has_the_films_geometry_and_names_its_values(self) -> None:
        drawn = drawFilm()
        film = self.show(drawn)
        with TemporaryDirectory() as folder:
            path = Path(folder) / "label.nrrd"
            params = self.logic.writeLabel(film, path)
            np.testing.assert_array_equal(readLabelMap(path), drawn.labelMap)
            volume = slicer.vtkMRMLLabelMapVolumeNode()
            storage = slicer.vtkMRMLNRRDStorageNode()
            storage.SetFileName(str(path))
            storage.ReadData(volume, True)
        self.assertEqual(volume.GetImageData().GetScalarTypeAsString(), "unsigned char")
        np.testing.assert_allclose(volume.GetSpacing(), film.GetSpacing())
        self.assertEqual(params["label_info"], [{"name": n, "idx": label.value} for n, label in LABELS.items()])

    def test_a_segment_of_another_name_is_not_submitted(self) -> None:
        film = self.show(drawFilm())
        segmentation = self.logic.segmentation(film).GetSegmentation()
        segmentation.AddEmptySegment("Segment_1", "Segment_1")
        with self.assertRaisesRegex(SegmentError, "Segment_1.*Rename"):
            exportLabelMap(film)

    def test_a_film_without_landmarks_shows_a_table_of_reasons(self) -> None:
        drawn = drawFilm()
        film = slicer.util.addVolumeFromArray(drawn.pixels[np.newaxis], IJK_TO_RAS, "film")
        result = {
            "film": {"spacing_mm": None},
            "landmarks": {"S1": None, "femoral_heads": [], "hip_axis": None},
            "parameters": {"PI": {**drawn.result["parameters"]["LDI"], "reason": "no femoral head was found"}},
        }
        empty = SyntheticFilm(drawn.pixels, np.zeros_like(drawn.labelMap), result)
        self.logic.showResult(film, empty.inference())
        self.assertEqual(self.logic.sheet(film).rows[0].reason, "no femoral head was found")
        self.assertEqual(self.logic.segmentation(film).GetSegmentation().GetNumberOfSegments(), 0)
        np.testing.assert_allclose(film.GetSpacing(), (SPACING, SPACING, 1.0))

    def test_dragging_an_end_plate_moves_lines_and_table_at_once_and_can_be_undone(self) -> None:
        film = self.show(drawFilm())
        self.logic.watch(film)
        before = self.logic.sheet(film)
        node = next(node for node in resultNodes(film, END_PLATE) if node.GetName() == "S1 superior")
        heard = []
        self.logic.sheetChanged.connect(heard.append)
        node.InvokeEvent(node.PointStartInteractionEvent)
        node.SetNthControlPointPosition(0, *toRas(film, (150.0, 300.0)))
        self.assertEqual(heard, [film])
        rows = {row.name: row for row in self.logic.sheet(film).rows}
        self.assertTrue(rows["PI"].edited and rows["SS"].edited)
        self.assertFalse(rows["L1"].edited)
        self.assertEqual(self.logic.sheet(film).edited, ("S1 superior",))
        node.InvokeEvent(node.PointEndInteractionEvent)
        self.logic.undo(film)
        self.assertEqual(self.logic.sheet(film).rows, before.rows)
        self.assertFalse(self.logic.canUndo(film))
        self.logic.redo(film)
        self.assertEqual({row.name: row for row in self.logic.sheet(film).rows}, rows)

    def test_levels_are_renamed_in_segments_markups_and_table(self) -> None:
        film = self.show(drawFilm())
        self.assertEqual(self.logic.shiftedLevels(film, 1)[0], ("L5", "L4"))
        self.logic.shiftLevels(film, 1)
        segmentation = self.logic.segmentation(film).GetSegmentation()
        names = {segmentation.GetSegment(i).GetName() for i in segmentation.GetSegmentIDs()}
        self.assertTrue({"T12", "L1", "L4", "sacrum"} <= names)
        self.assertNotIn("L5", names)
        self.assertNotIn("L5 superior", {node.GetName() for node in resultNodes(film, END_PLATE)})
        self.logic.resetToAutomatic(film)
        np.testing.assert_array_equal(exportLabelMap(film), drawFilm().labelMap)


def _tag(segment: slicer.vtkSegment, name: str) -> str:
    import vtk

    text = vtk.reference("")
    segment.GetTag(name, text)
    return str(text)
