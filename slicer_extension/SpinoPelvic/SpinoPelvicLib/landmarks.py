"""Landmarks of a measurement as markups on the film: end plates, femoral heads, hip axis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import slicer

from .geometry import circlePoints, toRas
from .results import END_PLATE, FEMORAL_HEAD, HIP_AXIS, markAsResult
from .translation import _

_CIRCLE_POINTS = 24
# Points in percent of the view, lines relative to them; the points of a circle are hidden in its line.
_GLYPH_SCALES = {END_PLATE: 1.5, FEMORAL_HEAD: 0.4, HIP_AXIS: 2.0}
_LINE_THICKNESSES = {END_PLATE: 0.35, FEMORAL_HEAD: 1.2, HIP_AXIS: 0.35}
_COLORS = {END_PLATE: (1.0, 0.85, 0.2), FEMORAL_HEAD: (0.35, 0.8, 1.0), HIP_AXIS: (1.0, 0.4, 0.4)}


def createMarkups(film: slicer.vtkMRMLVolumeNode, landmarks: Mapping[str, Any]) -> None:
    """Draw the landmarks of a result (its `landmarks` JSON, in pixels of the film).

    They are locked: the parameter table is that of the drawn landmarks.
    """
    for name, ends in _endPlates(landmarks):
        _createMarkups(film, "vtkMRMLMarkupsLineNode", name, END_PLATE, [toRas(film, end) for end in ends])
    for number, head in enumerate(landmarks.get("femoral_heads") or (), start=1):
        points = circlePoints(film, head["center"], head["radius"], _CIRCLE_POINTS)
        name = _("Femoral head {number}").format(number=number)
        _createMarkups(film, "vtkMRMLMarkupsClosedCurveNode", name, FEMORAL_HEAD, points)
    hipAxis = landmarks.get("hip_axis")
    if hipAxis is not None:
        _createMarkups(film, "vtkMRMLMarkupsFiducialNode", _("Hip axis"), HIP_AXIS, [toRas(film, hipAxis)])


def _endPlates(landmarks: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Sequence[float], Sequence[float]]]]:
    """Name, and anterior and posterior end, of each end plate."""
    for level, points in landmarks.items():
        if level in ("femoral_heads", "hip_axis") or points is None:
            continue
        if level == "S1":
            yield _("S1 superior"), (points["anterior"], points["posterior"])
            continue
        yield _("{level} superior").format(level=level), (points["superior_anterior"], points["superior_posterior"])
        yield _("{level} inferior").format(level=level), (points["inferior_anterior"], points["inferior_posterior"])


def _createMarkups(
    film: slicer.vtkMRMLVolumeNode, className: str, name: str, role: str, points: Sequence[Sequence[float]]
) -> None:
    node = slicer.mrmlScene.AddNewNodeByClass(className, name)
    markAsResult(node, film, role)
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    display.SetSelectedColor(_COLORS[role])
    display.SetPointLabelsVisibility(False)
    display.SetPropertiesLabelVisibility(False)
    # Relative to the view: a film's mm may not be known.
    display.SetUseGlyphScale(True)
    display.SetGlyphScale(_GLYPH_SCALES[role])
    display.SetLineThickness(_LINE_THICKNESSES[role])
    for x, y, z in points:
        node.AddControlPoint(x, y, z)
    if role == END_PLATE:
        node.SetNthControlPointLabel(0, _("anterior"))
        node.SetNthControlPointLabel(1, _("posterior"))
    node.SetLocked(True)
