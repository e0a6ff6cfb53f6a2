"""Landmarks as markups on the film that the hand can drag: end plates, femoral heads, hip axis."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import slicer

from .anatomy import Circle, EndPlate, Landmarks
from .geometry import circlePoints, pixelAspect, toPixel, toRas
from .reading import withHead, withPlate
from .results import END_PLATE, FEMORAL_HEAD, HEAD_CIRCLE, HIP_AXIS, markAsResult, resultNodes
from .translation import _

LANDMARK_ROLES = (END_PLATE, FEMORAL_HEAD, HEAD_CIRCLE, HIP_AXIS)
_LANDMARK = "SpinoPelvic.Landmark"
_EDITED = "SpinoPelvic.ChangedByHand"
# In which direction of a head's centre (radians) its handle lies: where the hand left it.
_RIM = "SpinoPelvic.RimDirection"
_CLASSES = {
    END_PLATE: "vtkMRMLMarkupsLineNode",
    FEMORAL_HEAD: "vtkMRMLMarkupsLineNode",
    HEAD_CIRCLE: "vtkMRMLMarkupsClosedCurveNode",
    HIP_AXIS: "vtkMRMLMarkupsFiducialNode",
}
_CIRCLE_POINTS = 24
# Points in percent of the view, lines relative to them; the points of a circle are hidden in its line.
_GLYPH_SCALES = {END_PLATE: 1.5, FEMORAL_HEAD: 1.2, HEAD_CIRCLE: 0.4, HIP_AXIS: 2.0}
_LINE_THICKNESSES = {END_PLATE: 0.35, FEMORAL_HEAD: 0.2, HEAD_CIRCLE: 1.2, HIP_AXIS: 0.35}
_COLORS = {
    END_PLATE: (1.0, 0.85, 0.2),
    FEMORAL_HEAD: (0.35, 0.8, 1.0),
    HEAD_CIRCLE: (0.35, 0.8, 1.0),
    HIP_AXIS: (1.0, 0.4, 0.4),
}
_EDITED_COLOR = (0.95, 0.35, 0.95)
# A landmark that comes back from the scene this near to where it was has not moved.
_RESTING_PIXELS = 1e-6

Places = dict[tuple[str, str], tuple[Sequence[float], ...]]


def showLandmarks(
    film: slicer.vtkMRMLVolumeNode, landmarks: Landmarks, edited: Iterable[str], shown: Landmarks | None = None
) -> None:
    """Draw landmarks; markups that are there are moved, those that are missing made, those too many taken away.

    Markups of what is as it was `shown` before are left alone.
    """
    nodes = {(node.GetAttribute("SpinoPelvic.Role"), landmarkName(node)): node for node in _landmarkNodes(film)}
    places, changed = _places(landmarks), set(edited)
    resting = {} if shown is None else _places(shown)
    for key in nodes.keys() - places.keys():
        slicer.mrmlScene.RemoveNode(nodes.pop(key))
    for key, points in places.items():
        if key in nodes and resting.get(key) == points:
            continue
        node = nodes.get(key) or _create(film, *key)
        with _modifying(node):
            _move(film, node, key[0], points)
            _mark(node, key, changed)


def movedLandmarks(film: slicer.vtkMRMLVolumeNode, node: slicer.vtkMRMLMarkupsNode, landmarks: Landmarks) -> Landmarks:
    """The landmarks with the one that a markup stands for where the markup now lies; the same object where it rests.

    A head's circle follows when its centre is dragged; its other end is the radius. The hip axis takes the heads along.
    """
    role, name = node.GetAttribute("SpinoPelvic.Role"), landmarkName(node)
    points = [_pixel(film, node, k) for k in range(node.GetNumberOfControlPoints())]
    before = _places(landmarks).get((role, name))
    if before is None or len(points) != (2 if role in (END_PLATE, FEMORAL_HEAD) else 1):
        return landmarks
    if role == END_PLATE:
        if _resting(points, before):
            return landmarks
        level, which = name.split()
        return withPlate(landmarks, level, which, EndPlate(*points))
    if role == FEMORAL_HEAD:
        return _movedHead(film, node, points, landmarks)
    if role == HIP_AXIS and not _resting(points, before):
        step = np.subtract(points[0], before[0])
        for index, head in enumerate(landmarks.femoral_heads):
            center = tuple(float(value) for value in np.add(head.center, step))
            landmarks = withHead(landmarks, index, Circle(center, head.radius))
    return landmarks


def landmarkName(node: slicer.vtkMRMLMarkupsNode) -> str:
    """ "L3 superior", "S1 superior", "femoral head 1" or "hip axis", in every language."""
    return node.GetAttribute(_LANDMARK) or ""


def editedNames(node: slicer.vtkMRMLMarkupsNode, landmarks: Landmarks) -> tuple[str, ...]:
    """What is changed by hand when a markup is dragged."""
    if node.GetAttribute("SpinoPelvic.Role") == HIP_AXIS:
        return tuple(headName(index) for index in range(len(landmarks.femoral_heads)))
    return (landmarkName(node),)


def headName(index: int) -> str:
    return f"femoral head {index + 1}"


def draggableNodes(film: slicer.vtkMRMLVolumeNode) -> list[slicer.vtkMRMLMarkupsNode]:
    return resultNodes(film, END_PLATE, FEMORAL_HEAD, HIP_AXIS)


def _landmarkNodes(film: slicer.vtkMRMLVolumeNode) -> list[slicer.vtkMRMLMarkupsNode]:
    return resultNodes(film, *LANDMARK_ROLES)


def _places(landmarks: Landmarks) -> Places:
    """(role, landmark) -> points in pixels; a circle is told by its centre and a point of its rim."""
    places: Places = {}
    for level, body in landmarks.bodies.items():
        places[END_PLATE, f"{level} superior"] = (body.superior.anterior, body.superior.posterior)
        places[END_PLATE, f"{level} inferior"] = (body.inferior.anterior, body.inferior.posterior)
    if landmarks.s1 is not None:
        places[END_PLATE, "S1 superior"] = (landmarks.s1.anterior, landmarks.s1.posterior)
    for index, head in enumerate(landmarks.femoral_heads):
        rim = (head.center[0] + head.radius, head.center[1])
        places[FEMORAL_HEAD, headName(index)] = (head.center, rim)
        places[HEAD_CIRCLE, headName(index)] = (head.center, rim)
    if landmarks.hip_axis is not None:
        places[HIP_AXIS, "hip axis"] = (landmarks.hip_axis,)
    return places


def _movedHead(
    film: slicer.vtkMRMLVolumeNode,
    node: slicer.vtkMRMLMarkupsNode,
    points: Sequence[tuple[float, float]],
    landmarks: Landmarks,
) -> Landmarks:
    index = int(landmarkName(node).split()[-1]) - 1
    head = landmarks.femoral_heads[index]
    center, rim = points
    if not _resting([center], [head.center]):
        return withHead(landmarks, index, Circle(center, head.radius))
    across = np.subtract(rim, center) * (1, pixelAspect(film))
    radius = float(np.hypot(*across))
    if abs(radius - head.radius) < _RESTING_PIXELS or radius < 1:
        return landmarks
    node.SetAttribute(_RIM, f"{np.arctan2(across[1], across[0]):.6f}")
    return withHead(landmarks, index, Circle(head.center, radius))


def _resting(points: Sequence[Sequence[float]], before: Sequence[Sequence[float]]) -> bool:
    return bool(np.abs(np.subtract(points, before)).max() < _RESTING_PIXELS)


def _pixel(film: slicer.vtkMRMLVolumeNode, node: slicer.vtkMRMLMarkupsNode, index: int) -> tuple[float, float]:
    position = [0.0, 0.0, 0.0]
    node.GetNthControlPointPositionWorld(index, position)
    x, y = toPixel(film, position)
    return float(x), float(y)


def _move(
    film: slicer.vtkMRMLVolumeNode,
    node: slicer.vtkMRMLMarkupsNode,
    role: str,
    points: Sequence[Sequence[float]],
) -> None:
    if role == HEAD_CIRCLE:
        center, rim = points
        positions = circlePoints(film, center, rim[0] - center[0], _CIRCLE_POINTS)
    else:
        positions = toRas(film, _handle(film, node, points) if role == FEMORAL_HEAD else points)
    if node.GetNumberOfControlPoints() != len(positions):
        node.RemoveAllControlPoints()
        for position in positions:
            node.AddControlPoint(*position)
        return
    for index, position in enumerate(positions):
        node.SetNthControlPointPosition(index, *position)


def _handle(
    film: slicer.vtkMRMLVolumeNode, node: slicer.vtkMRMLMarkupsNode, points: Sequence[Sequence[float]]
) -> list[Sequence[float]]:
    """Centre of a head, and the point of its rim by which the radius is dragged."""
    center, rim = points
    bearing, radius = float(node.GetAttribute(_RIM) or 0), rim[0] - center[0]
    across = (radius * np.cos(bearing), radius * np.sin(bearing) / pixelAspect(film))
    return [center, np.add(center, across)]


def _create(film: slicer.vtkMRMLVolumeNode, role: str, name: str) -> slicer.vtkMRMLMarkupsNode:
    node = slicer.mrmlScene.AddNewNodeByClass(_CLASSES[role], _title(role, name))
    markAsResult(node, film, role)
    node.SetAttribute(_LANDMARK, name)
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    display.SetPointLabelsVisibility(False)
    display.SetPropertiesLabelVisibility(False)
    # Relative to the view: a film's mm may not be known.
    display.SetUseGlyphScale(True)
    display.SetGlyphScale(_GLYPH_SCALES[role])
    display.SetLineThickness(_LINE_THICKNESSES[role])
    # A circle is drawn; what is dragged is the line from its centre to its rim.
    node.SetLocked(role == HEAD_CIRCLE)
    for index in range(node.GetNumberOfMeasurements()):
        # Lengths in mm, which most films cannot tell.
        node.GetNthMeasurement(index).SetEnabled(False)
    return node


def _title(role: str, name: str) -> str:
    if role == END_PLATE:
        level, which = name.split()
        return {"superior": _("{level} superior"), "inferior": _("{level} inferior")}[which].format(level=level)
    if role == HIP_AXIS:
        return _("Hip axis")
    title = _("Femoral head {number}") if role == FEMORAL_HEAD else _("Femoral head {number} circle")
    return title.format(number=name.split()[-1])


def _mark(node: slicer.vtkMRMLMarkupsNode, key: tuple[str, str], edited: set[str]) -> None:
    role, name = key
    isEdited = name in edited or (role == HIP_AXIS and any(other.startswith("femoral head") for other in edited))
    node.SetAttribute(_EDITED, "true" if isEdited else None)
    # The node's own description is Slicer's, for its measurements.
    for index in range(node.GetNumberOfControlPoints()):
        node.SetNthControlPointDescription(index, _("changed by hand") if isEdited else "")
    color = _EDITED_COLOR if isEdited else _COLORS[role]
    display = node.GetDisplayNode()
    if display is not None and tuple(display.GetSelectedColor()) != color:
        display.SetSelectedColor(color)
    if role == END_PLATE:
        for index, label in enumerate((_("anterior"), _("posterior"))):
            if node.GetNthControlPointLabel(index) != label:
                node.SetNthControlPointLabel(index, label)


@contextmanager
def _modifying(node: slicer.vtkMRMLNode) -> Iterator[None]:
    was = node.StartModify()
    try:
        yield
    finally:
        node.EndModify(was)
