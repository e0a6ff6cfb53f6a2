"""Films as volume nodes: read from a file, checked, and written for the server."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import numpy as np
import slicer
import vtk

from .translation import _

# Where the server that holds the film is kept in the scene: an id means nothing to another server.
_IMAGE_ID = "SpinoPelvic.ImageId"
_SERVER = "SpinoPelvic.Server"


class FilmError(ValueError):
    """A file or volume is no single film. The text says what it is and what to do."""


def loadFilm(path: Path, name: str) -> slicer.vtkMRMLScalarVolumeNode:
    """Add the film in a file (PNG, JPEG, TIFF, NRRD, NIfTI, DICOM) to the scene, with the file's geometry.

    Raises:
        FilmError: the file cannot be read, or holds more than one picture.
    """
    import SimpleITK

    try:
        image = SimpleITK.ReadImage(str(path))
    except RuntimeError as error:
        raise FilmError(_("{name}: the file cannot be read as a film.").format(name=name)) from error
    pixels = SimpleITK.GetArrayFromImage(image)
    if image.GetNumberOfComponentsPerPixel() > 1:
        # A film stored in colour: its channels are alike, up to an alpha channel.
        pixels = pixels[..., :3].mean(axis=-1).round().astype(pixels.dtype)
    if image.GetDimension() == 2:
        pixels = pixels[np.newaxis]
    if pixels.ndim != 3 or len(pixels) != 1:
        raise FilmError(_("{name}: not a single film. Choose one lateral X-ray.").format(name=name))
    node = slicer.util.addVolumeFromArray(pixels, _ijkToRas(image), name)
    node.GetDisplayNode().AutoWindowLevelOn()
    return node


def checkFilm(film: slicer.vtkMRMLVolumeNode) -> None:
    """
    Raises:
        FilmError: the volume is empty, in colour, or more than one slice.
    """
    image = film.GetImageData()
    # A colour picture is a vector volume, which passes for a scalar volume.
    if image is None or image.GetNumberOfScalarComponents() != 1 or image.GetDimensions()[2] != 1:
        raise FilmError(
            _("{name}: not a single grey film. Choose one lateral X-ray, not a colour picture or a volume.").format(
                name=film.GetName()
            )
        )


def imageIdOn(server: str, film: slicer.vtkMRMLVolumeNode) -> str | None:
    """The id under which a server holds the film; None where it does not."""
    return film.GetAttribute(_IMAGE_ID) if film.GetAttribute(_SERVER) == server else None


def setImageId(server: str, film: slicer.vtkMRMLVolumeNode, imageId: str) -> None:
    film.SetAttribute(_SERVER, server)
    film.SetAttribute(_IMAGE_ID, imageId)


def newImageId() -> str:
    """An id that tells nothing of the patient and meets no other."""
    return f"film-{uuid4().hex}"


def applySpacing(film: slicer.vtkMRMLVolumeNode, spacingMm: list[float] | None) -> None:
    """Give the film the spacing (row, column) that the server read by its rules; None leaves it as it is."""
    if spacingMm is not None:
        rowSpacing, columnSpacing = spacingMm
        film.SetSpacing(columnSpacing, rowSpacing, film.GetSpacing()[2])


def writeVolume(volume: slicer.vtkMRMLVolumeNode, path: Path) -> None:
    """Write pixels and geometry as NRRD, and nothing else: a node's attributes may hold DICOM identifiers.

    Raises:
        OSError: the file cannot be written.
    """
    bare = slicer.vtkMRMLScalarVolumeNode()
    matrix = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    bare.SetIJKToRASMatrix(matrix)
    bare.SetAndObserveImageData(volume.GetImageData())
    storage = slicer.vtkMRMLNRRDStorageNode()
    storage.SetFileName(str(path))
    if not storage.WriteData(bare):
        raise OSError(_("{path} cannot be written. Free some disk space.").format(path=path))


def _ijkToRas(image: object) -> np.ndarray:
    """(4, 4) of an image read by ITK, whose world is LPS."""
    matrix = np.eye(4)
    n = image.GetDimension()
    matrix[:n, :n] = np.reshape(image.GetDirection(), (n, n)) * image.GetSpacing()
    matrix[:n, 3] = image.GetOrigin()
    return np.diag([-1.0, -1.0, 1.0, 1.0]) @ matrix
