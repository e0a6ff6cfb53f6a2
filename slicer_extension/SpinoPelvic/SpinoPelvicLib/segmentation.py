"""Between the server's label map and a segmentation node: names, colours and values are the server's throughout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import slicer
import vtk

from .anatomy import default_definitions
from .film import writeVolume
from .geometry import insideCircle
from .replies import Label, ServerError
from .results import LABELS, SEGMENTATION, markAsResult, resultNode
from .translation import _

_HEADS = ("femoral_head_1", "femoral_head_2")


class SegmentError(ValueError):
    """The segments do not fit the server's labels. The text says which one and what to do."""


def readLabelMap(path: Path) -> np.ndarray:
    """(rows, columns) of a label map file of one slice.

    Raises:
        ServerError: the file cannot be read.
    """
    volume = slicer.vtkMRMLLabelMapVolumeNode()
    storage = slicer.vtkMRMLNRRDStorageNode()
    storage.SetFileName(str(path))
    if not storage.ReadData(volume, True):
        raise ServerError(_("The server's label map cannot be read. Try again."))
    return slicer.util.arrayFromVolume(volume)[0].copy()


def createSegmentation(
    film: slicer.vtkMRMLVolumeNode,
    labelMap: np.ndarray,
    labels: Mapping[str, Label],
    heads: Sequence[Mapping[str, Any]],
) -> slicer.vtkMRMLSegmentationNode:
    """One segmentation node with a segment for each structure in a label map on the film's grid.

    Where the heads overlap the label map holds head 1 alone; the fitted circles (`center`, `radius`, in pixels)
    give head 2 its hidden part back.

    Raises:
        ServerError: the label map is not on the film's grid, or has a value without a name.
    """
    _checkLabelMap(film, labelMap, labels)
    table = _createLabelTable(film, labels)
    volume = _labelVolume(film, labelMap)
    volume.GetDisplayNode().SetAndObserveColorNodeID(table.GetID())
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", film.GetName() + " " + _("segments"))
    markAsResult(node, film, SEGMENTATION)
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(film)
    try:
        slicer.modules.segmentations.logic().ImportLabelmapToSegmentationNode(volume, node, "")
    finally:
        slicer.mrmlScene.RemoveNode(volume)
    _restoreOverlap(node, film, labelMap, labels, heads)
    _setTerminology(node.GetSegmentation())
    return node


def exportLabelMap(film: slicer.vtkMRMLVolumeNode) -> np.ndarray:
    """(rows, columns) uint8: the film's segments on its grid, each with the value the server gave its name.

    Where segments overlap the first wins, so that head 1 covers head 2 as in the server's label maps.

    Raises:
        SegmentError: a segment's name is none of the server's, or is there twice.
    """
    node, table = resultNode(film, SEGMENTATION), resultNode(film, LABELS)
    if node is None or table is None:
        raise SegmentError(_("There are no segments to submit. Segment the film first."))
    segmentIds = _checkedSegmentIds(node.GetSegmentation(), table)
    volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "label map")
    ids = vtk.vtkStringArray()
    for segmentId in reversed(segmentIds):
        ids.InsertNextValue(segmentId)
    try:
        # Without the film the result is cropped; without the table its values are numbered anew.
        slicer.modules.segmentations.logic().ExportSegmentsToLabelmapNode(
            node, ids, volume, film, slicer.vtkSegmentation.EXTENT_REFERENCE_GEOMETRY, table
        )
        return slicer.util.arrayFromVolume(volume)[0].astype(np.uint8)
    finally:
        slicer.mrmlScene.RemoveNode(volume)


def writeLabelMap(film: slicer.vtkMRMLVolumeNode, labelMap: np.ndarray, path: Path) -> None:
    """Write a label map (rows, columns) as NRRD (W, H, 1) with the film's geometry."""
    volume = _labelVolume(film, labelMap)
    try:
        writeVolume(volume, path)
    finally:
        slicer.mrmlScene.RemoveNode(volume)


def labelValues(film: slicer.vtkMRMLVolumeNode) -> dict[str, int]:
    """The server's label values by name, as kept in the scene with the film's segments."""
    table = resultNode(film, LABELS)
    return {} if table is None else _definedColors(table)


def _checkLabelMap(film: slicer.vtkMRMLVolumeNode, labelMap: np.ndarray, labels: Mapping[str, Label]) -> None:
    columns, rows, _slices = film.GetImageData().GetDimensions()
    if labelMap.shape != (rows, columns):
        raise ServerError(
            _("The server's label map has {got} pixels, the film {expected}. Load the film again.").format(
                got="{1} x {0}".format(*labelMap.shape), expected=f"{columns} x {rows}"
            )
        )
    unknown = set(np.unique(labelMap).tolist()) - {0} - {label.value for label in labels.values()}
    if unknown:
        raise ServerError(
            _("The server's label map has values without a name: {values}.").format(values=sorted(unknown))
        )


def _createLabelTable(film: slicer.vtkMRMLVolumeNode, labels: Mapping[str, Label]) -> slicer.vtkMRMLColorTableNode:
    table = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLColorTableNode", film.GetName() + " " + _("labels"))
    markAsResult(table, film, LABELS)
    table.SetTypeToUser()
    table.SetNumberOfColors(256)
    for label in labels.values():
        red, green, blue = (channel / 255 for channel in label.color)
        table.SetColor(label.value, label.name, red, green, blue, 1.0)
    return table


def _definedColors(table: slicer.vtkMRMLColorTableNode) -> dict[str, int]:
    return {
        table.GetColorName(value): value for value in range(1, table.GetNumberOfColors()) if table.GetColorName(value)
    }


def _labelVolume(film: slicer.vtkMRMLVolumeNode, labelMap: np.ndarray) -> slicer.vtkMRMLLabelMapVolumeNode:
    matrix = vtk.vtkMatrix4x4()
    film.GetIJKToRASMatrix(matrix)
    return slicer.util.addVolumeFromArray(
        labelMap[np.newaxis].astype(np.uint8), matrix, "label map", "vtkMRMLLabelMapVolumeNode"
    )


def _restoreOverlap(
    node: slicer.vtkMRMLSegmentationNode,
    film: slicer.vtkMRMLVolumeNode,
    labelMap: np.ndarray,
    labels: Mapping[str, Label],
    heads: Sequence[Mapping[str, Any]],
) -> None:
    """Add to head 2 what lies in its circle and is labelled head 1."""
    segmentId = node.GetSegmentation().GetSegmentIdBySegmentName(_HEADS[1])
    if len(heads) < 2 or not segmentId:
        return
    first, second = (labelMap == labels[name].value for name in _HEADS)
    hidden = first & insideCircle(film, heads[1]["center"], heads[1]["radius"])
    if hidden.any():
        whole = (second | hidden)[np.newaxis].astype(np.uint8)
        slicer.util.updateSegmentBinaryLabelmapFromArray(whole, node, segmentId, film)


def _setTerminology(segmentation: slicer.vtkSegmentation) -> None:
    structures = default_definitions().structures
    for segmentId in segmentation.GetSegmentIDs():
        segment = segmentation.GetSegment(segmentId)
        structure = structures.get(segment.GetName())
        if structure is not None:
            segment.SetTag(
                slicer.vtkSegment.GetTerminologyEntryTagName(),
                "Segmentation category and type - DICOM master list~SCT^123037004^Anatomical Structure"
                f"~SCT^{structure.code}^{structure.meaning}~^^~Anatomic codes - DICOM master list~^^~^^",
            )


def _checkedSegmentIds(segmentation: slicer.vtkSegmentation, table: slicer.vtkMRMLColorTableNode) -> list[str]:
    known = _definedColors(table)
    seen = set()
    for segmentId in segmentation.GetSegmentIDs():
        name = segmentation.GetSegment(segmentId).GetName()
        if name not in known:
            raise SegmentError(
                _("Segment '{name}' is none of the server's labels. Rename it to one of {known}, or delete it.").format(
                    name=name, known=", ".join(known)
                )
            )
        if name in seen:
            raise SegmentError(_("There are two segments '{name}'. Rename or delete one.").format(name=name))
        seen.add(name)
    return list(segmentation.GetSegmentIDs())
