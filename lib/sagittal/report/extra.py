"""Results that a film gets only when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sagittal.anatomy.definitions import Definitions, default_definitions
from sagittal.report.error import ReportError
from sagittal.report.result import result_as_json
from sagittal.report.segments import segments_of
from sagittal.report.text import finding_text

if TYPE_CHECKING:
    from sagittal.films.film import Film
    from sagittal.inference import Inspection


class Extra(StrEnum):
    """What else can be written of a film."""

    PDF = "pdf"
    SEGMENTATION_NRRD = "seg-nrrd"
    DICOM_SEG = "dicom-seg"
    DICOM_SR = "dicom-sr"


ENDINGS = {
    Extra.PDF: ".pdf",
    Extra.SEGMENTATION_NRRD: ".seg.nrrd",
    Extra.DICOM_SEG: "_seg.dcm",
    Extra.DICOM_SR: "_sr.dcm",
}


def write_extra(
    extra: Extra, path: Path, inspection: Inspection, *, earlier: Mapping[str, Any] | None = None
) -> str | None:
    """Write one; or say why there is none for this film, which is no fault of it.

    `earlier` is a result of an earlier film of the same patient: the PDF then tells the change.

    Raises:
        ReportError: DICOM results of a film that is no DICOM, or whose header they cannot refer to.
        OSError: the file cannot be written.
    """
    match extra:
        case Extra.PDF:
            from sagittal.report.page import report_pdf

            path.write_bytes(report_pdf(inspection, earlier=earlier))
            return None
        case Extra.SEGMENTATION_NRRD:
            # Imported late: each brings a library that the others do not need.
            from sagittal.report.segmentation_nrrd import write_segmentation_nrrd

            segments = segments_of(inspection.measurement, inspection.film.pixel_aspect, default_definitions())
            write_segmentation_nrrd(path, segments, inspection.film, model=inspection.model)
            return None
        case Extra.DICOM_SEG:
            return _write_dicom_segmentation(path, inspection, default_definitions())
        case Extra.DICOM_SR:
            _write_structured_report(path, inspection, default_definitions())
            return None


def _write_dicom_segmentation(path: Path, inspection: Inspection, definitions: Definitions) -> str | None:
    from sagittal.report.dicom import read_source, segmentation_of

    source = read_source(inspection.film)
    segments = segments_of(inspection.measurement, inspection.film.pixel_aspect, definitions)
    if not segments:
        return "nothing was found on the film, and DICOM knows no segmentation without segments"
    with _referring_to(inspection.film):
        segmentation_of(source, segments, model=inspection.model).save_as(path)
    return None


def _write_structured_report(path: Path, inspection: Inspection, definitions: Definitions) -> None:
    from sagittal.report.dicom import read_source, structured_report_of

    source = read_source(inspection.film)
    clinical = [finding_text(finding) for finding in result_as_json(inspection).get("clinical") or ()]
    with _referring_to(inspection.film):
        structured_report_of(source, inspection, clinical=clinical, definitions=definitions).save_as(path)


@contextmanager
def _referring_to(film: Film) -> Iterator[None]:
    """Name the film when the libraries cannot take its header over; what they say themselves may identify a patient."""
    from sagittal.report.dicom.quiet import quiet_libraries

    try:
        with quiet_libraries():
            yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ReportError(
            f"{film.identity.path}: its DICOM header does not let other objects refer to it ({type(error).__name__}); "
            "leave out dicom-seg and dicom-sr"
        ) from error
