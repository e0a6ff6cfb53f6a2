"""Headers that would break what refers to them are mended in a copy, or refused by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import JPEG2000, UID, ExplicitVRLittleEndian, JPEGExtended12Bit, JPEGLSNearLossless
from sagittal.films import Identity, read_film
from sagittal.report import ReportError
from sagittal.report.dicom import read_source
from sagittal.report.dicom.source import _mend_compression

MakeCase = Callable[..., Any]


def test_a_complete_header_needs_no_mending(make_case: MakeCase) -> None:
    source = read_source(make_case().inspection.film)
    assert source.mended == ()
    assert source.header.PatientName == "Muster^Erika"
    assert "PixelData" not in source.header


@pytest.mark.parametrize("keyword", ["PatientID", "StudyID", "AccessionNumber", "StudyDate", "PatientSex"])
def test_what_may_be_empty_is_added_empty(make_case: MakeCase, keyword: str) -> None:
    source = read_source(make_case(**{keyword: None}).inspection.film)
    assert source.header[keyword].value in ("", None)
    assert source.mended == (f"{keyword} is missing: left empty",)


@pytest.mark.parametrize(
    ("keyword", "value"), [("StudyDate", "2024-3-5"), ("StudyTime", "noon"), ("PatientBirthDate", "unknown")]
)
def test_a_value_that_breaks_its_form_is_left_out_and_named_but_not_quoted(
    make_case: MakeCase, keyword: str, value: str
) -> None:
    source = read_source(make_case(**{keyword: value}).inspection.film)
    assert not source.header[keyword].value
    assert keyword in source.mended[0]
    assert value not in " ".join(source.mended)


def test_a_sex_that_dicom_does_not_know_is_left_empty(make_case: MakeCase) -> None:
    source = read_source(make_case(PatientSex="W").inspection.film)
    assert source.header.PatientSex == ""
    assert "PatientSex" in source.mended[0]


@pytest.mark.parametrize(
    ("syntax", "method"),
    [
        (JPEG2000, "ISO_15444_1"),
        (JPEGExtended12Bit, "ISO_10918_1"),
        (JPEGLSNearLossless, "ISO_14495_1"),
        (ExplicitVRLittleEndian, "UNKNOWN"),
    ],
)
def test_the_method_of_lossy_compression_follows_from_the_transfer_syntax(syntax: UID, method: str) -> None:
    header = Dataset()
    header.LossyImageCompression, header.LossyImageCompressionRatio = "01", "10"
    (said,) = _mend_compression(header, syntax)
    assert header.LossyImageCompressionMethod == method
    assert method in said


def test_lossy_compression_without_its_ratio_is_left_out(make_case: MakeCase) -> None:
    source = read_source(make_case(LossyImageCompression="01").inspection.film)
    assert "LossyImageCompression" not in source.header
    assert source.mended == ("LossyImageCompression without its ratio: left out",)


def test_a_spacing_of_zero_is_left_out(make_case: MakeCase) -> None:
    source = read_source(make_case(PixelSpacing=[0, 0]).inspection.film)
    assert "PixelSpacing" not in source.header


@pytest.mark.parametrize("keyword", ["StudyInstanceUID", "SeriesInstanceUID"])
def test_a_film_without_study_or_series_is_refused(make_case: MakeCase, keyword: str) -> None:
    with pytest.raises(ReportError, match=rf"film\.dcm: lacks {keyword}"):
        read_source(make_case(**{keyword: None}).inspection.film)


@pytest.mark.parametrize("identity", [Identity("case", None), Identity("case", "films/case.png")])
def test_a_film_that_is_no_dicom_is_refused_with_the_way_out(make_case: MakeCase, identity: Identity) -> None:
    film = replace(make_case().inspection.film, identity=identity)
    with pytest.raises(ReportError, match=r"DICOM results belong to the study of a DICOM film.*leave out dicom-seg"):
        read_source(film)


def test_the_file_itself_is_not_touched(make_case: MakeCase) -> None:
    case = make_case(PatientID=None, StudyDate="2024-3-5")
    before = case.path.read_bytes()
    read_source(read_film(case.path))
    assert case.path.read_bytes() == before
