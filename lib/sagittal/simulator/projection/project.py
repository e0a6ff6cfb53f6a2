"""Adds up the path length of bone, or of metal, along each ray."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from sagittal.simulator.canvas import SUBPIXEL_BITS, Frame, Image
from sagittal.simulator.projection.beam import Beam
from sagittal.simulator.projection.solid import Points, Solid, Tube

Fixed = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Projector:
    """A film of path lengths: `length` (rows, columns) float32 mm, added to in place."""

    frame: Frame
    beam: Beam
    length: Image = field(repr=False)

    @classmethod
    def empty(cls, frame: Frame, beam: Beam) -> Projector:
        return cls(frame, beam, np.zeros(frame.shape, np.float32))

    def add(self, bones: Iterable[Solid | Tube]) -> None:
        """Project bones, each beside what is there already."""
        for bone in bones:
            if isinstance(bone, Solid):
                self._add_solid(bone)
            else:
                self._add_tube(bone)

    def _add_solid(self, solid: Solid) -> None:
        """Each section fills its outline with its slab, less what is not cortex inside its shell."""
        outer = self._pixels(solid.sections, solid.z)
        soft_x, soft_y = (sigma * self.frame.scale for sigma in solid.soft)
        window = self._window(outer.reshape(-1, 2), margin=2 + int(3 * max(soft_x, soft_y)))
        if window is None:
            return
        y0, y1, x0, x1 = window
        origin = np.array([x0, y0])
        region = self.length[y0:y1, x0:x1]
        layer = _stack(_fixed(outer - origin), region.shape)
        if solid.cortex > 0:
            inner = _stack(_fixed(self._pixels(solid.hollow, solid.z) - origin), region.shape)
            walls = (layer > 0) * np.float32(255 * 2 * solid.cortex * (1 - solid.trabecular) / solid.slab)
            cv2.scaleAdd(inner, solid.trabecular - 1, layer, layer)
            # Every ray also passes the shell on its way in and on its way out.
            layer += walls
        else:
            layer *= solid.trabecular
        if max(soft_x, soft_y) > 0.2:
            layer = cv2.GaussianBlur(layer, (0, 0), sigmaX=max(soft_x, 0.05), sigmaY=max(soft_y, 0.05))
        cv2.scaleAdd(layer, solid.slab / 255, region, region)

    def _add_tube(self, tube: Tube) -> None:
        """The chord through a shell is longest at its rims; nested strokes stand for the round profile inside."""
        pixels = self.frame.to_pixels(self.beam.project(tube.points, tube.z))
        width = 2 * tube.radius * self.frame.scale * float(np.mean(self.beam.magnification(tube.z)))
        window = self._window(pixels, margin=int(width) + 3)
        if window is None:
            return
        y0, y1, x0, x1 = window
        fixed = _fixed(pixels - (x0, y0))
        layer = np.zeros((y1 - y0, x1 - x0), np.float32)
        length = 2 * tube.radius * tube.stretch
        for share, value in ((1.0, 0.45), (0.85, 0.25), (0.6, 0.2), (0.3, 0.1)):
            _stroke(layer, fixed, width * share, length * value * tube.trabecular)
        rim = 2 * np.sqrt(max(tube.radius**2 - (tube.radius - tube.cortex) ** 2, 0.0)) * tube.stretch
        rim, face = rim * (1 - tube.trabecular), 2 * tube.cortex * tube.stretch * (1 - tube.trabecular)
        _stroke(layer, fixed, width, rim * 0.7)
        _stroke(layer, fixed, width * (1 - tube.cortex / tube.radius), face - rim * 0.7)
        layer = cv2.GaussianBlur(layer, (0, 0), sigmaX=max(0.1 * width, 0.4))
        self.length[y0:y1, x0:x1] += layer

    def _pixels(self, sections: Points, z: Points) -> Points:
        return self.frame.to_pixels(self.beam.project(sections, z[:, None]))

    def _window(self, pixels: Points, margin: int) -> tuple[int, int, int, int] | None:
        rows, columns = self.length.shape
        x0, y0 = np.maximum(np.floor(pixels.min(axis=0)).astype(int) - margin, 0)
        x1, y1 = np.minimum(np.ceil(pixels.max(axis=0)).astype(int) + margin + 1, (columns, rows))
        return (int(y0), int(y1), int(x0), int(x1)) if x0 < x1 and y0 < y1 else None


def _fixed(pixels: Points) -> Fixed:
    return np.asarray(np.round(pixels * (1 << SUBPIXEL_BITS)), dtype=np.int32)


def _stack(sections: Fixed, shape: tuple[int, ...]) -> Image:
    """How many of the sections cover each pixel, times 255."""
    total = np.zeros(shape, np.uint16)
    mask = np.zeros(shape, np.uint8)
    for section in sections:
        mask[:] = 0
        cv2.fillPoly(mask, [section], 255, cv2.LINE_AA, SUBPIXEL_BITS)
        cv2.add(total, mask, total, dtype=cv2.CV_16U)
    return total.astype(np.float32)


def _stroke(layer: Image, fixed: Fixed, width: float, value: float) -> None:
    if width < 0.05:
        return
    mask = np.zeros(layer.shape, np.uint8)
    cv2.polylines(mask, [fixed], False, 255, max(1, round(width)), cv2.LINE_AA, SUBPIXEL_BITS)
    cv2.scaleAdd(mask.astype(np.float32), value * min(1.0, width) / 255, layer, layer)
