"""Films as volume nodes: read from a file by the rules of its format, checked, and written for the server."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import slicer
import vtk

from .anatomy import header
from .dicom_header import FilmHeader, isDicom, readHeader
from .errors import FilmError
from .geometry import pixelSize
from .ports import FilmFacts, Side
from .reading import Setting
from .translation import _

# Where the server that holds the film is kept in the scene: an id means nothing to another server.
_IMAGE_ID = "SpinoPelvic.ImageId"
_SERVER = "SpinoPelvic.Server"
_FACTS = "SpinoPelvic.Facts"
_WINDOW_PERCENTILES = (0.5, 99.5)


@dataclass(frozen=True)
class _Known:
    """What is known of a film beside its pixels; `rule` is a value of `header.SpacingRule`."""

    rule: str
    hasSpacing: bool
    anterior: Side | None = None
    anteriorRule: str = ""
    inverted: bool = False
    ageYears: float | None = None
    warnings: tuple[str, ...] = ()


def loadFilm(path: Path, name: str) -> tuple[slicer.vtkMRMLScalarVolumeNode, str]:
    """Add the film in a file (PNG, JPEG, TIFF, NRRD, NIfTI, DICOM) to the scene.

    Returns its node, and whose film the file says it is: that is kept out of the scene.

    Raises:
        FilmError: the file cannot be read, or holds more than one picture.
    """
    told = readHeader(path, name) if isDicom(path) else None
    image, pixels = _readImage(path, name)
    matrix = _ijkToRas(image) if told is None else _filmPlane(told.spacing)
    if told is not None and told.isInverted != told.readersInvert:
        pixels = _inverted(pixels)
    node = slicer.util.addVolumeFromArray(pixels, matrix, name)
    _setKnown(node, _knownOf(node, told))
    autoWindow(node)
    return node, "" if told is None else told.subject


def adoptFilm(volume: slicer.vtkMRMLVolumeNode, database: Any = None) -> str:
    """Make a volume that Slicer read a film by the rules; does nothing to one that is a film already.

    Where it came from DICOM its file is looked up in Slicer's DICOM database: spacing and polarity are the file's.
    Returns whose film the file says it is.

    Raises:
        FilmError: the volume is no single grey film.
    """
    checkFilm(volume)
    if volume.GetAttribute(_FACTS):
        return ""
    uids = (volume.GetAttribute("DICOM.instanceUIDs") or "").split()
    file = database.fileForInstance(uids[0]) if database is not None and uids else ""
    if not file:
        known = _knownOf(volume, None)
        if uids:
            doubt = _("the DICOM file is not at hand: spacing and polarity are as Slicer read them")
            known = replace(known, rule=header.SpacingRule.UNCERTAIN.value, warnings=(doubt,))
        _setKnown(volume, known)
        return ""
    told = readHeader(Path(file), volume.GetName())
    _image, pixels = _readImage(Path(file), volume.GetName())
    if told.isInverted != told.readersInvert:
        pixels = _inverted(pixels)
    shown = slicer.util.arrayFromVolume(volume)
    if shown.shape == pixels.shape and _runsAgainst(shown, pixels):
        slicer.util.updateVolumeFromArray(volume, pixels)
    volume.SetIJKToRASMatrix(slicer.util.vtkMatrixFromArray(_filmPlane(told.spacing)))
    _setKnown(volume, _knownOf(volume, told))
    autoWindow(volume)
    return told.subject


def checkFilm(film: slicer.vtkMRMLVolumeNode) -> None:
    """
    Raises:
        FilmError: the volume is empty, in colour, or more than one slice.
    """
    image = film.GetImageData()
    if image is None:
        raise FilmError(_("{name}: has no pixels. Load the film again.").format(name=film.GetName()))
    # A colour picture is a vector volume, which passes for a scalar volume.
    if image.GetNumberOfScalarComponents() != 1:
        raise FilmError(
            _("{name}: a colour picture, not a grey film. Load its file with this module's Open button.").format(
                name=film.GetName()
            )
        )
    if image.GetDimensions()[2] != 1:
        raise FilmError(
            _("{name}: {count} slices or frames, not one film. Choose one lateral X-ray.").format(
                name=film.GetName(), count=image.GetDimensions()[2]
            )
        )


def factsOf(film: slicer.vtkMRMLVolumeNode) -> FilmFacts:
    """What is known of a film."""
    known = _known(film)
    columns, rows, _slices = film.GetImageData().GetDimensions()
    return FilmFacts(
        name=film.GetName(),
        rows=rows,
        columns=columns,
        spacingMm=pixelSize(film) if known.hasSpacing else None,
        spacingRule=known.rule,
        lengthsTrusted=header.SpacingRule(known.rule).is_true_to_patient,
        anterior=known.anterior,
        anteriorRule=known.anteriorRule,
        inverted=known.inverted,
        warnings=known.warnings,
    )


def settingOf(film: slicer.vtkMRMLVolumeNode) -> Setting:
    """What of a film shapes its values."""
    known = _known(film)
    trusted = known.hasSpacing and header.SpacingRule(known.rule).is_true_to_patient
    return Setting(pixelSize(film), known.ageYears, pixelSize(film) if trusted else None)


def setAnterior(film: slicer.vtkMRMLVolumeNode, side: Side | None, rule: str) -> None:
    _setKnown(film, replace(_known(film), anterior=side, anteriorRule=rule))


def learnFromResult(film: slicer.vtkMRMLVolumeNode, told: dict[str, Any], heldByServer: bool) -> None:
    """Take over what the server knows of a film: the side where the file does not tell it, and of a film that is the
    server's own its spacing with its rule and the age."""
    known = _known(film)
    if known.anterior is None and told.get("anterior"):
        known = replace(known, anterior=told["anterior"], anteriorRule=_("told from the anatomy"))
    rules = {rule.value for rule in header.SpacingRule}
    if heldByServer and told.get("spacing_rule") in rules:
        spacing = told.get("spacing_mm")
        if spacing is not None:
            row, column = spacing
            film.SetSpacing(column, row, film.GetSpacing()[2])
        known = replace(known, rule=told["spacing_rule"], hasSpacing=spacing is not None)
        known = replace(known, ageYears=told.get("age_years") or known.ageYears)
    _setKnown(film, known)


def autoWindow(film: slicer.vtkMRMLVolumeNode) -> None:
    """Show the film's grey values between percentiles: markers and collimation do not count."""
    values = slicer.util.arrayFromVolume(film)[0]
    step = max(1, int(np.sqrt(values.size / 250_000)))
    low, high = np.percentile(values[::step, ::step], _WINDOW_PERCENTILES)
    display = film.GetDisplayNode()
    if display is None:
        film.CreateDefaultDisplayNodes()
        display = film.GetDisplayNode()
    display.SetAutoWindowLevel(False)
    display.SetWindowLevelMinMax(float(low), float(max(high, low + 1e-6)))


def invertFilm(film: slicer.vtkMRMLVolumeNode) -> None:
    """Turn dark bone bright, or back."""
    slicer.util.updateVolumeFromArray(film, _inverted(slicer.util.arrayFromVolume(film)))
    _setKnown(film, replace(_known(film), inverted=not _known(film).inverted))
    autoWindow(film)


def imageIdOn(server: str, film: slicer.vtkMRMLVolumeNode) -> str | None:
    """The id under which a server holds the film; None where it does not."""
    return film.GetAttribute(_IMAGE_ID) if film.GetAttribute(_SERVER) == server else None


def setImageId(server: str, film: slicer.vtkMRMLVolumeNode, imageId: str) -> None:
    film.SetAttribute(_SERVER, server)
    film.SetAttribute(_IMAGE_ID, imageId)


def newImageId() -> str:
    """An id that tells nothing of the patient and meets no other."""
    return f"film-{uuid4().hex}"


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


def _readImage(path: Path, name: str) -> tuple[Any, np.ndarray]:
    """What ITK reads, and its pixels (1, rows, columns) in grey."""
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
    return image, pixels


def _knownOf(film: slicer.vtkMRMLVolumeNode, told: FilmHeader | None) -> _Known:
    if told is not None:
        return _Known(
            rule=told.spacing.rule.value,
            hasSpacing=told.spacing.mm is not None,
            anterior=told.anterior,
            anteriorRule=_("by the file") if told.anterior else "",
            inverted=told.isInverted,
            ageYears=told.ageYears,
            warnings=told.warnings,
        )
    # Pictures without a spacing are given 1 mm by every reader.
    hasSpacing = pixelSize(film) != (1.0, 1.0)
    rule = header.SpacingRule.FILE_HEADER if hasSpacing else header.SpacingRule.NONE
    return _Known(rule=rule.value, hasSpacing=hasSpacing)


def _known(film: slicer.vtkMRMLVolumeNode) -> _Known:
    text = film.GetAttribute(_FACTS)
    if not text:
        return _knownOf(film, None)
    content = json.loads(text)
    return _Known(**{**content, "warnings": tuple(content["warnings"])})


def _setKnown(film: slicer.vtkMRMLVolumeNode, known: _Known) -> None:
    film.SetAttribute(_FACTS, json.dumps(asdict(known)))


def _inverted(pixels: np.ndarray) -> np.ndarray:
    """The same range of values, upside down."""
    low, high = pixels.min(), pixels.max()
    return (high - (pixels - low)).astype(pixels.dtype)


def _runsAgainst(shown: np.ndarray, pixels: np.ndarray) -> bool:
    """Whether what is shown is bright where the film is dark."""
    step = max(1, int(np.sqrt(shown.size / 50_000)))
    first, second = (array[0, ::step, ::step].ravel().astype(float) for array in (shown, pixels))
    return bool(np.dot(first - first.mean(), second - second.mean()) < 0)


def _filmPlane(spacing: header.Spacing) -> np.ndarray:
    """(4, 4): columns to the patient's left, rows to the back, as an axial view shows a film upright."""
    row, column = spacing.mm or spacing.aspect
    return np.diag([-column, -row, 1.0, 1.0])


def _ijkToRas(image: Any) -> np.ndarray:
    """(4, 4) of an image read by ITK, whose world is LPS."""
    matrix = np.eye(4)
    n = image.GetDimension()
    matrix[:n, :n] = np.reshape(image.GetDirection(), (n, n)) * image.GetSpacing()
    matrix[:n, 3] = image.GetOrigin()
    return np.diag([-1.0, -1.0, 1.0, 1.0]) @ matrix


def sameGrid(film: slicer.vtkMRMLVolumeNode, shape: Sequence[int]) -> bool:
    """Whether an array (rows, columns) lies on the film's grid."""
    columns, rows, _slices = film.GetImageData().GetDimensions()
    return tuple(shape) == (rows, columns)
