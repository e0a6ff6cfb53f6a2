"""Landmarks as regions of an image in a structured report (SCOORD).

Frame of SCOORD: (column, row), 0 at the outer edge of the first pixel, whose centre is 0.5 (DICOM PS3.3, C.18.6.1.1);
landmarks have pixel centres at integers. A region must not leave the image: one that would is None, except a femoral
head's circle, of which the arc on the film is kept.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from highdicom.sr import GraphicTypeValues, ImageRegion, SourceImageForRegion
from pydicom.dataset import Dataset

from sagittal.anatomy.landmarks import Circle, Point

Points = npt.NDArray[np.float64]
ARC_STEP_DEG = 2.0


class FilmRegions:
    """Makes regions on one film.

    Args:
        header: the film's DICOM header.
        pixel_aspect: (row, column) size of a pixel: where it is not square a circle is drawn as an ellipse.
    """

    def __init__(self, header: Dataset, pixel_aspect: tuple[float, float]) -> None:
        self._size = np.array([header.Columns, header.Rows], np.float64)
        self._image = SourceImageForRegion(header.SOPClassUID, header.SOPInstanceUID)
        self._slender = pixel_aspect[1] / pixel_aspect[0]

    def point(self, point: Point) -> ImageRegion | None:
        return self._region(GraphicTypeValues.POINT, _edge_frame([point]))

    def line(self, points: Sequence[Point]) -> ImageRegion | None:
        return self._region(GraphicTypeValues.POLYLINE, _edge_frame(points))

    def polygon(self, points: Sequence[Point]) -> ImageRegion | None:
        """A closed outline: its first point is also its last."""
        return self._region(GraphicTypeValues.POLYLINE, _edge_frame([*points, points[0]]))

    def circle(self, circle: Circle) -> ImageRegion | None:
        """The whole circle (an ellipse where pixels are not square), else its longest arc on the film, else None."""
        (center,) = _edge_frame([circle.center])
        across, along = np.array([circle.radius, 0.0]), np.array([0.0, circle.radius * self._slender])
        ends = np.array([center - across, center + across, center - along, center + along])
        if not self._is_inside(ends).all():
            return self._arc(center, across + along)
        if self._slender == 1:
            return self._region(GraphicTypeValues.CIRCLE, np.array([center, center + across]))
        # The major axis comes first.
        return self._region(GraphicTypeValues.ELLIPSE, ends if self._slender < 1 else ends[[2, 3, 0, 1]])

    def _arc(self, center: Points, radii: Points) -> ImageRegion | None:
        bearings = np.radians(np.arange(0, 360, ARC_STEP_DEG))
        rim = center + radii * np.column_stack([np.cos(bearings), np.sin(bearings)])
        inside = self._is_inside(rim)
        if not inside.any():
            return None
        # Start where the rim is outside, so that no arc is cut at the first bearing.
        start = int(np.argmin(inside))
        inside, rim = np.roll(inside, -start), np.roll(rim, -start, axis=0)
        borders = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(int)))
        first, end = max(zip(borders[::2], borders[1::2], strict=True), key=lambda run: run[1] - run[0])
        return self._region(GraphicTypeValues.POLYLINE, rim[first:end]) if end - first > 1 else None

    def _region(self, kind: GraphicTypeValues, points: Points) -> ImageRegion | None:
        if not self._is_inside(points).all():
            return None
        return ImageRegion(kind, points, self._image)

    def _is_inside(self, points: Points) -> npt.NDArray[np.bool_]:
        return np.asarray(((points >= 0) & (points <= self._size)).all(axis=1))


def _edge_frame(points: Sequence[Point]) -> Points:
    return np.asarray(points, np.float64) + 0.5
