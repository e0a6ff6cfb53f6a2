"""Path lengths through a volume from a point source, by ITK's ray caster."""

from __future__ import annotations

from dataclasses import dataclass

import itk
import numpy as np
import numpy.typing as npt

from sagittal.simulator.canvas import Image

Points = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LateralView:
    """A lateral exposure of a volume centred at the origin (RAS, mm), the patient's left side to the detector.

    `source` and `detector` are the distances of source and detector from the origin, `turn` (3,) how far the room is
    turned about the patient, in radians about the axes right, front, up. The film has `shape` (rows, columns) pixels
    of `pixel_mm`; its columns run backwards (the patient faces left), its rows downwards.
    """

    source: float
    detector: float
    turn: tuple[float, float, float]
    shape: tuple[int, int]
    pixel_mm: float
    center: tuple[float, float]

    def project(self, points: Points) -> Points:
        """(N, 3) points of the untouched patient to (N, 2) film pixels (x, y)."""
        turned = points @ self._rotation()
        scale = (self.source + self.detector) / (self.source - turned[:, 0])
        x, y = -turned[:, 1] * scale, -turned[:, 2] * scale
        rows, columns = self.shape
        return np.column_stack(
            (
                (x - self.center[0]) / self.pixel_mm + (columns - 1) / 2,
                (y - self.center[1]) / self.pixel_mm + (rows - 1) / 2,
            )
        )

    def _rotation(self) -> Points:
        return np.asarray(itk.array_from_matrix(self.transform().GetMatrix()))

    def transform(self) -> itk.Euler3DTransform:
        """From the room's frame to the patient's own: ITK turns source and film around the volume."""
        transform = itk.Euler3DTransform[itk.D].New()
        transform.SetRotation(*self.turn)
        return transform


def cast(volume: npt.NDArray[np.float32], spacing: tuple[float, float, float], view: LateralView) -> Image:
    """mm (rows, columns) float32 of what `volume` (I, J, K) holds shares of along each ray."""
    image = itk.image_from_array(np.ascontiguousarray(volume.transpose(2, 1, 0)))
    image.SetSpacing(spacing)
    image.SetOrigin([-(n - 1) / 2 * s for n, s in zip(volume.shape, spacing, strict=True)])
    kind = type(image)
    caster = itk.RayCastInterpolateImageFunction[kind, itk.D].New()
    caster.SetFocalPoint([view.source, 0.0, 0.0])
    caster.SetThreshold(0.0)
    transform = view.transform()
    caster.SetTransform(transform)
    film = itk.ResampleImageFilter[kind, kind].New()
    film.SetInput(image)
    film.SetInterpolator(caster)
    film.SetTransform(transform)
    film.SetDefaultPixelValue(0)
    rows, columns = view.shape
    film.SetSize([columns, rows, 1])
    film.SetOutputSpacing([view.pixel_mm, view.pixel_mm, 1.0])
    # Columns of the film run along -front, its rows along -up.
    film.SetOutputDirection(itk.matrix_from_array(np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])))
    left = view.center[0] - (columns - 1) / 2 * view.pixel_mm
    top = view.center[1] - (rows - 1) / 2 * view.pixel_mm
    film.SetOutputOrigin([-view.detector, -left, -top])
    film.Update()
    return np.asarray(itk.array_from_image(film.GetOutput())[0], dtype=np.float32)
