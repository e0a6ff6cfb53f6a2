"""`sagittal demo` runs a real server from start to finish, and leaves none behind."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from sagittal.cli.client import ServerError, running_server
from sagittal.cli.serve import app_folder
from typer.testing import Result

Call = Callable[..., Result]


def demo_command(film: Path, out: Path) -> list[str]:
    return [sys.executable, "-u", "-m", "sagittal.cli", "demo", "--film", str(film), "--out", str(out)]


def test_a_film_is_measured_over_http_as_on_the_command_line(on_disk: Any, call: Call, tmp_path: Path) -> None:
    out = tmp_path / "demo"
    answer = subprocess.run(
        demo_command(on_disk.film, out), capture_output=True, text=True, timeout=240, check=False, cwd=tmp_path
    )
    assert answer.returncode == 0, answer.stderr
    assert "MBNet's own" in answer.stdout
    assert "make serve STUDIES=" in answer.stdout
    assert {path.name for path in out.iterdir()} == {"server.log", "results"}
    for model in ("spine", "mbnet"):
        folder = out / "results" / model
        assert {path.name for path in folder.iterdir()} == {"case.json", "case_labels.nrrd", "case.png"}
        assert call("measure", on_disk.film, "--model", model, "--out", tmp_path / model).exit_code == 0
        over_http, direct = (json.loads((f / "case.json").read_text()) for f in (folder, tmp_path / model))
        assert over_http["parameters"] == direct["parameters"]
        assert over_http["landmarks"] == direct["landmarks"]
        assert (over_http["value_branch"] is not None) == (model == "mbnet")


def test_a_demonstration_that_is_stopped_stops_its_server(on_disk: Any, tmp_path: Path) -> None:
    process = subprocess.Popen(demo_command(on_disk.film, tmp_path / "demo"), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    url = next(found[0] for line in process.stdout if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 128 + 15
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/info/", timeout=5)
    assert not list((tmp_path / "demo").glob("studies-*"))


def test_a_film_that_cannot_be_read_is_told_before_any_server_starts(call: Call, tmp_path: Path) -> None:
    (tmp_path / "letter.png").write_text("Dear colleague,\n", encoding="utf-8")
    answer = call("demo", "--film", tmp_path / "letter.png", "--out", tmp_path / "demo")
    assert answer.exit_code == 1
    assert "letter.png: is named .png but is text" in answer.stderr
    assert not (tmp_path / "demo" / "server.log").exists()


def test_a_server_that_dies_while_starting_says_why(tmp_path: Path) -> None:
    app = tmp_path / "broken_app"
    app.mkdir()
    (app / "main.py").write_text("raise RuntimeError('the app is broken on purpose')\n", encoding="utf-8")
    (tmp_path / "films").mkdir()
    with (
        pytest.raises(ServerError, match="broken on purpose"),
        running_server(app, tmp_path / "films", tmp_path / "server.log"),
    ):
        pytest.fail("the server must not come up")


def test_a_film_that_the_server_does_not_have_is_an_error_with_its_answer(tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    with (
        running_server(app_folder(), tmp_path / "films", tmp_path / "server.log") as server,
        pytest.raises(ServerError, match="spine answers 404 for nobody"),
    ):
        server.infer("spine", "nobody")
