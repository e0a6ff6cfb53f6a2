"""The structured report gives back every value, interval, range and landmark, and no number for what is absent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
import pytest
from dicom_cases import HEADS, six_bodies, with_intervals, with_landmarks
from pydicom import dcmread
from pydicom.dataset import Dataset
from sagittal import __version__
from sagittal.anatomy.definitions import default_definitions
from sagittal.anatomy.landmarks import Circle, Landmarks
from sagittal.inference import Inspection
from sagittal.report.dicom import read_source, structured_report_of

MakeCase = Callable[..., Any]


def written(case: Any, inspection: Inspection | None = None, **more: Any) -> Path:
    """The file of a case's report."""
    inspection = inspection or case.inspection
    path = case.path.with_name("film_sr.dcm")
    structured_report_of(read_source(inspection.film), inspection, **more).save_as(path)
    return path


def groups_of(path: Path) -> dict[str, Any]:
    """Measurement groups by tracking identifier, as highdicom reads them."""
    content = hd.sr.srread(path).content
    groups = [*content.get_planar_roi_measurement_groups(), *content.get_image_measurement_groups()]
    return {group.tracking_identifier: group for group in groups}


def numbers_of(path: Path) -> dict[str, Dataset]:
    """Every measured number by its concept's code, wherever in the document it is."""
    found = {}

    def walk(item: Dataset) -> None:
        for child in item.get("ContentSequence", []):
            if child.ValueType == "NUM" and child.RelationshipType == "CONTAINS":
                found[child.ConceptNameCodeSequence[0].CodeValue] = child
            walk(child)

    walk(dcmread(path))
    return found


def properties_of(number: Dataset) -> dict[str, Any]:
    """The properties of a number: its ranges and uncertainties as numbers, its normality as the code's meaning."""
    properties = {}
    for child in number.get("ContentSequence", []):
        name = child.ConceptNameCodeSequence[0].CodeMeaning
        if child.ValueType == "NUM":
            properties[name] = float(child.MeasuredValueSequence[0].NumericValue)
        else:
            properties[name] = child.ConceptCodeSequence[0].CodeMeaning
    return properties


def test_every_value_comes_back_with_its_unit_in_ucum(make_case: MakeCase) -> None:
    case = make_case()
    numbers = numbers_of(written(case))
    measured = {name: p for name, p in case.inspection.measurement.parameters.items() if p.value is not None}
    assert set(numbers) == set(measured)
    assert len(measured) == len(default_definitions().parameters)
    for name, parameter in measured.items():
        value = numbers[name].MeasuredValueSequence[0]
        assert float(value.NumericValue) == pytest.approx(parameter.value, abs=0.005), name
        unit = value.MeasurementUnitsCodeSequence[0]
        assert (unit.CodeValue, unit.CodingSchemeDesignator) == (parameter.unit, "UCUM")


def test_intervals_ranges_and_normality_come_back(make_case: MakeCase) -> None:
    case = make_case(interval=1.25)
    numbers = numbers_of(written(case))
    words = {"within": "Normal", "below": "Abnormally Low", "above": "Abnormally High"}
    for name, parameter in case.inspection.measurement.parameters.items():
        properties = properties_of(numbers[name])
        assert properties["-, range of lower measurement uncertainty"] == pytest.approx(1.25, abs=0.011)
        assert properties["+, range of upper measurement uncertainty"] == pytest.approx(2.5, abs=0.011)
        assert properties.get("Normality") == words.get(parameter.status)
        if parameter.range is not None:
            bounds = (properties["Normal Range Lower Limit"], properties["Normal Range Upper Limit"])
            assert bounds == parameter.range


def test_without_intervals_no_uncertainty_is_written(make_case: MakeCase) -> None:
    for number in numbers_of(written(make_case(interval=None))).values():
        assert not [name for name in properties_of(number) if "uncertainty" in name]


def test_what_is_absent_is_no_number_but_a_failed_measurement_with_its_reason(make_case: MakeCase) -> None:
    case = make_case(heads=())
    path = written(case)
    absent = {name: p for name, p in case.inspection.measurement.parameters.items() if p.value is None}
    assert {"PI", "PT", "PI-LL", "RLL"} <= set(absent)
    assert not set(absent) & set(numbers_of(path))
    spine = groups_of(path)["lumbar spine"]
    failed = {e.name.value for e in spine.get_qualitative_evaluations() if e.value.value == "114006"}
    assert failed == set(absent)
    text = dcmread(path).to_json()
    assert all(parameter.reason in text for parameter in absent.values())


def test_landmarks_come_back_where_they_are(make_case: MakeCase) -> None:
    case = make_case()
    inspection = with_landmarks(case.inspection, six_bodies())
    landmarks = inspection.measurement.landmarks
    groups = groups_of(written(case, inspection))

    def points(name: str) -> np.ndarray:
        # Pixel centres are at integers here, at halves in DICOM.
        return np.asarray(groups[name].roi.value) - 0.5

    for level, body in landmarks.bodies.items():
        corners = [body.superior_anterior, body.superior_posterior, body.inferior_posterior, body.inferior_anterior]
        np.testing.assert_allclose(points(f"{level} body"), [*corners, corners[0]], atol=1e-4)
    plate = landmarks.s1
    assert plate is not None
    np.testing.assert_allclose(points("S1 superior end plate"), [plate.anterior, plate.posterior], atol=1e-4)
    for number, head in enumerate(HEADS, 1):
        center, rim = points(f"femoral head {number}")
        np.testing.assert_allclose(center, head.center, atol=1e-4)
        assert np.hypot(*(rim - center)) == pytest.approx(head.radius, abs=1e-4)
        assert groups[f"femoral head {number}"].roi.graphic_type.value == "CIRCLE"
    np.testing.assert_allclose(points("hip axis"), [landmarks.hip_axis], atol=1e-4)
    np.testing.assert_allclose(points("L5S1 disc")[2:4], [plate.posterior, plate.anterior], atol=1e-4)


def test_a_wedge_and_a_disc_angle_stand_with_their_region(make_case: MakeCase) -> None:
    groups = groups_of(written(make_case()))
    assert [m.name.value for m in groups["L3 body"].get_measurements()] == ["L3"]
    assert [m.name.value for m in groups["L4L5 disc"].get_measurements()] == ["L4L5"]
    assert groups["L3 body"].finding_type.meaning == "L3 vertebra"


def test_a_head_centred_off_the_film_leaves_its_arc_and_no_hip_axis(make_case: MakeCase) -> None:
    case = make_case()
    landmarks = replace(six_bodies(), femoral_heads=(Circle((60.0, 310.0), 20.0),))
    groups = groups_of(written(case, with_landmarks(case.inspection, landmarks)))
    arc = np.asarray(groups["femoral head 1"].roi.value)
    assert groups["femoral head 1"].roi.graphic_type.value == "POLYLINE"
    assert arc[:, 1].max() <= 300
    np.testing.assert_allclose(np.hypot(*(arc - [60.5, 310.5]).T), 20, atol=1e-3)
    assert groups["hip axis"].source_images


def test_it_refers_to_the_film_in_its_study_and_declares_its_private_codes(make_case: MakeCase) -> None:
    case = make_case()
    report, film = dcmread(written(case)), dcmread(case.path, stop_before_pixels=True)
    assert report.StudyInstanceUID == film.StudyInstanceUID
    assert report.SeriesInstanceUID != film.SeriesInstanceUID
    assert (report.PatientID, report.PatientName) == (film.PatientID, film.PatientName)
    evidence = report.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence[0]
    assert evidence.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == film.SOPInstanceUID
    schemes = [item.CodingSchemeDesignator for item in report.CodingSchemeIdentificationSequence]
    assert schemes == ["99SAGITTAL"]


def test_it_says_what_made_it_how_good_the_film_is_and_that_it_is_not_for_clinical_use(make_case: MakeCase) -> None:
    case = make_case()
    path = written(case, clinical=["Schwab PT: 18 (0)"])
    spine = groups_of(path)["lumbar spine"]
    text = dcmread(path).to_json()
    assert "Not for clinical use" in text
    assert "not for clinical use" in dcmread(path).SeriesDescription
    assert "Schwab PT: 18 (0)" in text
    assert f'"{__version__}"' in text
    assert "model=bilunet" in text
    (verdict,) = (e for e in spine.get_qualitative_evaluations() if e.name.value == "film-quality")
    words = {"measurable": "measurable", "measurable with caution": "caution", "not measurable": "not-measurable"}
    assert verdict.value.value == words[case.inspection.measurement.quality.verdict]


def test_it_says_what_was_mended_in_the_film_s_header(make_case: MakeCase) -> None:
    text = dcmread(written(make_case(StudyID=None))).to_json()
    assert "Header of the film: StudyID is missing: left empty" in text


def test_a_film_on_which_nothing_was_found_has_a_report_without_numbers(make_case: MakeCase) -> None:
    case = make_case()
    nothing = with_landmarks(case.inspection, Landmarks({}, None, (), None))
    path = written(case, nothing)
    assert numbers_of(path) == {}
    assert list(groups_of(path)) == ["lumbar spine"]


@pytest.mark.parametrize("which", ["complete", "six bodies", "nothing found", "heads cut", "no identity"])
def test_dciodvfy_and_dsrdump_find_no_error(
    make_case: MakeCase, dciodvfy: Callable, dsrdump: Callable, which: str
) -> None:
    missing = {"PatientID": None, "StudyID": None, "PatientName": None, "StudyDate": None, "StudyTime": None}
    case = make_case(**(missing if which == "no identity" else {}))
    landmarks = {
        "six bodies": six_bodies(),
        "nothing found": Landmarks({}, None, (), None),
        "heads cut": replace(six_bodies(), femoral_heads=(Circle((60.0, 310.0), 20.0),)),
    }.get(which)
    inspection = case.inspection if landmarks is None else with_landmarks(case.inspection, landmarks)
    path = written(case, with_intervals(inspection, 2.0), clinical=["GAP: 3 to 7, “moderate”"])
    assert dciodvfy(path) == []
    dump = dsrdump(path)
    assert "Not for clinical use" in dump
    assert '(PI,99SAGITTAL,"Pelvic incidence")' in dump
