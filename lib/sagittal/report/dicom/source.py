"""The film's own DICOM header, mended where it would break what refers to it."""

from __future__ import annotations

from dataclasses import dataclass

import pydicom
from pydicom.config import RAISE
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.uid import (
    JPEG2000,
    UID,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLSNearLossless,
)
from pydicom.valuerep import validate_value

from sagittal.films.film import Film
from sagittal.report.dicom.quiet import quiet_libraries
from sagittal.report.error import ReportError

# What the new objects must have, empty where unknown (type 2).
_MAY_BE_EMPTY = (
    "PatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
    "AccessionNumber",
    "StudyID",
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
)
_MUST_BE_THERE = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "Rows", "Columns")
# Their values have a form; other representations are free text, which is kept as it is.
_FORMED = {"AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI"}
_SEXES = ("", "M", "F", "O")
# Methods of lossy compression (DICOM PS3.3, C.7.6.1.1.5) by the transfer syntax that tells them.
_LOSSY_METHODS = {
    JPEGBaseline8Bit: "ISO_10918_1",
    JPEGExtended12Bit: "ISO_10918_1",
    JPEGLSNearLossless: "ISO_14495_1",
    JPEG2000: "ISO_15444_1",
}


@dataclass(frozen=True, eq=False)
class DicomSource:
    """A film's header as new objects may refer to it, and what was mended for that."""

    header: Dataset
    mended: tuple[str, ...]


def read_source(film: Film) -> DicomSource:
    """Read the header of the DICOM file that a film came from.

    The file is not touched. In the copy, attributes that a new object must take over are there, empty where the file
    lacks them; values that break their own representation are left out, each named in `mended`.

    Raises:
        ReportError: the film came from no DICOM file, the file is gone, or does not say which instance of which study
            and series it is.
    """
    path = film.identity.path
    if path is None or film.identity.instance_uid is None:
        raise ReportError(
            f"{path or film.identity.name}: DICOM results belong to the study of a DICOM film, and this is none (or "
            "has no SOPInstanceUID): leave out dicom-seg and dicom-sr, or measure the DICOM file"
        )
    with quiet_libraries():
        try:
            file = pydicom.dcmread(path, stop_before_pixels=True, force=True)
            file.decode()
        except Exception as error:  # A broken file makes pydicom raise almost anything.
            raise ReportError(
                f"{path}: its DICOM header cannot be read again; send or export the film again"
            ) from error
        missing = [keyword for keyword in _MUST_BE_THERE if not file.get(keyword)]
        if missing:
            raise ReportError(f"{path}: lacks {', '.join(missing)}, which DICOM results must refer to")
        return _mended(file, UID(str(file.file_meta.get("TransferSyntaxUID", ""))))


def _mended(file: Dataset, syntax: UID) -> DicomSource:
    header, mended = Dataset(), []
    for element in file:
        if element.VR in _FORMED and not _is_valid(element.VR, element.value):
            mended.append(f"{element.keyword or element.tag} has a value that breaks its form: left out")
        else:
            header.add(element)
    if str(header.get("PatientSex") or "") not in _SEXES:
        mended.append("PatientSex has a value that DICOM does not know: left empty")
        header.PatientSex = ""
    for keyword in _MAY_BE_EMPTY:
        if keyword not in header:
            mended.append(f"{keyword} is missing: left empty")
            setattr(header, keyword, "")
    if "FrameOfReferenceUID" in header and not header.get("ImageOrientationPatient"):
        # A projection has no place in the patient, and highdicom asks for one as soon as it sees a frame.
        del header.FrameOfReferenceUID
    spacing = header.get("PixelSpacing")
    if "PixelSpacing" in header and (not spacing or len(spacing) != 2 or min(spacing) <= 0):
        mended.append("PixelSpacing is not two positive numbers: left out")
        del header.PixelSpacing
    mended += _mend_compression(header, syntax)
    return DicomSource(header, tuple(mended))


def _is_valid(representation: str, value: object) -> bool:
    values = value if isinstance(value, MultiValue) else [value]
    try:
        for one in values:
            if one is not None and str(one) != "":
                validate_value(representation, str(one), RAISE)
    except ValueError:
        return False
    return True


def _mend_compression(header: Dataset, syntax: UID) -> list[str]:
    """A film that was compressed with loss must say by how much and how."""
    if header.get("LossyImageCompression") != "01":
        return []
    if not header.get("LossyImageCompressionRatio"):
        # There is no number for what is not known, and without one the rest may not be said either.
        for keyword in ("LossyImageCompression", "LossyImageCompressionMethod", "LossyImageCompressionRatio"):
            header.pop(keyword, None)
        return ["LossyImageCompression without its ratio: left out"]
    if header.get("LossyImageCompressionMethod"):
        return []
    header.LossyImageCompressionMethod = _LOSSY_METHODS.get(syntax, "UNKNOWN")
    return [f"LossyImageCompressionMethod is missing: {header.LossyImageCompressionMethod} by the transfer syntax"]
