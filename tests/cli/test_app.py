"""The command line starts fast, says its version, and that it is not for clinical use."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from sagittal import __version__
from typer.testing import Result

Call = Callable[..., Result]


def test_the_version_is_that_of_the_package(call: Call) -> None:
    answer = call("--version")
    assert answer.exit_code == 0
    assert answer.stdout.strip() == f"sagittal {__version__} (not for clinical use)"


def test_help_lists_every_command(call: Call) -> None:
    answer = call("--help")
    commands = ("measure", "compare", "simulate", "train", "evaluate", "serve", "demo")
    assert all(name in answer.stdout for name in commands)
    assert "Not for clinical use" in answer.stdout


def test_help_needs_neither_torch_nor_monai_nor_matplotlib() -> None:
    code = "import sys, sagittal.cli; print({'torch', 'monai', 'matplotlib', 'numpy'} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "set()"


def test_an_unknown_command_is_a_usage_error(call: Call) -> None:
    assert call("mesure").exit_code == 2
