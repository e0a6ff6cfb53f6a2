"""The lines of PI, PT, SS and LL on the film, with their values: what a reader checks the numbers by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray

from .anatomy import lordosis_angle, pelvic_angles
from .geometry import pixelSize, toRas
from .reading import Reading
from .results import CONSTRUCTION, CONSTRUCTION_VALUES, markAsResult, resultNode, resultNodes
from .text import quantityText
from .translation import _

_COLORS = {
    "PI": (0.98, 0.78, 0.25),
    "PT": (0.45, 0.85, 0.45),
    "SS": (0.95, 0.45, 0.45),
    "LL": (0.45, 0.75, 1.0),
}
_ANGLE = "SpinoPelvic.Angle"


def showConstruction(film: slicer.vtkMRMLVolumeNode, reading: Reading) -> None:
    """Draw each angle that was measured; one that was not has no line."""
    aspect = pixelSize(film)
    drawn = {angle.name: angle for angle in pelvic_angles(reading.landmarks, aspect)}
    lordosis = lordosis_angle(reading.landmarks, aspect)
    if lordosis is not None:
        drawn["LL"] = lordosis
    values = {n: p for n, p in reading.parameters.items() if p.value is not None}
    models = {node.GetAttribute(_ANGLE): node for node in resultNodes(film, CONSTRUCTION)}
    labels = []
    for name in _COLORS:
        angle = drawn.get(name) if name in values else None
        node = models.get(name) or _createModel(film, name)
        lines = [] if angle is None else [*(np.array(leg) for leg in angle.legs), angle.arc]
        _setLines(node, [toRas(film, line) for line in lines if len(line)])
        if angle is not None:
            text = f"{name} {quantityText(values[name].value, values[name].unit)}"
            labels.append((text, toRas(film, angle.label_at)))
    _setLabels(resultNode(film, CONSTRUCTION_VALUES) or _createLabels(film), labels)


def _createModel(film: slicer.vtkMRMLVolumeNode, name: str) -> slicer.vtkMRMLModelNode:
    title = _("{angle} lines").format(angle=name)
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLModelNode", title)
    markAsResult(node, film, CONSTRUCTION)
    node.SetAttribute(_ANGLE, name)
    node.SetAndObservePolyData(vtk.vtkPolyData())
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    display.SetColor(_COLORS[name])
    # Lines in the plane of the film are no cut through it: they are projected.
    display.SetVisibility2D(True)
    display.SetSliceDisplayModeToProjection()
    display.SetSliceIntersectionThickness(2)
    return node


def _createLabels(film: slicer.vtkMRMLVolumeNode) -> slicer.vtkMRMLMarkupsFiducialNode:
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", _("Angles"))
    markAsResult(node, film, CONSTRUCTION_VALUES)
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    display.SetUseGlyphScale(True)
    display.SetGlyphScale(0.2)
    display.SetTextScale(3.2)
    display.SetSelectedColor(1.0, 1.0, 1.0)
    display.SetPointLabelsVisibility(True)
    node.SetLocked(True)
    return node


def _setLines(node: slicer.vtkMRMLModelNode, lines: Sequence[np.ndarray]) -> None:
    """Polylines, (n, 3) RAS each."""
    drawing = vtk.vtkPolyData()
    if lines:
        points = vtk.vtkPoints()
        points.SetData(numpy_to_vtk(np.concatenate(lines), deep=True))
        starts = np.cumsum([0, *(len(line) for line in lines)])
        cells = [[len(line), *range(start, start + len(line))] for start, line in zip(starts, lines)]
        flat = np.concatenate(cells).astype(np.int64)
        array = vtk.vtkCellArray()
        array.ImportLegacyFormat(numpy_to_vtkIdTypeArray(flat, deep=True))
        drawing.SetPoints(points)
        drawing.SetLines(array)
    if node.GetPolyData() is None:
        # Of a loaded scene: what was empty is not saved.
        node.SetAndObservePolyData(drawing)
        return
    node.GetPolyData().ShallowCopy(drawing)
    node.GetPolyData().Modified()


def _setLabels(node: slicer.vtkMRMLMarkupsFiducialNode, labels: Sequence[tuple[str, np.ndarray]]) -> None:
    was = node.StartModify()
    try:
        if node.GetNumberOfControlPoints() != len(labels):
            node.RemoveAllControlPoints()
            for _text, place in labels:
                node.AddControlPoint(*place)
        for index, (text, place) in enumerate(labels):
            node.SetNthControlPointPosition(index, *place)
            node.SetNthControlPointLabel(index, text)
    finally:
        node.EndModify(was)
