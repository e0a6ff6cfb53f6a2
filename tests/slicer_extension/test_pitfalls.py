"""Pitfalls of Slicer and of MONAI Label's own client, each shown on real MRML and shown to be avoided.

DICOM (4) is in test_dicom_film.py, colour volumes (6) in test_film.py, time-outs and TLS on the wire in test_client.py.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from SpinoPelvicLib.film_logic import SceneFilmLogic
from SpinoPelvicLib.geometry import toPixel, toRas
from SpinoPelvicLib.replies import Label
from SpinoPelvicLib.results import END_PLATE, resultNodes
from SpinoPelvicLib.segmentation import exportLabelMap, segmentMasks
from SpinoPelvicLib.Testing.SyntheticFilm import LABELS, drawFilm, overlapOfHeads

MODULE = Path(__file__).parents[2] / "slicer_extension" / "SpinoPelvic"
SOURCES = sorted(MODULE.rglob("*.py"))


@pytest.fixture
def films(slicer: Any) -> Any:
    logic = SceneFilmLogic()
    yield logic
    logic.close()


def shown(slicer: Any, films: Any, matrix: Any = None, labels: Any = None) -> Any:
    drawn = drawFilm()
    film = slicer.util.addVolumeFromArray(
        drawn.pixels[np.newaxis], np.diag([-0.15, -0.15, 1.0, 1.0]) if matrix is None else matrix, "film"
    )
    answer = drawn.inference()
    films.showResult(film, replace(answer, labels=labels) if labels else answer)
    return film


def exported(slicer: Any, node: Any, reference: Any = None) -> Any:
    """What MONAI Label's own module exports: without a colour table, and without a reference where none is given."""
    volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode")
    logic = slicer.modules.segmentations.logic()
    if reference is None:
        logic.ExportVisibleSegmentsToLabelmapNode(node, volume)
    else:
        logic.ExportVisibleSegmentsToLabelmapNode(node, volume, reference)
    return slicer.util.arrayFromVolume(volume)[0]


def test_1_a_plain_export_numbers_labels_anew_and_ours_does_not(slicer: Any, films: Any) -> None:
    film = shown(slicer, films)
    node = films.segmentation(film)
    for name in ("L1", "L3", "L4"):
        node.GetSegmentation().RemoveSegment(node.GetSegmentation().GetSegmentIdBySegmentName(name))
    plain = set(np.unique(exported(slicer, node, film)).tolist())
    assert plain != set(np.unique(exportLabelMap(film)).tolist())
    assert set(np.unique(exportLabelMap(film)).tolist()) == {0, 21, 24, 26, 41, 42}


def test_2_a_plain_export_is_cropped_and_ours_has_the_films_grid(slicer: Any, films: Any) -> None:
    film = shown(slicer, films)
    columns, rows, _slices = film.GetImageData().GetDimensions()
    assert exported(slicer, films.segmentation(film)).shape != (rows, columns)
    assert exportLabelMap(film).shape == (rows, columns)


def test_3_one_label_map_loses_the_overlap_and_the_segments_and_their_file_keep_it(
    slicer: Any, films: Any, tmp_path: Path
) -> None:
    film = shown(slicer, films)
    masks = segmentMasks(film)
    both = masks["femoral_head_1"].unpacked() & masks["femoral_head_2"].unpacked()
    np.testing.assert_array_equal(both, overlapOfHeads())
    flat = exportLabelMap(film) == LABELS["femoral_head_2"].value
    assert (masks["femoral_head_2"].unpacked() & ~flat).sum() == both.sum() > 500
    storage = slicer.vtkMRMLSegmentationStorageNode()
    storage.SetFileName(str(tmp_path / "film.seg.nrrd"))
    assert storage.WriteData(films.segmentation(film))
    again = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    assert storage.ReadData(again)
    for name in ("femoral_head_1", "femoral_head_2"):
        segmentId = again.GetSegmentation().GetSegmentIdBySegmentName(name)
        mask = slicer.util.arrayFromSegmentBinaryLabelmap(again, segmentId, film)[0] > 0
        np.testing.assert_array_equal(mask, masks[name].unpacked())


@pytest.mark.parametrize(
    "matrix",
    [
        np.diag([-0.15, -0.3, 1.0, 1.0]),
        np.array([[0.15, 0, 0, 9], [0, -0.15, 0, 4], [0, 0, 1, 0], [0, 0, 0, 1.0]]),
        np.array([[0, 0, 1, 3], [0, 0.15, 0, -8], [-0.15, 0, 0, 2], [0, 0, 0, 1.0]]),
    ],
    ids=["oblong pixels", "mirrored file", "sagittal file"],
)
def test_5_a_films_geometry_is_kept_and_landmarks_go_through_it(slicer: Any, films: Any, matrix: Any) -> None:
    film = shown(slicer, films, matrix)
    from SpinoPelvicLib.geometry import ijkToRas

    np.testing.assert_allclose(ijkToRas(film), matrix)
    np.testing.assert_allclose(toPixel(film, toRas(film, (12.5, 40.25))), (12.5, 40.25))
    node = next(n for n in resultNodes(film, END_PLATE) if n.GetName() == "L2 superior")
    expected = drawFilm().result["landmarks"]["L2"]["superior_anterior"]
    np.testing.assert_allclose(toPixel(film, node.GetNthControlPointPosition(0)), expected, atol=1e-6)
    np.testing.assert_array_equal(exportLabelMap(film), drawFilm().labelMap)


def test_7_a_grey_label_keeps_its_colour(slicer: Any, films: Any) -> None:
    grey = {**LABELS, "L1": Label("L1", 20, (128, 128, 128)), "L2": Label("L2", 21, (127, 128, 127))}
    segmentation = films.segmentation(shown(slicer, films, labels=grey)).GetSegmentation()
    for name in ("L1", "L2"):
        color = segmentation.GetSegment(segmentation.GetSegmentIdBySegmentName(name)).GetColor()
        assert color != (0.5, 0.5, 0.5)
        np.testing.assert_allclose(color, 0.5, atol=0.02)


def test_8_the_parameter_table_has_a_colour_for_every_cell() -> None:
    widgets = ElementTree.parse(MODULE / "Resources/UI/SpinoPelvic.ui").iter("widget")
    classes = {widget.get("name"): widget.get("class") for widget in widgets}
    assert classes["parameterTable"] == "QTableWidget"
    assert "qMRMLTableView" not in classes.values()


def test_9_no_module_that_younger_pythons_lack_is_imported() -> None:
    gone = {"imp", "cgi", "distutils", "asynchat", "asyncore", "pipes", "telnetlib"}
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not gone & {name.split(".")[0] for name in names}, source


def test_10_every_request_is_made_in_one_place_with_time_out_and_verified_certificate() -> None:
    calls = [
        (source.name, node)
        for source in SOURCES
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("requests", "session", "urllib")
        and node.func.attr in ("request", "get", "post", "put", "delete", "urlopen")
    ]
    ((name, call),) = calls
    assert name == "client.py"
    arguments = {keyword.arg: keyword.value for keyword in call.keywords}
    assert "timeout" in arguments
    assert ast.literal_eval(arguments["verify"]) is True
    assert ast.literal_eval(arguments["allow_redirects"]) is False


def test_no_sentence_inside_a_translation_is_built_by_an_f_string() -> None:
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
                assert not any(isinstance(part, ast.JoinedStr) for part in node.args), f"{source}:{node.lineno}"
