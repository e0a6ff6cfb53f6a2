"""`sagittal serve` starts MONAI Label on this machine alone, unless told otherwise."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sagittal.cli.serve import app_folder, server_command
from typer.testing import Result

Call = Callable[..., Result]


def test_the_command_names_app_films_address_and_settings(tmp_path: Path) -> None:
    films = tmp_path / "my films"
    films.mkdir()
    command = server_command(app_folder(), films, "127.0.0.1", 8123, ["train_after=3", "note=a=b"])
    assert command[:4] == [sys.executable, "-m", "monailabel.main", "start_server"]
    assert command[4:] == [
        *("--app", str(app_folder())),
        *("--studies", str(films)),
        *("--host", "127.0.0.1"),
        *("--port", "8123"),
        *("--conf", "train_after", "3"),
        *("--conf", "note", "a=b"),
    ]


@pytest.mark.parametrize("setting", ["train_after", "=3"])
def test_a_setting_without_key_or_value_is_refused(call: Call, tmp_path: Path, setting: str) -> None:
    answer = call("serve", "--studies", tmp_path, "--conf", setting)
    assert answer.exit_code == 1
    assert "KEY=VALUE" in answer.stderr


def test_a_folder_that_is_not_there_is_named(call: Call, tmp_path: Path) -> None:
    answer = call("serve", "--studies", tmp_path / "nowhere")
    assert answer.exit_code == 1
    assert "nowhere is no folder" in answer.stderr


def test_an_app_that_is_none_is_named(call: Call, tmp_path: Path) -> None:
    answer = call("serve", "--studies", tmp_path, "--app", tmp_path)
    assert answer.exit_code == 1
    assert "is no MONAI Label app" in answer.stderr
