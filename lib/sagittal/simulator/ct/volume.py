"""A CT volume with its label map, in one frame."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import nibabel
import numpy as np
import numpy.typing as npt
from nibabel.filebasedimages import ImageFileError

Volume = npt.NDArray[np.float32]

# Hounsfield units: where bone begins, what dense cortical bone has, and above what only metal is.
BONE, CORTICAL, METAL = 120.0, 1900.0, 2600.0


class CtError(ValueError):
    """A CT or its label map cannot be used."""


@dataclass(frozen=True, eq=False)
class CtVolume:
    """Axes run to the right, to the front and upwards of the patient (RAS, as NIfTI has them).

    `hounsfield` and `labels` have one shape (I, J, K); `spacing` is mm along each axis.
    """

    hounsfield: Volume
    labels: npt.NDArray[np.int32]
    spacing: tuple[float, float, float]

    def materials(self) -> tuple[Volume, Volume, Volume]:
        """Shares of water-like tissue, of cortical bone and of titanium in each voxel."""
        soft = np.clip((self.hounsfield + 1000) / 1000, 0, 1.06)
        bone = np.clip((self.hounsfield - BONE) / (CORTICAL - BONE), 0, 1.2)
        metal = self.hounsfield > METAL
        bone[metal] = 0
        # What is bone or metal is not soft tissue as well.
        soft = soft * (1 - np.clip(bone, 0, 1)) * ~metal
        return soft.astype(np.float32), bone.astype(np.float32), metal.astype(np.float32)


def read_ct(image: Path, labels: Path) -> CtVolume:
    """Read two NIfTI files and turn both to the axes of `CtVolume`.

    Raises:
        CtError: a file cannot be read, is not a volume, or both are not on one grid.
    """
    try:
        loaded = [nibabel.as_closest_canonical(nibabel.load(path)) for path in (image, labels)]
        volumes = [np.asarray(one.dataobj) for one in loaded]
    except (OSError, ImageFileError, EOFError, ValueError) as error:
        raise CtError(f"{image.name} or {labels.name} is no readable NIfTI volume: {error}") from error
    first, second = loaded
    if volumes[0].ndim != 3 or volumes[0].shape != volumes[1].shape:
        raise CtError(f"a CT and its labels need one 3-D grid, got {volumes[0].shape} and {volumes[1].shape}")
    if not np.allclose(first.affine, second.affine, atol=1e-2):
        raise CtError("the CT and its label map lie in different places (affines differ): resample one to the other")
    zooms = first.header.get_zooms()[:3]
    return CtVolume(
        volumes[0].astype(np.float32),
        np.rint(volumes[1]).astype(np.int32),
        (float(zooms[0]), float(zooms[1]), float(zooms[2])),
    )
