"""Between pixels of a film (x right, y down, pixel centres at integers) and RAS mm of the scene, through IJKToRAS."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import slicer
import vtk


def ijkToRas(film: slicer.vtkMRMLVolumeNode) -> np.ndarray:
    """(4, 4): (column, row, slice, 1) to RAS in mm."""
    matrix = vtk.vtkMatrix4x4()
    film.GetIJKToRASMatrix(matrix)
    return slicer.util.arrayFromVTKMatrix(matrix)


def toRas(film: slicer.vtkMRMLVolumeNode, points: Sequence[float] | Sequence[Sequence[float]]) -> np.ndarray:
    """(3,) or (n, 3): pixel positions (x, y) of the film in RAS."""
    matrix = ijkToRas(film)
    return np.asarray(points, float) @ matrix[:3, :2].T + matrix[:3, 3]


def toPixel(film: slicer.vtkMRMLVolumeNode, ras: Sequence[float]) -> np.ndarray:
    """(2,): a RAS position as (x, y) in pixels of the film."""
    return np.linalg.solve(ijkToRas(film), (*ras, 1.0))[:2]


def pixelSize(film: slicer.vtkMRMLVolumeNode) -> tuple[float, float]:
    """(row, column) size of a pixel in the scene."""
    columnSpacing, rowSpacing, _slices = film.GetSpacing()
    return rowSpacing, columnSpacing


def pixelAspect(film: slicer.vtkMRMLVolumeNode) -> float:
    """Height of a pixel relative to its width."""
    row, column = pixelSize(film)
    return row / column


def circlePoints(film: slicer.vtkMRMLVolumeNode, center: Sequence[float], radius: float, count: int) -> np.ndarray:
    """(count, 3): points in RAS on a circle whose radius is in pixels along x."""
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    x = center[0] + radius * np.cos(angles)
    y = center[1] + radius * np.sin(angles) / pixelAspect(film)
    return toRas(film, np.column_stack([x, y]))


def insideCircle(film: slicer.vtkMRMLVolumeNode, center: Sequence[float], radius: float) -> np.ndarray:
    """(rows, columns) bool: the film's pixels whose centre lies in a circle."""
    columns, rows, _slices = film.GetImageData().GetDimensions()
    y, x = np.ogrid[:rows, :columns]
    return (x - center[0]) ** 2 + ((y - center[1]) * pixelAspect(film)) ** 2 <= radius**2
