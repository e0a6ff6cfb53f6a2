"""The structures of a film as masks that may overlap: what a label map, which is exclusive, cannot hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sagittal.anatomy.definitions import Definitions, StructureDefinition
from sagittal.anatomy.landmarks import Circle
from sagittal.anatomy.measurement import Measurement

Mask = npt.NDArray[np.bool_]
HEADS = ("femoral_head_1", "femoral_head_2")


@dataclass(frozen=True, eq=False)
class Segment:
    """A structure and its mask, (rows, columns) on the film's grid, never empty."""

    structure: StructureDefinition
    mask: Mask


def segments_of(
    measurement: Measurement, pixel_aspect: tuple[float, float], definitions: Definitions
) -> tuple[Segment, ...]:
    """Every structure that was found, in the definitions' order; both femoral heads whole.

    A structure is its pixels of the label map. Of two heads that overlap one hides part of the other there: that part
    is given back to a head where its fitted circle covers pixels of the other one. Nothing is added elsewhere: what
    the network or the user called no head stays none, and no head leaves the film.
    """
    masks = {name: measurement.label_map == structure.id for name, structure in definitions.structures.items()}
    heads = measurement.landmarks.femoral_heads
    if len(heads) == len(HEADS):
        first, second = (masks[name].copy() for name in HEADS)
        masks[HEADS[0]] |= second & disc(heads[0], measurement.label_map.shape, pixel_aspect)
        masks[HEADS[1]] |= first & disc(heads[1], measurement.label_map.shape, pixel_aspect)
    return tuple(
        Segment(structure, masks[name]) for name, structure in definitions.structures.items() if masks[name].any()
    )


def disc(circle: Circle, shape: tuple[int, ...], pixel_aspect: tuple[float, float]) -> Mask:
    """(rows, columns) True where a pixel's centre lies in a circle; its radius is in pixels along x."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    x, y = circle.center
    return np.asarray(np.hypot(columns - x, (rows - y) * (pixel_aspect[0] / pixel_aspect[1])) <= circle.radius)
