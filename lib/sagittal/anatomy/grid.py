"""The working grid: a class mask cropped to its content and thinned to a size at which all geometry is fast.

Frame of the geometry: (x, y) in film column widths, x right, y down, so that it is square whatever the pixels are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Points = npt.NDArray[np.float64]
ClassMask = npt.NDArray[np.uint8]

# Line and circle fits average hundreds of contour points: more rows than this cost time and gain nothing.
WORKING_ROWS = 700


@dataclass(frozen=True)
class Grid:
    """Where the samples of a working mask lie on the film.

    Sample (i, j) is film pixel (row0 + i * row_step, column0 + j * column_step). `aspect` is row over column size,
    `shape` the film's (rows, columns).
    """

    shape: tuple[int, int]
    aspect: float
    row0: int
    column0: int
    row_step: int
    column_step: int

    @property
    def spacing(self) -> tuple[float, float]:
        """Distance of neighbouring samples, (along rows' axis, along columns' axis), in column widths."""
        return (self.row_step * self.aspect, float(self.column_step))

    @property
    def step(self) -> float:
        """The coarser of both spacings."""
        return max(self.spacing)

    def locate(self, samples: Points) -> Points:
        """(N, 2) sample coordinates (column, row) to the frame of the geometry."""
        return np.column_stack(
            (
                self.column0 + samples[:, 0] * self.column_step,
                (self.row0 + samples[:, 1] * self.row_step) * self.aspect,
            )
        )

    def samples(self, points: Points) -> Points:
        """(N, 2) sample coordinates (column, row) of points of the geometry: the inverse of `locate`."""
        return np.column_stack(
            (
                (points[:, 0] - self.column0) / self.column_step,
                (points[:, 1] / self.aspect - self.row0) / self.row_step,
            )
        )

    def to_film(self, point: npt.ArrayLike) -> tuple[float, float]:
        """A point of the geometry in film pixels, (x, y)."""
        x, y = np.asarray(point, dtype=np.float64)
        return (float(x), float(y / self.aspect))

    def on_film_edge(self, points: Points) -> npt.NDArray[np.bool_]:
        """(N,) True where a point lies at the film's edge, within what a coarse mask loses there."""
        rows, columns = self.shape
        height = rows * self.aspect
        tolerance = max(1.5 * self.step, 0.004 * max(height, columns))
        x, y = points[:, 0], points[:, 1]
        near_side = np.minimum(x + 0.5, columns - 0.5 - x) < tolerance
        near_top = np.minimum(y + 0.5 * self.aspect, height - 0.5 * self.aspect - y) < tolerance
        return near_side | near_top


def working_grid(mask: ClassMask, aspect: float) -> tuple[Grid, ClassMask]:
    """Crop a (rows, columns) mask to its content and thin it to about WORKING_ROWS square samples.

    Returns the grid and the thinned mask. An empty mask gives a mask of shape (0, 0).
    """
    shape = (int(mask.shape[0]), int(mask.shape[1]))
    # Every pixel of a large mask is too many to look at: what hides between the samples is no bone.
    skip = max(1, min(shape) // WORKING_ROWS)
    sparse = mask[::skip, ::skip]
    rows, columns = (np.flatnonzero(sparse.any(axis=axis)) * skip for axis in (1, 0))
    if rows.size == 0:
        return Grid(shape, aspect, 0, 0, 1, 1), np.zeros((0, 0), dtype=np.uint8)
    top, bottom = max(0, int(rows[0]) - skip + 1), min(shape[0], int(rows[-1]) + skip)
    left, right = max(0, int(columns[0]) - skip + 1), min(shape[1], int(columns[-1]) + skip)
    step = max((bottom - top) * aspect, float(right - left)) / WORKING_ROWS
    row_step, column_step = max(1, round(step / aspect)), max(1, round(step))
    grid = Grid(shape, aspect, top + (row_step - 1) // 2, left + (column_step - 1) // 2, row_step, column_step)
    return grid, np.ascontiguousarray(mask[grid.row0 : bottom : row_step, grid.column0 : right : column_step])


def label_film(grid: Grid, labels: ClassMask, working: ClassMask, mask: ClassMask) -> ClassMask:
    """Carry labels of the working grid, (i, j) uint8, to the film's full grid.

    A film pixel gets the label of its sample, or of a neighbouring one, where it has the class of what is labelled so.
    `working` and `mask` are the classes on the working grid and on the film's. The result has the film's shape.
    """
    result = np.zeros(grid.shape, dtype=np.uint8)
    if labels.size == 0:
        return result
    class_of_label = np.zeros(256, dtype=np.uint8)
    class_of_label[labels] = working
    # Samples at a structure's rim may have missed pixels that belong to it.
    grown = np.where(labels > 0, labels, ndimage.maximum_filter(labels, size=3)) if grid.step > 1 else labels
    top = grid.row0 - (grid.row_step - 1) // 2
    left = grid.column0 - (grid.column_step - 1) // 2
    for label, window in enumerate(ndimage.find_objects(grown), start=1):
        if window is None:
            continue
        wide = np.repeat(np.repeat(grown[window] == label, grid.row_step, axis=0), grid.column_step, axis=1)
        y, x = top + window[0].start * grid.row_step, left + window[1].start * grid.column_step
        target = result[y : y + wide.shape[0], x : x + wide.shape[1]]
        wide = wide[: target.shape[0], : target.shape[1]]
        wide &= mask[y : y + wide.shape[0], x : x + wide.shape[1]] == class_of_label[label]
        target[wide] = label
    return result
