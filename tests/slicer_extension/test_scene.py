"""Results survive saving and loading the scene."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from SpinoPelvicLib.film_logic import SceneFilmLogic
from SpinoPelvicLib.results import END_PLATE, resultNodes
from SpinoPelvicLib.segmentation import exportLabelMap, labelValues
from SpinoPelvicLib.Testing.SyntheticFilm import LABELS, drawFilm, overlapOfHeads


@pytest.mark.parametrize("anterior", ["left", "right"])
def test_a_saved_scene_keeps_segments_overlap_landmarks_and_table(slicer: Any, tmp_path: Path, anterior: str) -> None:
    logic, drawn, scene = SceneFilmLogic(), drawFilm(anterior), slicer.mrmlScene
    film = slicer.util.addVolumeFromArray(drawn.pixels[np.newaxis], np.diag([-0.15, -0.15, 1.0, 1.0]), "film")
    logic.showResult(film, drawn.inference())
    rows = logic.sheet(film).rows
    # Where a bundle is unpacked; the application sets this up at its start.
    files = slicer.vtkMRMLRemoteIOLogic()
    files.SetMRMLScene(scene)
    files.AddDataIOToScene()
    files.GetCacheManager().SetRemoteCacheDirectory(str(tmp_path))
    path = str(tmp_path / "film.mrb")
    assert scene.WriteToMRB(path)
    scene.Clear()
    assert scene.ReadFromMRB(path)

    film = scene.GetFirstNodeByClass("vtkMRMLScalarVolumeNode")
    np.testing.assert_allclose(film.GetSpacing(), (0.15, 0.15, 1.0))
    assert logic.sheet(film).rows == rows
    assert len(resultNodes(film, END_PLATE)) == 11
    assert labelValues(film) == {label.name: label.value for label in LABELS.values()}
    np.testing.assert_array_equal(exportLabelMap(film), drawn.labelMap)
    node = logic.segmentation(film)
    heads = [
        slicer.util.arrayFromSegmentBinaryLabelmap(
            node, node.GetSegmentation().GetSegmentIdBySegmentName(f"femoral_head_{number}"), film
        )[0]
        > 0
        for number in (1, 2)
    ]
    np.testing.assert_array_equal(heads[0] & heads[1], overlapOfHeads(anterior))
