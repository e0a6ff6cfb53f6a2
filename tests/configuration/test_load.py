"""Configuration files are checked on loading, and an error names the file and the key."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from sagittal.configuration import ConfigurationError, config_folder, load_bundle, load_checked
from sagittal.configuration.schema import Labels, Parameters


def written(folder: Path, name: str, content: object) -> Path:
    path = folder / name
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


@pytest.fixture
def labels() -> dict:
    return yaml.safe_load((config_folder() / "labels.yaml").read_text(encoding="utf-8"))


@pytest.fixture
def parameters() -> dict:
    return yaml.safe_load((config_folder() / "parameters.yaml").read_text(encoding="utf-8"))


def test_the_shipped_files_fit_their_schemas() -> None:
    assert load_checked(config_folder() / "labels.yaml", Labels).structures["L5"].id == 24
    assert load_checked(config_folder() / "parameters.yaml", Parameters).parameters["PI"].range == [34, 84]


def test_an_unknown_key_is_named_with_its_file(tmp_path: Path, labels: dict) -> None:
    labels["structures"]["L3"]["colour"] = [1, 2, 3]
    path = written(tmp_path, "labels.yaml", labels)
    with pytest.raises(ConfigurationError, match=r"labels\.yaml.*'structures\.L3\.colour'"):
        load_checked(path, Labels)


def test_a_missing_key_is_named(tmp_path: Path, parameters: dict) -> None:
    del parameters["parameters"]["SS"]["unit"]
    path = written(tmp_path, "parameters.yaml", parameters)
    with pytest.raises(ConfigurationError, match=r"parameters\.yaml.*'parameters\.SS\.unit'.*required"):
        load_checked(path, Parameters)


@pytest.mark.parametrize(("value", "fault"), [("26", "integer"), (26.5, "integer"), (300, "255"), (None, "integer")])
def test_a_value_of_the_wrong_type_or_size_is_named(tmp_path: Path, labels: dict, value: object, fault: str) -> None:
    labels["structures"]["sacrum"]["id"] = value
    path = written(tmp_path, "labels.yaml", labels)
    with pytest.raises(ConfigurationError, match=rf"'structures\.sacrum\.id'.*{fault}"):
        load_checked(path, Labels)


def test_every_fault_of_a_file_is_told_at_once(tmp_path: Path, labels: dict) -> None:
    labels["structures"]["L1"]["id"] = "one"
    labels["extra"] = True
    path = written(tmp_path, "labels.yaml", labels)
    with pytest.raises(ConfigurationError, match=r"(?s)(?=.*structures\.L1\.id)(?=.*'extra')"):
        load_checked(path, Labels)


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    path = tmp_path / "labels.yaml"
    path.write_text("classes: [1, 2", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"labels\.yaml: is not valid YAML"):
        load_checked(path, Labels)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", None])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "labels.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"labels\.yaml: cannot be read"):
        load_checked(path, Labels)


def test_ids_that_collide_are_refused(tmp_path: Path, labels: dict) -> None:
    labels["structures"]["L2"]["id"] = labels["classes"]["sacrum"]["id"]
    with pytest.raises(ConfigurationError, match="must all differ"):
        load_checked(written(tmp_path, "labels.yaml", labels), Labels)


def test_a_structure_of_an_unknown_class_is_refused(tmp_path: Path, labels: dict) -> None:
    labels["structures"]["L2"]["class"] = "rib"
    with pytest.raises(ConfigurationError, match="L2 names an unknown class rib"):
        load_checked(written(tmp_path, "labels.yaml", labels), Labels)


def test_a_range_that_falls_is_refused(tmp_path: Path, parameters: dict) -> None:
    parameters["parameters"]["PT"]["range"] = [30, 5]
    with pytest.raises(ConfigurationError, match="PT: range must rise"):
        load_checked(written(tmp_path, "parameters.yaml", parameters), Parameters)


def test_a_value_branch_of_unknown_parameters_is_refused(tmp_path: Path, parameters: dict) -> None:
    parameters["value_branch"][0] = "PIE"
    with pytest.raises(ConfigurationError, match=r"value_branch names unknown parameters \['PIE'\]"):
        load_checked(written(tmp_path, "parameters.yaml", parameters), Parameters)


def test_a_bundle_must_be_a_mapping(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"net\.yaml: expected a mapping at the top, got list"):
        load_bundle(written(tmp_path, "net.yaml", [1, 2]))


def test_a_bundle_instantiates_what_it_names(tmp_path: Path) -> None:
    path = written(tmp_path, "net.yaml", {"size": 3, "thing": {"_target_": "fractions.Fraction", "numerator": "@size"}})
    assert load_bundle(path).get_parsed_content("thing") == 3
