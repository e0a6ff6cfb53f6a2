"""Reading of class masks and label maps that lie on a film's grid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from sagittal.films.error import FilmError, damage_named
from sagittal.films.file_format import FileFormat, detect_format
from sagittal.films.pixels import Values
from sagittal.films.raster import decode_raster, open_raster
from sagittal.films.volume import read_slice


def read_mask(path: Path | str, shape: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """Read a mask of ids 0..255 (classes 0..4, or structure ids) as (rows, columns) uint8.

    PNG or TIFF (grey, palette indices, or RGB with equal channels), NRRD or NIfTI of one slice.

    Args:
        path: the mask's file.
        shape: (rows, columns) of the film it belongs to.

    Raises:
        FilmError: not readable, of a format that cannot hold ids exactly, coloured, values that are no ids, or
            another grid than the film's.
    """
    path = Path(path)
    file_format = detect_format(path)
    if file_format in (FileFormat.JPEG, FileFormat.DICOM):
        raise FilmError(f"{path}: is {file_format.name}; save the mask as PNG, TIFF, NRRD or NIfTI, which keep its ids")
    with damage_named(path):
        ids = _as_ids(path, _one_channel(path, _values(path, file_format)))
    if ids.shape != tuple(shape):
        raise FilmError(f"{path}: has {_grid(ids.shape)}, the film has {_grid(shape)}; {_advice(ids.shape, shape)}")
    return ids


def _values(path: Path, file_format: FileFormat) -> Values:
    if file_format in (FileFormat.NRRD, FileFormat.NIFTI):
        return read_slice(path, file_format).values
    with open_raster(path) as image:
        # Of a palette image these are the indices.
        return np.asarray(decode_raster(path, image))


def _one_channel(path: Path, values: Values) -> Values:
    if values.ndim == 2:
        return values
    # Two channels are grey and opacity, four are colour and opacity.
    colours = values[..., :1] if values.shape[2] == 2 else values[..., :3]
    if (colours != colours[..., :1]).any():
        raise FilmError(
            f"{path}: is a colour picture; save the mask with one id a pixel (0 background, 1 vertebra, ..)"
        )
    return colours[..., 0]


def _as_ids(path: Path, values: Values) -> npt.NDArray[np.uint8]:
    if values.dtype == np.uint8:
        return values
    numbers = values.astype(np.float64)
    if not (np.isfinite(numbers).all() and (numbers == np.rint(numbers)).all()):
        raise FilmError(f"{path}: holds values that are no whole numbers; save the mask with one id a pixel")
    if numbers.min() < 0 or numbers.max() > 255:
        raise FilmError(
            f"{path}: holds ids from {numbers.min():g} to {numbers.max():g}; ids of a mask lie within 0..255"
        )
    return numbers.astype(np.uint8)


def _grid(shape: tuple[int, ...]) -> str:
    return f"{shape[0]} rows x {shape[1]} columns"


def _advice(mask: tuple[int, ...], film: tuple[int, int]) -> str:
    if mask == tuple(film)[::-1]:
        return "it looks transposed: export it again"
    return "draw or export the mask on the film's own grid"
