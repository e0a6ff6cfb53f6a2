"""The parameter table: a table node that is saved with the scene, and its rows as the panel shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from typing import Any

import slicer
import vtk

from .results import PARAMETERS, markAsResult
from .translation import _


@dataclass(frozen=True)
class Row:
    """One parameter as text; `value` is empty where it is absent, and `reason` then says why."""

    name: str
    value: str
    unit: str
    range: str
    status: str
    reason: str

    @property
    def outOfRange(self) -> bool:
        return self.status in ("below", "above")


COLUMNS = tuple(field.name for field in fields(Row))


def createTable(film: slicer.vtkMRMLVolumeNode, parameters: Mapping[str, Mapping[str, Any]]) -> slicer.vtkMRMLTableNode:
    """A table node of a result's parameters (its `parameters` JSON), in their order."""
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", film.GetName() + " " + _("parameters"))
    markAsResult(node, film, PARAMETERS)
    rows = [_row(name, parameter) for name, parameter in parameters.items()]
    for index, column in enumerate(COLUMNS):
        values = vtk.vtkStringArray()
        values.SetName(column)
        for row in rows:
            values.InsertNextValue(astuple(row)[index])
        node.AddColumn(values)
    return node


def tableRows(node: slicer.vtkMRMLTableNode | None) -> list[Row]:
    """The rows of a table node that `createTable` made, in this session or an earlier one."""
    if node is None:
        return []
    return [
        Row(*(node.GetCellText(row, column) for column in range(len(COLUMNS)))) for row in range(node.GetNumberOfRows())
    ]


def statusText(status: str) -> str:
    """A status in words."""
    return {
        "within": _("within range"),
        "below": _("below range"),
        "above": _("above range"),
        "unranged": _("no standard range"),
        "absent": _("not measurable"),
    }.get(status, status)


def _row(name: str, parameter: Mapping[str, Any]) -> Row:
    value, limits = parameter["value"], parameter["range"]
    return Row(
        name=name,
        value="" if value is None else f"{value:.1f}",
        unit=parameter["unit"],
        range="" if limits is None else f"{limits[0]:g} .. {limits[1]:g}",
        status=parameter["status"],
        reason=parameter["reason"] or "",
    )
