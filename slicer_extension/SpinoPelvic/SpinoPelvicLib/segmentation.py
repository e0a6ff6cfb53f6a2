"""Between the server's label map and a segmentation node: names, colours and values are the server's throughout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import slicer
import vtk

from .anatomy import Circle, default_definitions
from .errors import SegmentError, ServerError
from .film import sameGrid, writeVolume
from .geometry import insideCircle
from .masks import PackedMask
from .replies import Label
from .results import LABELS, SEGMENTATION, markAsResult, resultNode
from .translation import _

_HEADS = ("femoral_head_1", "femoral_head_2")


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
    heads: Sequence[Circle],
) -> slicer.vtkMRMLSegmentationNode:
    """One segmentation node with a segment for each structure in a label map on the film's grid.

    Where the heads overlap the label map holds head 1 alone; the fitted circles give head 2 its hidden part back.

    Raises:
        ServerError: the label map is not on the film's grid, or has a value without a name.
    """
    _checkLabelMap(film, labelMap, labels)
    _createLabelTable(film, labels)
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", film.GetName() + " " + _("segments"))
    markAsResult(node, film, SEGMENTATION)
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(film)
    masks = {label.name: labelMap == label.value for label in labels.values() if (labelMap == label.value).any()}
    if len(heads) > 1 and set(_HEADS) <= masks.keys():
        hidden = masks[_HEADS[0]] & insideCircle(film, heads[1].center, heads[1].radius)
        masks[_HEADS[1]] = masks[_HEADS[1]] | hidden
    fillSegmentation(film, masks)
    return node


def segmentMasks(film: slicer.vtkMRMLVolumeNode) -> dict[str, PackedMask]:
    """The film's segments on its grid, by name, in their order."""
    node = resultNode(film, SEGMENTATION)
    if node is None:
        return {}
    segmentation = node.GetSegmentation()
    return {
        segmentation.GetSegment(segmentId).GetName(): PackedMask.of(_segmentMask(film, node, segmentId))
        for segmentId in segmentation.GetSegmentIDs()
    }


def fillSegmentation(film: slicer.vtkMRMLVolumeNode, masks: Mapping[str, np.ndarray]) -> None:
    """Put masks (rows, columns) in place of the film's segments; names, colours and values are the server's.

    Overlapping masks stay whole: what one label map cannot hold gets a layer of its own.
    """
    node, table = resultNode(film, SEGMENTATION), resultNode(film, LABELS)
    segmentation, values = node.GetSegmentation(), _definedColors(table)
    segmentation.RemoveAllSegments()
    ordered = sorted((name for name in masks if masks[name].any()), key=lambda name: values.get(name, 256))
    labelMap = np.zeros(film.GetImageData().GetDimensions()[1::-1], np.uint8)
    for name in reversed(ordered):
        labelMap[masks[name]] = values.get(name, 0)
    volume = _labelVolume(film, labelMap)
    volume.GetDisplayNode().SetAndObserveColorNodeID(table.GetID())
    try:
        slicer.modules.segmentations.logic().ImportLabelmapToSegmentationNode(volume, node, "")
    finally:
        slicer.mrmlScene.RemoveNode(volume)
    for name in ordered:
        segmentId = segmentation.GetSegmentIdBySegmentName(name)
        if not segmentId:
            segmentId = segmentation.AddEmptySegment(name, name)
            segmentation.GetSegment(segmentId).SetColor(*_colorOf(table, values.get(name)))
        if not values.get(name) or not np.array_equal(labelMap == values[name], masks[name]):
            whole = masks[name][np.newaxis].astype(np.uint8)
            slicer.util.updateSegmentBinaryLabelmapFromArray(whole, node, segmentId, film)
    _setTerminology(segmentation)


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
    if not sameGrid(film, labelMap.shape):
        columns, rows, _slices = film.GetImageData().GetDimensions()
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
        red, green, blue = _shown(label.color)
        table.SetColor(label.value, label.name, red, green, blue, 1.0)
    return table


def _shown(color: Sequence[int]) -> tuple[float, float, float]:
    """0..1; never exactly (0.5, 0.5, 0.5), which Slicer takes for no colour and replaces by one drawn at random."""
    shown = tuple(channel / 255 for channel in color)
    return (0.51, 0.51, 0.51) if all(abs(channel - 0.5) < 0.002 for channel in shown) else shown


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


def _segmentMask(film: slicer.vtkMRMLVolumeNode, node: slicer.vtkMRMLSegmentationNode, segmentId: str) -> np.ndarray:
    """(rows, columns) bool; all False for a segment in which nothing was drawn."""
    stored = node.GetSegmentation().GetSegment(segmentId).GetRepresentation("Binary labelmap")
    if stored is None or stored.IsEmpty():
        return np.zeros(film.GetImageData().GetDimensions()[1::-1], bool)
    return slicer.util.arrayFromSegmentBinaryLabelmap(node, segmentId, film)[0] > 0


def _colorOf(table: slicer.vtkMRMLColorTableNode, value: int | None) -> tuple[float, float, float]:
    # A segment of exactly (0.5, 0.5, 0.5) is shown in a colour drawn at random.
    color = [0.55, 0.55, 0.55, 1.0]
    if value:
        table.GetColor(value, color)
    return color[0], color[1], color[2]


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
