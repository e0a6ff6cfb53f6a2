"""Which nodes of the scene are a film's results: each refers to its film, so that a saved scene keeps them together."""

from __future__ import annotations

import slicer

_FILM = "SpinoPelvic.Film"
_ROLE = "SpinoPelvic.Role"

SEGMENTATION = "segmentation"
LABELS = "labels"
END_PLATE = "end plate"
FEMORAL_HEAD = "femoral head"
HEAD_CIRCLE = "femoral head circle"
HIP_AXIS = "hip axis"
CONSTRUCTION = "construction"
CONSTRUCTION_VALUES = "construction values"
PARAMETERS = "parameters"
RECORD = "record"


def markAsResult(node: slicer.vtkMRMLNode, film: slicer.vtkMRMLNode, role: str) -> None:
    node.SetNodeReferenceID(_FILM, film.GetID())
    node.SetAttribute(_ROLE, role)


def resultNodes(film: slicer.vtkMRMLNode, *roles: str) -> list[slicer.vtkMRMLNode]:
    """The film's results in the order in which they were made; of some roles, where they are given."""
    return [
        node
        for node in slicer.util.getNodesByClass("vtkMRMLStorableNode")
        if node.GetNodeReferenceID(_FILM) == film.GetID() and (not roles or node.GetAttribute(_ROLE) in roles)
    ]


def resultNode(film: slicer.vtkMRMLNode, role: str) -> slicer.vtkMRMLNode | None:
    """The film's one result of a role; None where there is none."""
    return next(iter(resultNodes(film, role)), None)


def removeResults(film: slicer.vtkMRMLNode) -> None:
    for node in resultNodes(film):
        slicer.mrmlScene.RemoveNode(node)
