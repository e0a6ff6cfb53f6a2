"""Films from NRRD and NIfTI: two-dimensional files and volumes of one slice."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, replace
from io import IOBase
from pathlib import Path
from typing import Any, cast

import nibabel
import nrrd
import numpy as np
import numpy.typing as npt

from sagittal.anatomy.landmarks import Side
from sagittal.films.error import FilmError
from sagittal.films.file_format import FileFormat, film_name
from sagittal.films.film import Film, Identity
from sagittal.films.pixels import Values, check_contrast, check_size, display_values
from sagittal.header import SpacingRule

Affine = npt.NDArray[np.float64]

_NRRD_TO_LPS = {
    "left-posterior-superior": (1, 1, 1),
    "lps": (1, 1, 1),
    "right-anterior-superior": (-1, -1, 1),
    "ras": (-1, -1, 1),
    "left-anterior-superior": (1, -1, 1),
    "las": (1, -1, 1),
}
_COLOUR_KINDS = {"vector", "rgb-color", "rgba-color", "3-color", "4-color", "list"}
_MM_PER_UNIT = {"m": 1000.0, "meter": 1000.0, "cm": 10.0, "um": 0.001, "micron": 0.001}


@dataclass(frozen=True, eq=False)
class Slice:
    """One slice: `values` (rows, columns) or (rows, columns, 3), `affine` (column, row, slice) to mm in LPS.

    `in_patient_space` is whether the file says how the affine's axes lie in the patient.
    """

    values: Values
    affine: Affine
    has_spacing: bool
    in_patient_space: bool
    anterior: Side | None = None


def read_volume(path: Path, file_format: FileFormat) -> Film:
    """Read a film from NRRD or NIfTI, of shape (W, H), (W, H, 1), (W, 1, H) or (1, W, H).

    The first axis that is not the slice's is x, the second y, as writers of single films store them. Only where the
    geometry says that an axis runs between head and feet is the film stood upright (its affine follows).

    Raises:
        FilmError: truncated, a volume of several slices, too large, or without contrast.
    """
    one = read_slice(path, file_format)
    pixels, warnings = display_values(one.values)
    check_contrast(path, pixels)
    column, row = (float(size) for size in np.linalg.norm(one.affine[:3, :2], axis=0))
    if one.has_spacing and row == column == 1.0:
        warnings += ("spacing of exactly 1 mm: often a default, not a measurement; do not trust lengths",)
    return Film(
        pixels=pixels,
        spacing_mm=(row, column) if one.has_spacing else None,
        spacing_rule=SpacingRule.FILE_HEADER if one.has_spacing else SpacingRule.NONE,
        pixel_aspect=(row, column) if one.has_spacing else (1.0, 1.0),
        affine=one.affine,
        anterior=one.anterior,
        identity=Identity(name=film_name(path), path=path),
        warnings=warnings,
    )


def read_slice(path: Path, file_format: FileFormat) -> Slice:
    """Read the single slice of an NRRD or NIfTI file.

    Raises:
        FilmError: truncated, a volume of several slices, or too large.
    """
    one = _read_nrrd(path) if file_format is FileFormat.NRRD else _read_nifti(path)
    return _stood_upright(one)


def _read_nrrd(path: Path) -> Slice:
    header = nrrd.read_header(str(path))
    sizes = [int(size) for size in header["sizes"]]
    kinds = [str(kind).lower() for kind in header.get("kinds", ["domain"] * len(sizes))]
    colour = [axis for axis, kind in enumerate(kinds) if kind in _COLOUR_KINDS]
    if len(colour) > 1 or (colour and sizes[colour[0]] not in (1, 3, 4)):
        raise FilmError(f"{path}: has pixels that are neither grey nor RGB; export the film as a grey image")
    spatial = [axis for axis in range(len(sizes)) if axis not in colour]
    slice_axis = _slice_axis(path, [sizes[axis] for axis in spatial])
    data, _ = nrrd.read(str(path), index_order="F")
    affine, has_spacing = _nrrd_affine(header, spatial)
    values = data if not colour else np.moveaxis(data, colour[0], -1)
    in_patient_space = str(header.get("space", "")).lower() in _NRRD_TO_LPS
    return _one_slice(values, affine, slice_axis, has_spacing, in_patient_space)


def _nrrd_affine(header: Mapping[str, Any], spatial: list[int]) -> tuple[Affine, bool]:
    """(4, 4) index to LPS in mm over the spatial axes in file order, and whether the file states a spacing."""
    affine = np.eye(4)
    directions = header.get("space directions")
    if directions is not None:
        rows = np.asarray([directions[axis] for axis in spatial], np.float64)
        columns = rows.T * _mm_per_unit(header.get("space units"))
        signs = np.array(_NRRD_TO_LPS.get(str(header.get("space", "")).lower(), (1, 1, 1)))[: len(columns)]
        origin = np.asarray(header.get("space origin", np.zeros(len(columns))), np.float64)
        affine[: len(columns), : columns.shape[1]] = columns * signs[:, None]
        affine[: len(columns), 3] = origin * signs * _mm_per_unit(header.get("space units"))
    elif "spacings" in header:
        spacings = np.asarray(header["spacings"], np.float64)[spatial] * _mm_per_unit(header.get("units"))
        np.fill_diagonal(affine[: len(spacings), : len(spacings)], spacings)
    else:
        return affine, False
    if len(spatial) == 2:
        affine[:3, 2] = _normal(affine)
    return affine, True


def _read_nifti(path: Path) -> Slice:
    with _opened(path) as stream:
        first = stream.read(348)
        stream.seek(0)
        image_class = nibabel.Nifti2Image if first[4:7] in (b"n+2", b"ni2") else nibabel.Nifti1Image
        header = image_class.header_class.from_fileobj(stream)
        shape = header.get_data_shape()
        # The fifth axis holds colours; axes of one beyond the third say nothing.
        colours = shape[4:] if len(shape) == 5 and shape[4] in (3, 4) else ()
        shape = shape[:4] if colours else shape
        while len(shape) > 3 and shape[-1] == 1:
            shape = shape[:-1]
        slice_axis = _slice_axis(path, [int(size) for size in shape])
        stream.seek(0)
        image = image_class.from_stream(stream)
        data = np.asanyarray(image.dataobj).reshape((*shape, *colours))
    if data.dtype.names:
        data = np.stack([data[channel] for channel in data.dtype.names[:3]], axis=-1)
    to_mm = np.array([_mm_per_unit([header.get_xyzt_units()[0]])] * 3 + [1.0])
    affine = np.diag([-1.0, -1.0, 1.0, 1.0]) @ np.diag(to_mm) @ image.affine
    in_patient_space = bool(header["sform_code"] or header["qform_code"])
    return _one_slice(data, affine, slice_axis, True, in_patient_space)


def _opened(path: Path) -> IOBase:
    """The file's bytes, unpacked where it is compressed, whatever its suffix says."""
    with path.open("rb") as file:
        compressed = file.read(2) == b"\x1f\x8b"
    return cast(IOBase, gzip.open(path) if compressed else path.open("rb"))


def _mm_per_unit(units: Any) -> float:
    """Millimetres per stated unit; a unit that is missing or unknown counts as millimetre, as everywhere."""
    first = str(units[0]).lower() if units is not None and len(units) else "mm"
    return _MM_PER_UNIT.get(first, 1.0)


def _slice_axis(path: Path, sizes: list[int]) -> int | None:
    """The axis of size one of three (the last such), None for two axes.

    Raises:
        FilmError: several slices, or a number of axes other than two or three, or too many pixels.
    """
    if len(sizes) not in (2, 3):
        raise FilmError(f"{path}: has {len(sizes)} axes, a film has two; export the lateral film alone")
    axis = None
    if len(sizes) == 3:
        if 0 in sizes or 1 not in sizes:
            text = " x ".join(str(size) for size in sizes)
            raise FilmError(f"{path}: is a volume of {text} voxels, not a lateral film; export one film of one slice")
        axis = max(index for index, size in enumerate(sizes) if size == 1)
    columns, rows = (size for index, size in enumerate(sizes) if index != axis)
    check_size(path, rows, columns)
    return axis


def _one_slice(
    values: Values, affine: Affine, slice_axis: int | None, has_spacing: bool, in_patient_space: bool
) -> Slice:
    """From arrays indexed (x, y[, colour]) to (rows, columns[, 3])."""
    if slice_axis is not None:
        values = np.take(values, 0, axis=slice_axis)
        in_plane = [axis for axis in range(3) if axis != slice_axis]
        affine = affine[:, [*in_plane, slice_axis, 3]]
    if values.ndim == 3:
        values = values[..., 0] if values.shape[2] == 1 else values[..., :3]
    spacing = np.linalg.norm(affine[:3, :2], axis=0)
    if not (np.isfinite(affine).all() and (spacing > 0).all()):
        affine, has_spacing = np.eye(4), False
    if not affine[:3, 2].any():
        affine[:3, 2] = _normal(affine)
    return Slice(np.ascontiguousarray(np.swapaxes(values, 0, 1)), affine, has_spacing, in_patient_space)


def _normal(affine: Affine) -> Affine:
    normal = np.cross(affine[:3, 0], affine[:3, 1])
    length = float(np.linalg.norm(normal))
    return normal / length if length > 0 else np.array([0.0, 0.0, 1.0])


def _stood_upright(one: Slice) -> Slice:
    """Rows from head to feet where the geometry tells; then it may also tell the anterior side."""
    if not one.in_patient_space:
        return one
    values, affine = one.values, one.affine.copy()
    if _runs_along(affine[:3, 0]) == 2:
        values, affine = np.swapaxes(values, 0, 1), affine[:, [1, 0, 2, 3]]
    if _runs_along(affine[:3, 1]) != 2:
        return one
    if affine[2, 1] > 0:
        affine[:3, 3] += affine[:3, 1] * (values.shape[0] - 1)
        affine[:3, 1] *= -1
        values = values[::-1]
    anterior: Side | None = None
    if _runs_along(affine[:3, 0]) == 1:
        anterior = "left" if affine[1, 0] > 0 else "right"
    return replace(one, values=np.ascontiguousarray(values), affine=affine, anterior=anterior)


def _runs_along(direction: Affine) -> int:
    """Index of the patient axis (L, P, S) that a direction is nearest to."""
    return int(np.argmax(np.abs(direction)))
