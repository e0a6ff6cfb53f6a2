"""What the header of a DICOM film says, by the same rules as on the server. Without a scene; needs pydicom."""

from __future__ import annotations

import warnings as python_warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .anatomy import header
from .errors import FilmError
from .ports import DicomFilm, Side
from .translation import _


@dataclass(frozen=True)
class FilmHeader:
    """`spacing` with its rule; the side that the patient faces and his age, where the file says; `isInverted` where
    bone is dark in what it stores, `readersInvert` where ITK undoes that. `subject` stays in memory: it may be a name.
    """

    spacing: header.Spacing
    anterior: Side | None
    ageYears: float | None
    isInverted: bool
    readersInvert: bool
    subject: str
    warnings: tuple[str, ...]


def isDicom(path: Path) -> bool:
    """By what stands in the file, not by its name."""
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM" or path.suffix.lower() in (".dcm", ".dicom")


def readHeader(path: Path, name: str) -> FilmHeader:
    """
    Raises:
        FilmError: the file is no single film; the text says what it is and what to do.
    """
    import pydicom

    with python_warnings.catch_warnings():
        # pydicom quotes values in its warnings, and these may identify the patient.
        python_warnings.simplefilter("ignore")
        try:
            dataset = pydicom.dcmread(str(path), force=True)
        except Exception as error:  # A broken file makes pydicom raise almost anything.
            raise FilmError(_("{name}: damaged DICOM. Send or export the film again.").format(name=name)) from error
        refusal = header.why_no_film(dataset)
        if refusal is not None:
            raise FilmError(f"{name}: {refusal}.")
        spacing = header.spacing_of(dataset)
        anterior, orientation = header.anterior_side(dataset)
        return FilmHeader(
            spacing=spacing,
            anterior=anterior,
            ageYears=header.age_years(dataset),
            isInverted=header.is_inverted(dataset),
            readersInvert=str(dataset.get("PhotometricInterpretation") or "") == "MONOCHROME1",
            subject=str(dataset.get("PatientID") or ""),
            warnings=(*header.doubts_of(dataset), *spacing.warnings, *orientation),
        )


def filmsOf(database: Any) -> tuple[DicomFilm, ...]:
    """Films in a ctkDICOMDatabase, the newest study first. A title tells nothing of the patient.

    Only series of film modalities with one file each; what more there is to know is told when a film is loaded.
    """
    found = []
    for patient in database.patients():
        for study in database.studiesForPatient(patient):
            for series in database.seriesForStudy(study):
                films = [_film(database, series, file) for file in database.filesForSeries(series)]
                found += [film for film in films if film is not None]
    return tuple(film for _date, film in sorted(found, key=lambda entry: entry[0], reverse=True))


def _film(database: Any, series: str, file: str) -> tuple[str, DicomFilm] | None:
    modality, date, description, part = (
        str(database.fileValue(file, tag) or "").strip() for tag in ("0008,0060", "0008,0020", "0008,103E", "0018,0015")
    )
    if modality not in ("CR", "DX", "RG"):
        return None
    day = f"{date[:4]}-{date[4:6]}-{date[6:8]}" if len(date) == 8 else date
    title = " · ".join(text for text in (modality, part, day, description) if text)
    return date, DicomFilm(title=title, path=Path(file), seriesUid=series)
