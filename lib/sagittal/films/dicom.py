"""Films from DICOM: CR, DX, RG and secondary captures of such films; RF and XA with a warning."""

from __future__ import annotations

import warnings as python_warnings
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import FileDataset

from sagittal.films.dicom_pixels import dicom_display_values
from sagittal.films.error import FilmError
from sagittal.films.file_format import film_name
from sagittal.films.film import Film, Identity
from sagittal.films.pixels import check_contrast, check_size
from sagittal.header import age_years, anterior_side, doubts_of, spacing_of, view_doubt_of, why_no_film
from sagittal.header.field import integer, words


def read_dicom(path: Path) -> Film:
    """Read a DICOM film: display values after modality and VOI transform, bone bright, spacing by its rule.

    Raises:
        FilmError: damaged, another kind of object (CT, MR, segmentation ..), several frames, a compression that
            cannot be decoded, too large, or without contrast.
    """
    with python_warnings.catch_warnings():
        # pydicom quotes values in its warnings, and these may identify the patient.
        python_warnings.simplefilter("ignore")
        dataset = _open(path)
        refusal = why_no_film(dataset)
        if refusal is not None:
            raise FilmError(f"{path}: {refusal}")
        check_size(path, integer(dataset, "Rows"), integer(dataset, "Columns"))
        pixels, warnings = dicom_display_values(path, dataset)
        spacing = spacing_of(dataset)
        anterior, orientation_warnings = anterior_side(dataset)
        view_doubt = view_doubt_of(dataset)
        identity = _identity(path, dataset)
    check_contrast(path, pixels)
    row, column = spacing.mm or spacing.aspect
    said = (*doubts_of(dataset), *warnings, *spacing.warnings, *orientation_warnings)
    return Film(
        pixels=pixels,
        spacing_mm=spacing.mm,
        spacing_rule=spacing.rule,
        pixel_aspect=spacing.aspect,
        affine=np.diag([column, row, 1.0, 1.0]),
        anterior=anterior,
        identity=identity,
        warnings=tuple(warning for warning in said if warning != view_doubt),
        view_doubt=view_doubt,
    )


def _open(path: Path) -> FileDataset:
    try:
        return pydicom.dcmread(path, force=True)
    except Exception as error:  # A broken file makes pydicom raise almost anything.
        raise FilmError(f"{path}: is truncated or damaged DICOM ({error}); send or export the film again") from error


def _identity(path: Path, dataset: FileDataset) -> Identity:
    def text(keyword: str) -> str | None:
        return words(dataset, keyword) or None

    return Identity(
        name=film_name(path),
        path=path,
        subject=text("PatientID"),
        study_uid=text("StudyInstanceUID"),
        series_uid=text("SeriesInstanceUID"),
        instance_uid=text("SOPInstanceUID"),
        age_years=age_years(dataset),
    )
