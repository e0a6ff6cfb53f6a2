"""Slicer itself reads the `.seg.nrrd` of `sagittal measure`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sagittal.anatomy import measure_mask
from sagittal.anatomy.definitions import default_definitions
from sagittal.films import Film, Identity, SpacingRule
from sagittal.report.segmentation_nrrd import write_segmentation_nrrd
from sagittal.report.segments import segments_of
from SpinoPelvicLib.Testing.SyntheticFilm import drawFilm


def test_slicer_reads_names_colours_terminology_and_overlap(slicer: Any, tmp_path: Path) -> None:
    drawn = drawFilm("left")
    film = Film(
        pixels=np.asarray(drawn.pixels, np.float32),
        spacing_mm=(0.15, 0.15),
        spacing_rule=SpacingRule.CALIBRATED,
        pixel_aspect=(0.15, 0.15),
        affine=np.diag([0.15, 0.15, 1.0, 1.0]),
        anterior="left",
        identity=Identity("film", None),
    )
    measurement = measure_mask(drawn.labelMap, pixel_aspect=film.pixel_aspect)
    segments = segments_of(measurement, film.pixel_aspect, default_definitions())
    write_segmentation_nrrd(tmp_path / "film.seg.nrrd", segments, film, model="mask")

    storage = slicer.vtkMRMLSegmentationStorageNode()
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    storage.SetFileName(str(tmp_path / "film.seg.nrrd"))
    assert storage.ReadData(node)

    volume = slicer.util.addVolumeFromArray(drawn.pixels[np.newaxis], np.diag([-0.15, -0.15, 1.0, 1.0]), "film")
    segmentation = node.GetSegmentation()
    assert segmentation.GetNumberOfSegments() == len(segments)
    assert segmentation.GetNumberOfLayers() == 2
    for segment in segments:
        structure = segment.structure
        read = segmentation.GetSegment(structure.name)
        assert read.GetName() == structure.name
        assert read.GetLabelValue() == structure.id
        assert np.array(read.GetColor()) * 255 == pytest.approx(structure.color, abs=0.01)
        mask = slicer.util.arrayFromSegmentBinaryLabelmap(node, structure.name, volume)[0] > 0
        np.testing.assert_array_equal(mask, segment.mask)
        entry = slicer.vtkSlicerTerminologyEntry()
        assert slicer.modules.terminologies.logic().DeserializeTerminologyEntry(read.GetTerminology(), entry)
        assert entry.GetTypeObject().GetCodeValue() == structure.code
