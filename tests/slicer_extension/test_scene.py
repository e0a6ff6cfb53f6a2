"""Results survive saving and loading the scene, corrections and the way back to the automatic result too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from SpinoPelvicLib.film_logic import SceneFilmLogic
from SpinoPelvicLib.geometry import toRas
from SpinoPelvicLib.results import END_PLATE, HEAD_CIRCLE, PARAMETERS, resultNode, resultNodes
from SpinoPelvicLib.segmentation import exportLabelMap, labelValues, segmentMasks
from SpinoPelvicLib.Testing.SyntheticFilm import LABELS, drawFilm, overlapOfHeads


def reloaded(slicer: Any, tmp_path: Path) -> Any:
    """The film of the scene after it was saved as a bundle and loaded into an empty one."""
    scene = slicer.mrmlScene
    # Where a bundle is unpacked; the application sets this up at its start.
    files = slicer.vtkMRMLRemoteIOLogic()
    files.SetMRMLScene(scene)
    files.AddDataIOToScene()
    files.GetCacheManager().SetRemoteCacheDirectory(str(tmp_path))
    path = str(tmp_path / "film.mrb")
    assert scene.WriteToMRB(path)
    scene.Clear()
    assert scene.ReadFromMRB(path)
    return scene.GetFirstNodeByClass("vtkMRMLScalarVolumeNode")


@pytest.mark.parametrize("anterior", ["left", "right"])
def test_a_saved_scene_keeps_segments_overlap_landmarks_and_table(slicer: Any, tmp_path: Path, anterior: str) -> None:
    logic, drawn = SceneFilmLogic(), drawFilm(anterior)
    film = slicer.util.addVolumeFromArray(drawn.pixels[np.newaxis], np.diag([-0.15, -0.15, 1.0, 1.0]), "film")
    logic.showResult(film, drawn.inference())
    sheet = logic.sheet(film)
    logic.close()

    film = reloaded(slicer, tmp_path)
    again = SceneFilmLogic()
    np.testing.assert_allclose(film.GetSpacing(), (0.15, 0.15, 1.0))
    np.testing.assert_array_equal(slicer.util.arrayFromVolume(film)[0], drawn.pixels)
    assert again.sheet(film) == sheet
    assert len(resultNodes(film, END_PLATE)) == 11
    assert len(resultNodes(film, HEAD_CIRCLE)) == 2
    assert labelValues(film) == {label.name: label.value for label in LABELS.values()}
    np.testing.assert_array_equal(exportLabelMap(film), drawn.labelMap)
    heads = [segmentMasks(film)[f"femoral_head_{number}"].unpacked() for number in (1, 2)]
    np.testing.assert_array_equal(heads[0] & heads[1], overlapOfHeads(anterior))
    table = resultNode(film, PARAMETERS).GetTable()
    assert [table.GetColumnByName("name").GetValue(k) for k in range(5)] == [row.name for row in sheet.rows]
    assert table.GetColumnByName("value").GetValue(0) == pytest.approx(52.1)
    assert np.isnan(table.GetColumnByName("value").GetValue(4))
    again.close()


def test_corrections_are_saved_and_can_be_reset_in_the_loaded_scene(slicer: Any, tmp_path: Path) -> None:
    logic, drawn = SceneFilmLogic(), drawFilm()
    film = slicer.util.addVolumeFromArray(drawn.pixels[np.newaxis], np.diag([-0.15, -0.15, 1.0, 1.0]), "film")
    logic.showResult(film, drawn.inference())
    automatic = logic.sheet(film)
    logic.watch(film)
    logic.shiftLevels(film, -1)
    node = next(n for n in resultNodes(film, END_PLATE) if n.GetName() == "L3 superior")
    node.SetNthControlPointPosition(0, *toRas(film, (115, 190)))
    edited = logic.sheet(film)
    assert edited.edited == ("levels", "L3 superior")
    logic.close()

    film = reloaded(slicer, tmp_path)
    again = SceneFilmLogic()
    again.watch(film)
    assert again.sheet(film) == edited
    node = next(n for n in resultNodes(film, END_PLATE) if n.GetName() == "L3 superior")
    node.SetNthControlPointPosition(0, *toRas(film, (116, 189)))
    assert again.canUndo(film)
    again.resetToAutomatic(film)
    assert again.sheet(film) == automatic
    np.testing.assert_array_equal(exportLabelMap(film), drawn.labelMap)
    again.close()


def test_a_new_scene_knows_nothing_of_the_old(slicer: Any) -> None:
    logic, drawn = SceneFilmLogic(), drawFilm()
    for _ in range(2):
        film = slicer.util.addVolumeFromArray(drawn.pixels[np.newaxis], name="film")
        assert not logic.hasResult(film)
        logic.showResult(film, drawn.inference())
        logic.watch(film)
        slicer.mrmlScene.Clear()
    logic.close()
