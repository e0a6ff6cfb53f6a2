"""The build compiles configs/ to the one JSON that the anatomy reads."""

from __future__ import annotations

import json
from pathlib import Path

import yaml
from sagittal.anatomy.definitions import Definitions, default_definitions
from sagittal.configuration import config_folder
from sagittal.configuration.compile import compile_definitions, definitions_as_json


def test_the_packaged_definitions_are_in_step_with_the_configuration() -> None:
    assert default_definitions() == Definitions.from_json(definitions_as_json(config_folder()))


def test_compiling_twice_gives_the_same_text() -> None:
    assert definitions_as_json(config_folder()) == definitions_as_json(config_folder())


def test_definitions_say_what_the_files_say() -> None:
    labels = yaml.safe_load((config_folder() / "labels.yaml").read_text(encoding="utf-8"))
    parameters = yaml.safe_load((config_folder() / "parameters.yaml").read_text(encoding="utf-8"))
    definitions = default_definitions()
    assert {n: (s.id, s.class_name, list(s.color)) for n, s in definitions.structures.items()} == {
        n: (s["id"], s["class"], s["color"]) for n, s in labels["structures"].items()
    }
    assert {n: (p.unit, p.range and list(p.range)) for n, p in definitions.parameters.items()} == {
        n: (p["unit"], p["range"]) for n, p in parameters["parameters"].items()
    }
    assert list(definitions.value_branch) == parameters["value_branch"]


def test_a_file_that_is_up_to_date_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "definitions.json"
    compile_definitions(config_folder(), target)
    before = target.stat().st_mtime_ns
    compile_definitions(config_folder(), target)
    assert target.stat().st_mtime_ns == before


def test_a_file_that_is_out_of_date_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "definitions.json"
    target.write_text("{}", encoding="utf-8")
    compile_definitions(config_folder(), target)
    assert "structures" in json.loads(target.read_text(encoding="utf-8"))
