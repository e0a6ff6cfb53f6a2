"""Writing of label maps that overlay their film exactly."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import nrrd
import numpy as np
import numpy.typing as npt

from sagittal.films.error import FilmError
from sagittal.films.film import Film


def write_label_map(path: Path | str, label_map: npt.NDArray[np.integer], film: Film) -> None:
    """Write a label map as NRRD, uint8, shape (W, H, 1), in LPS with the film's geometry.

    The file appears whole or not at all: it is written beside its place under another name, then renamed.

    Args:
        path: the file to write; one that exists is replaced.
        label_map: (rows, columns) ids 0..255 on the film's grid.
        film: gives the grid and its geometry.

    Raises:
        FilmError: the label map is not on the film's grid or holds other values, or the file cannot be written.
    """
    path = Path(path)
    if label_map.shape != film.shape:
        raise FilmError(f"{path}: label map of shape {label_map.shape} for a film of shape {film.shape}")
    if label_map.dtype.kind not in "iu" or label_map.min() < 0 or label_map.max() > 255:
        raise FilmError(f"{path}: ids of a label map are whole numbers 0..255, got {label_map.dtype}")
    # pynrrd indexes (x, y, z), the label map (row, column).
    voxels = np.ascontiguousarray(label_map.T[:, :, np.newaxis], np.uint8)
    header = {**space_of(film), "encoding": "gzip"}
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".label_map_") as folder:
            unfinished = Path(folder) / "label_map.nrrd"
            nrrd.write(str(unfinished), voxels, header, index_order="F")
            os.replace(unfinished, path)
    except OSError as error:
        raise FilmError(
            f"{path}: cannot be written: {error.strerror}; choose a folder that can be written to"
        ) from error


def space_of(film: Film) -> dict[str, Any]:
    """A film's geometry as fields of an NRRD header, for voxels of shape (W, H, 1)."""
    return {
        "space": "left-posterior-superior",
        "space directions": film.affine[:3, :3].T,
        "space origin": film.affine[:3, 3],
        "kinds": ["domain", "domain", "domain"],
    }
