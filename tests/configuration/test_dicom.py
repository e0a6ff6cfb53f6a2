"""dicom.yaml: every code fits its representation, and every private scheme is declared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydicom.sr._concepts_dict import concepts
from sagittal.anatomy.definitions import default_definitions
from sagittal.configuration import ConfigurationError, config_folder, load_checked
from sagittal.configuration.dicom import CodeEntry, DicomConfig, load_dicom_config


@pytest.fixture
def content() -> dict[str, Any]:
    return yaml.safe_load((config_folder() / "dicom.yaml").read_text(encoding="utf-8"))


def load(content: dict[str, Any], folder: Path) -> DicomConfig:
    (folder / "dicom.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return load_checked(folder / "dicom.yaml", DicomConfig)


def test_the_shipped_file_has_every_unit_and_verdict() -> None:
    config = load_dicom_config()
    assert {parameter.unit for parameter in default_definitions().parameters.values()} <= set(config.units)
    assert set(config.verdicts) == {"measurable", "measurable with caution", "not measurable"}


def test_names_and_titles_of_parameters_fit_a_code() -> None:
    for parameter in default_definitions().parameters.values():
        assert len(parameter.name) <= 16
        assert len(parameter.title) <= 64


def test_standard_codes_are_those_of_the_dicom_dictionary() -> None:
    config = load_dicom_config()
    entries: list[CodeEntry] = [entry for _, entry in config.concepts] + [entry for _, entry in config.normality]
    for entry in entries:
        if entry.scheme in ("DCM", "SCT"):
            entries_of_name = [versions for versions in concepts[entry.scheme].values() if entry.code in versions]
            meanings = {versions[entry.code][0].lower() for versions in entries_of_name}
            assert entry.meaning.lower() in meanings


def test_a_scheme_that_is_not_declared_is_refused(content: dict[str, Any], tmp_path: Path) -> None:
    content["concepts"]["disc"]["scheme"] = "99OTHER"
    with pytest.raises(ConfigurationError, match="99OTHER"):
        load(content, tmp_path)


def test_a_private_code_that_stands_for_two_things_is_refused(content: dict[str, Any], tmp_path: Path) -> None:
    content["concepts"]["disc"]["code"] = content["concepts"]["hip_axis"]["code"]
    with pytest.raises(ConfigurationError, match="must differ"):
        load(content, tmp_path)


@pytest.mark.parametrize(("key", "value"), [("code", "a" * 17), ("meaning", "a" * 65), ("colour", "red")])
def test_a_code_that_dicom_cannot_hold_is_named(content: dict[str, Any], tmp_path: Path, key: str, value: str) -> None:
    content["concepts"]["disc"][key] = value
    with pytest.raises(ConfigurationError, match=rf"concepts\.disc\.{key}"):
        load(content, tmp_path)
