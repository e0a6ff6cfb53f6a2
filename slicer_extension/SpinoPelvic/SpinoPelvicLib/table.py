"""The parameter table as a table node: for plots and exports, saved with the scene."""

from __future__ import annotations

from dataclasses import fields

import slicer
import vtk

from .ports import Row, Sheet
from .results import PARAMETERS, markAsResult, resultNode
from .text import statusText
from .translation import _

_TEXTS = tuple(field.name for field in fields(Row) if field.name not in ("value", "edited", "gauge"))
COLUMNS = ("name", "value", *(name for name in _TEXTS if name != "name"), "edited")


def showTable(film: slicer.vtkMRMLVolumeNode, sheet: Sheet, shown: Sheet | None = None) -> slicer.vtkMRMLTableNode:
    """Fill the film's table node, which is made where there is none; rows that are as they were `shown` stay.

    `value` is a column of numbers, NaN where absent; all others are texts, `status` in words.
    """
    node = resultNode(film, PARAMETERS) or _create(film)
    table = node.GetTable()
    was = node.StartModify()
    try:
        if table.GetNumberOfRows() != len(sheet.rows):
            table.SetNumberOfRows(len(sheet.rows))
            shown = None
        rows = [
            (index, row)
            for index, row in enumerate(sheet.rows)
            if shown is None or shown.rows[index : index + 1] != (row,)
        ]
        for column, name in enumerate(COLUMNS):
            array = table.GetColumn(column)
            for index, row in rows:
                array.SetValue(index, _cell(row, name))
            array.Modified()
        table.Modified()
    finally:
        node.EndModify(was)
    return node


def _create(film: slicer.vtkMRMLVolumeNode) -> slicer.vtkMRMLTableNode:
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", film.GetName() + " " + _("parameters"))
    markAsResult(node, film, PARAMETERS)
    for name in COLUMNS:
        array = vtk.vtkDoubleArray() if name == "value" else vtk.vtkStringArray()
        array.SetName(name)
        node.AddColumn(array)
    node.SetLocked(True)
    return node


def _cell(row: Row, column: str) -> float | str:
    if column == "value":
        return float(row.value.replace("−", "-")) if row.value else float("nan")
    if column == "status":
        return statusText(row.status)
    if column == "edited":
        return _("changed by hand") if row.edited else ""
    return str(getattr(row, column))
