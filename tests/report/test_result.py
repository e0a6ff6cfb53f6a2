"""The result's JSON is a contract: its keys, its types, and what stands for what is absent."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sagittal import __version__
from sagittal.anatomy.definitions import default_definitions
from sagittal.films import SpacingRule
from sagittal.inference import Inspection
from sagittal.report import result_as_json

Make = Callable[..., Inspection]
CORNERS = {"superior_anterior", "superior_posterior", "inferior_anterior", "inferior_posterior"}


def test_it_has_exactly_the_keys_of_the_contract(make_inspection: Make) -> None:
    result = result_as_json(make_inspection())
    assert set(result) == {
        "schema_version",
        "software_version",
        "not_for_clinical_use",
        "film",
        "model",
        "view",
        "quality",
        "warnings",
        "landmarks",
        "parameters",
        "clinical",
        "value_branch",
    }
    assert set(result["film"]) == {"path", "shape", "spacing_mm", "spacing_rule", "anterior", "age_years", "subject"}
    assert set(result["quality"]) == {"verdict", "reasons"}
    assert set(result["landmarks"]) == {"L1", "L2", "L3", "L4", "L5", "S1", "femoral_heads", "hip_axis"}
    assert all(set(result["landmarks"][f"L{i}"]) == CORNERS for i in range(1, 6))
    assert set(result["landmarks"]["S1"]) == {"anterior", "posterior"}
    assert [set(head) for head in result["landmarks"]["femoral_heads"]] == [{"center", "radius"}] * 2
    assert list(result["parameters"]) == list(default_definitions().parameters)
    keys = {"value", "unit", "range", "interval_90", "status", "reason"}
    assert all(set(parameter) == keys for parameter in result["parameters"].values())


def test_it_says_what_the_film_is_and_where_it_came_from(make_inspection: Make) -> None:
    result = result_as_json(make_inspection(path=Path("../elsewhere/case one.png")))
    assert result["film"] == {
        "path": "../elsewhere/case one.png",
        "shape": [600, 360],
        "spacing_mm": None,
        "spacing_rule": "none",
        "anterior": "left",
        "age_years": None,
        "subject": None,
    }
    assert result["model"] == "bilunet"
    assert result["software_version"] == __version__
    assert result["not_for_clinical_use"] is True


def test_warnings_of_the_reader_and_of_the_measurement_are_both_there_once(make_inspection: Make) -> None:
    inspection = make_inspection()
    measurement = replace(inspection.measurement, warnings=("LL starts at L1", "named .png but is JPEG"))
    result = result_as_json(replace(inspection, measurement=measurement))
    assert result["warnings"] == ["named .png but is JPEG", "LL starts at L1"]


def test_json_takes_it_as_it_is_without_nan(make_inspection: Make) -> None:
    inspection = make_inspection(value_branch=True)
    film = replace(
        inspection.film, spacing_mm=(np.float64(0.1431234567), np.float32(0.5)), spacing_rule=SpacingRule.CALIBRATED
    )
    result = result_as_json(replace(inspection, film=film))
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert result["film"]["spacing_mm"] == [0.143123, 0.5]


def test_numbers_are_rounded_to_hundredths(make_inspection: Make) -> None:
    result = result_as_json(make_inspection())
    values = [p["value"] for p in result["parameters"].values()]
    assert all(value == round(value, 2) for value in values)
    exact = make_inspection().measurement.parameters
    assert values == pytest.approx([p.value for p in exact.values()], abs=0.005)


def test_what_is_absent_is_null_and_has_a_reason(make_inspection: Make) -> None:
    result = result_as_json(make_inspection(heads=()))
    assert result["landmarks"]["femoral_heads"] == []
    assert result["landmarks"]["hip_axis"] is None
    for name in ("PI", "PT", "PI-LL", "RLL"):
        parameter = result["parameters"][name]
        assert parameter["value"] is None
        assert parameter["status"] == "absent"
        assert parameter["reason"]
    assert result["parameters"]["SS"]["value"] == pytest.approx(26.57)


def test_clinical_findings_are_there_each_with_its_form(make_inspection: Make) -> None:
    clinical = result_as_json(make_inspection())["clinical"]
    keys = {"name", "title", "value", "unit", "bounds", "grade", "status", "reason"}
    assert all(set(finding) == keys for finding in clinical)
    by_name = {finding["name"]: finding for finding in clinical}
    assert {"GAP", "Schwab PI-LL", "Schwab PT", "Roussouly", "slip L4L5", "Genant L1", "head obliquity"} <= set(by_name)
    # The label map shows the middle heights.
    assert by_name["Hm/Hp L3"]["value"] == pytest.approx(100, abs=4)
    assert by_name["lengths"]["status"] == "absent"


def test_an_age_and_what_the_user_calls_the_patient_are_told_but_no_number_of_the_file(make_inspection: Make) -> None:
    inspection = make_inspection()
    identity = replace(inspection.film.identity, age_years=71.0, pseudonym="P7", subject="1234567", study_uid="1.2.3")
    result = result_as_json(replace(inspection, film=replace(inspection.film, identity=identity)))
    assert (result["film"]["age_years"], result["film"]["subject"]) == (71, "P7")
    gap = next(finding for finding in result["clinical"] if finding["name"] == "GAP")
    assert "age is not known" not in gap["reason"]
    assert "1234567" not in json.dumps(result)
    assert "1.2.3" not in json.dumps(result)


@pytest.mark.parametrize("rule", list(SpacingRule))
def test_lengths_need_a_spacing_that_is_that_of_the_patient(make_inspection: Make, rule: SpacingRule) -> None:
    inspection = make_inspection()
    film = replace(inspection.film, spacing_mm=(0.2, 0.2), spacing_rule=rule)
    lengths = [
        f for f in result_as_json(replace(inspection, film=film))["clinical"] if f["unit"] == "mm" and f["value"]
    ]
    trusted = {SpacingRule.CALIBRATED, SpacingRule.MAGNIFICATION_CORRECTED}
    assert bool(lengths) == (rule in trusted)


def test_a_missing_sacral_end_plate_is_null(make_inspection: Make) -> None:
    inspection = make_inspection()
    measurement = replace(inspection.measurement, landmarks=replace(inspection.measurement.landmarks, s1=None))
    assert result_as_json(replace(inspection, measurement=measurement))["landmarks"]["S1"] is None


def test_the_value_branch_is_null_or_has_the_same_form(make_inspection: Make) -> None:
    assert result_as_json(make_inspection())["value_branch"] is None
    branch = result_as_json(make_inspection(value_branch=True))["value_branch"]
    assert set(branch) == set(default_definitions().value_branch)
    assert set(branch["PI"]) == {"value", "unit", "range", "interval_90", "status", "reason"}


def test_a_number_that_is_not_finite_is_an_error_and_never_written(make_inspection: Make) -> None:
    inspection = make_inspection()
    parameters = dict(inspection.measurement.parameters)
    parameters["SS"] = replace(parameters["SS"], value=float("nan"))
    measurement = replace(inspection.measurement, parameters=parameters)
    with pytest.raises(ValueError, match="finite"):
        result_as_json(replace(inspection, measurement=measurement))
