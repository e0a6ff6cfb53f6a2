"""The DICOM segmentation gives back every pixel, the overlap of the heads, and what and who made it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
import pytest
from pydicom import dcmread
from sagittal import __version__
from sagittal.anatomy.definitions import default_definitions
from sagittal.report.dicom import read_source, segmentation_of
from sagittal.report.segments import Segment, segments_of

MakeCase = Callable[..., Any]


def written(case: Any, model: str = "bilunet") -> tuple[hd.seg.Segmentation, tuple[Segment, ...], Path]:
    """The segmentation of a case as it comes back from its file, its segments, and the file."""
    inspection = case.inspection
    segments = segments_of(inspection.measurement, inspection.film.pixel_aspect, default_definitions())
    path = case.path.with_name("film_seg.dcm")
    segmentation_of(read_source(inspection.film), segments, model=model).save_as(path)
    return hd.seg.segread(path), segments, path


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"PhotometricInterpretation": "MONOCHROME1"},
        {"Modality": "DX"},
        {"PixelSpacing": [0, 0]},
        {"PixelSpacing": None, "ImagerPixelSpacing": None},
        {"LossyImageCompression": "01", "LossyImageCompressionRatio": "10"},
        {"PatientID": None, "StudyID": None, "PatientName": None, "StudyDate": None},
        {"FrameOfReferenceUID": "1.2.3"},
    ],
    ids=lambda attributes: ", ".join(attributes) or "complete",
)
def test_every_segment_comes_back_pixel_for_pixel(make_case: MakeCase, attributes: dict[str, Any]) -> None:
    case = make_case(**attributes)
    read, segments, _ = written(case)
    assert [read.get_segment_description(k).segment_label for k in read.segment_numbers] == [
        segment.structure.name for segment in segments
    ]
    instance = dcmread(case.path, stop_before_pixels=True).SOPInstanceUID
    masks = read.get_pixels_by_source_instance([instance], combine_segments=False)[0]
    for number, segment in enumerate(segments):
        np.testing.assert_array_equal(masks[..., number], segment.mask)


def test_the_overlap_of_the_heads_is_kept(make_case: MakeCase) -> None:
    case = make_case()
    read, _, _ = written(case)
    instance = dcmread(case.path, stop_before_pixels=True).SOPInstanceUID
    masks = read.get_pixels_by_source_instance([instance], combine_segments=False)[0]
    assert (masks.sum(axis=-1) == 2).sum() > 300
    assert read.SegmentsOverlap == "YES"


def test_it_belongs_to_the_study_of_the_film_in_a_series_of_its_own(make_case: MakeCase) -> None:
    case = make_case()
    read, _, _ = written(case)
    film = dcmread(case.path, stop_before_pixels=True)
    for keyword in ("StudyInstanceUID", "PatientID", "PatientName", "StudyDate", "AccessionNumber"):
        assert read[keyword].value == film[keyword].value, keyword
    assert read.SeriesInstanceUID != film.SeriesInstanceUID
    assert read.Modality == "SEG"
    reference = read.ReferencedSeriesSequence[0]
    assert reference.SeriesInstanceUID == film.SeriesInstanceUID
    assert reference.ReferencedInstanceSequence[0].ReferencedSOPInstanceUID == film.SOPInstanceUID


@pytest.mark.parametrize(("model", "kind"), [("bilunet", "AUTOMATIC"), ("mask", "SEMIAUTOMATIC")])
def test_it_says_which_algorithm_in_which_version_made_it(make_case: MakeCase, model: str, kind: str) -> None:
    read, segments, _ = written(make_case(), model)
    for number, segment in enumerate(segments, 1):
        description = read.get_segment_description(number)
        (algorithm,) = description.SegmentationAlgorithmIdentificationSequence
        assert description.algorithm_type.value == kind
        assert (algorithm.AlgorithmName, algorithm.AlgorithmVersion) == ("Sagittal", __version__)
        assert algorithm.AlgorithmParameters == f"model={model}"
        assert description.segmented_property_type.value == segment.structure.code


def test_it_says_that_it_is_not_for_clinical_use(make_case: MakeCase) -> None:
    read, _, _ = written(make_case())
    assert "not for clinical use" in read.SeriesDescription.lower()
    assert "not for clinical use" in read.ContentDescription.lower()


def test_a_name_in_other_letters_is_kept(make_case: MakeCase) -> None:
    name = "Yamada^Tarou=山田^太郎=やまだ^たろう"
    read, _, _ = written(make_case(SpecificCharacterSet="ISO_IR 192", PatientName=name))
    assert read.PatientName == name


def test_without_segments_there_is_none(make_case: MakeCase) -> None:
    with pytest.raises(ValueError, match="needs a segment"):
        segmentation_of(read_source(make_case().inspection.film), (), model="bilunet")


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"Modality": "DX", "PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "INVERSE"},
        {"PixelSpacing": [0, 0], "PatientOrientation": None},
        {"LossyImageCompression": "01", "LossyImageCompressionRatio": "10"},
        {"PatientID": None, "StudyID": None, "PatientName": None, "StudyDate": None, "StudyTime": None},
        {"StudyDate": "2024-3-5", "PatientSex": "W", "PatientAge": "old"},
    ],
    ids=lambda attributes: ", ".join(attributes) or "complete",
)
def test_dciodvfy_finds_no_error(make_case: MakeCase, dciodvfy: Callable, attributes: dict[str, Any]) -> None:
    _, _, path = written(make_case(**attributes))
    assert dciodvfy(path) == []
