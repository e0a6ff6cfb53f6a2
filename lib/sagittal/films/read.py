"""Reading of a film of any format."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sagittal.films.dicom import read_dicom
from sagittal.films.error import damage_named
from sagittal.films.file_format import FileFormat, detect_format, misnamed
from sagittal.films.film import Film
from sagittal.films.raster import read_raster
from sagittal.films.volume import read_volume


def read_film(path: Path | str) -> Film:
    """Read a lateral X-ray from PNG, JPEG, TIFF, NRRD, NIfTI or DICOM, told apart by content.

    Raises:
        FilmError: names the file, what is wrong with it and what to do.
    """
    path = Path(path)
    file_format = detect_format(path)
    with damage_named(path):
        film = _read(path, file_format)
    return replace(film, warnings=misnamed(path, file_format) + film.warnings)


def _read(path: Path, file_format: FileFormat) -> Film:
    if file_format is FileFormat.DICOM:
        return read_dicom(path)
    if file_format in (FileFormat.NRRD, FileFormat.NIFTI):
        return read_volume(path, file_format)
    return read_raster(path)
