"""Limits of the clinical layer: what the build compiles is what the file says, and faults are named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from sagittal.anatomy.clinical.limits import ClinicalLimits, default_limits
from sagittal.configuration import ConfigurationError, config_folder, load_checked
from sagittal.configuration.clinical import Clinical
from sagittal.configuration.compile import definitions_as_json


def content() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((config_folder() / "clinical.yaml").read_text(encoding="utf-8"))
    return loaded


def test_the_packaged_limits_are_in_step_with_the_configuration() -> None:
    assert default_limits() == ClinicalLimits.from_json(definitions_as_json(config_folder()))


def test_classes_say_what_the_file_says() -> None:
    for said, compiled in zip(content()["clinical"]["genant"], default_limits().genant.steps, strict=True):
        assert compiled.bound == said.get("up_to", said.get("below"))
        assert compiled.closed == ("up_to" in said)
        assert (compiled.points, compiled.grade) == (said["points"], said["grade"])


@pytest.mark.parametrize(
    ("genant", "fault"),
    [
        ([{"below": 20, "points": 0, "grade": "a"}, {"up_to": 25, "points": 1, "grade": "b"}], "without bound"),
        ([{"below": 20, "points": 0, "grade": "a"}, {"up_to": 20, "points": 1, "grade": "b"}], "must rise"),
        ([{"below": 20, "up_to": 21, "points": 0, "grade": "a"}, {"points": 1, "grade": "b"}], "not both"),
        ([{"under": 20, "points": 0, "grade": "a"}, {"points": 1, "grade": "b"}], "genant.0.under"),
    ],
)
def test_classes_that_are_none_are_refused_by_name(tmp_path: Path, genant: list[dict[str, Any]], fault: str) -> None:
    wrong = content()
    wrong["clinical"]["genant"] = genant
    path = tmp_path / "clinical.yaml"
    path.write_text(yaml.safe_dump(wrong), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"clinical\.genant") as error:
        load_checked(path, Clinical)
    assert fault in str(error.value)
