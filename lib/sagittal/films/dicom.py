"""Films from DICOM: CR, DX, RG and secondary captures of such films; RF and XA with a warning."""

from __future__ import annotations

import re
import warnings as python_warnings
from datetime import date
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import FileDataset

from sagittal.anatomy.landmarks import Side
from sagittal.films.dicom_pixels import dicom_display_values
from sagittal.films.error import FilmError
from sagittal.films.file_format import film_name
from sagittal.films.film import Film, Identity
from sagittal.films.pixels import check_contrast, check_size
from sagittal.films.spacing import dicom_spacing

_FILMS = {"CR", "DX", "RG", "OT", "SC"}
_FILMS_IN_DOUBT = {"RF": "radiofluoroscopy", "XA": "angiography"}
_NOT_FILMS = {
    "CT": "a CT slice",
    "MR": "an MR slice",
    "US": "an ultrasound image",
    "PT": "a PET slice",
    "NM": "a nuclear medicine image",
    "MG": "a mammogram",
    "SEG": "a segmentation",
    "SR": "a structured report",
    "PR": "a presentation state",
    "KO": "a key object selection",
    "DOC": "a document",
}
_DAYS_PER_YEAR = 365.2425
_YEARS_PER_UNIT = {"Y": 1.0, "M": 1 / 12, "W": 7 / _DAYS_PER_YEAR, "D": 1 / _DAYS_PER_YEAR}


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
        _refuse_what_is_no_film(path, dataset)
        check_size(path, _integer(dataset, "Rows"), _integer(dataset, "Columns"))
        pixels, warnings = dicom_display_values(path, dataset)
        spacing = dicom_spacing(dataset)
        anterior, orientation_warnings = _anterior(dataset)
        identity = _identity(path, dataset)
    check_contrast(path, pixels)
    row, column = spacing.mm or spacing.aspect
    return Film(
        pixels=pixels,
        spacing_mm=spacing.mm,
        spacing_rule=spacing.rule,
        pixel_aspect=spacing.aspect,
        affine=np.diag([column, row, 1.0, 1.0]),
        anterior=anterior,
        identity=identity,
        warnings=(*_doubts(dataset), *warnings, *spacing.warnings, *orientation_warnings),
    )


def _open(path: Path) -> FileDataset:
    try:
        return pydicom.dcmread(path, force=True)
    except Exception as error:  # A broken file makes pydicom raise almost anything.
        raise FilmError(f"{path}: is truncated or damaged DICOM ({error}); send or export the film again") from error


def _refuse_what_is_no_film(path: Path, dataset: FileDataset) -> None:
    modality = str(dataset.get("Modality") or "")
    if modality and modality not in _FILMS and modality not in _FILMS_IN_DOUBT:
        kind = _NOT_FILMS.get(modality, f"an object of modality {modality}")
        raise FilmError(f"{path}: is {kind}, not a lateral X-ray (CR, DX, RG, or a secondary capture of one)")
    if "PixelData" not in dataset:
        raise FilmError(f"{path}: is DICOM without an image (truncated, or no film); send or export the film again")
    frames = _integer(dataset, "NumberOfFrames") if dataset.get("NumberOfFrames") is not None else 1
    if frames > 1:
        raise FilmError(f"{path}: holds {frames} frames, not one lateral X-ray; export the one film")


def _integer(dataset: FileDataset, keyword: str) -> int:
    try:
        return int(dataset.get(keyword) or 0)
    except (TypeError, ValueError):
        return 0


def _doubts(dataset: FileDataset) -> tuple[str, ...]:
    doubts: list[str] = []
    modality = str(dataset.get("Modality") or "")
    if not modality:
        doubts.append("DICOM without a modality: taken for an X-ray")
    if modality in _FILMS_IN_DOUBT:
        doubts.append(f"modality {modality} ({_FILMS_IN_DOUBT[modality]}): distortion is not corrected")
    if str(dataset.get("ViewPosition") or "").upper() in ("AP", "PA"):
        doubts.append(f"the file says view {str(dataset.ViewPosition).upper()}, not lateral")
    if str(dataset.get("PresentationIntentType") or "").upper() == "FOR PROCESSING":
        doubts.append("raw film (for processing): contrast is not that of the finished film")
    return tuple(doubts)


def _anterior(dataset: FileDataset) -> tuple[Side | None, tuple[str, ...]]:
    """The side of the film that the patient faces, by PatientOrientation (direction of rows, of columns)."""
    orientation = dataset.get("PatientOrientation")
    if orientation is None or isinstance(orientation, str) or len(orientation) != 2:
        return None, ()
    rightward, downward = (str(direction).upper() for direction in orientation)
    warnings: tuple[str, ...] = ("the file says that it is stored upside down",) if downward[:1] == "H" else ()
    if rightward[:1] in ("L", "R"):
        return None, (*warnings, "the file says that the patient was seen from the front or back, not from the side")
    sides: dict[str, Side] = {"A": "right", "P": "left"}
    return sides.get(rightward[:1]), warnings


def _identity(path: Path, dataset: FileDataset) -> Identity:
    def text(keyword: str) -> str | None:
        return str(dataset.get(keyword) or "").strip() or None

    return Identity(
        name=film_name(path),
        path=path,
        subject=text("PatientID"),
        study_uid=text("StudyInstanceUID"),
        series_uid=text("SeriesInstanceUID"),
        instance_uid=text("SOPInstanceUID"),
        age_years=_age_years(dataset),
    )


def _age_years(dataset: FileDataset) -> float | None:
    """Age at the study by PatientAge, else by the dates; None where zero, as de-identified files have it."""
    stated = re.fullmatch(r"(\d{1,3})([YMWD])", str(dataset.get("PatientAge") or "").strip().upper())
    if stated:
        return int(stated[1]) * _YEARS_PER_UNIT[stated[2]] or None
    born, taken = _date(dataset, "PatientBirthDate"), _date(dataset, "StudyDate")
    if born is None or taken is None or taken <= born:
        return None
    return round((taken - born).days / _DAYS_PER_YEAR, 2)


def _date(dataset: FileDataset, keyword: str) -> date | None:
    try:
        return date.fromisoformat(str(dataset.get(keyword) or "").strip())
    except ValueError:
        return None
