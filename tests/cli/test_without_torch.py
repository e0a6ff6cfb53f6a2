"""A mask is measured without torch and MONAI: on a machine that has neither, and in a second."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

BLOCKED = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "monai"):
            raise ModuleNotFoundError(f"{name} is blocked")

sys.meta_path.insert(0, Blocked())
from sagittal.cli import main
main()
"""


def test_a_mask_is_measured_where_neither_can_be_imported(on_disk: Any, tmp_path: Path) -> None:
    command = [sys.executable, "-c", BLOCKED, "measure", str(on_disk.film), "--out", str(tmp_path)]
    answer = subprocess.run(
        [*command, "--mask", str(on_disk.mask)], capture_output=True, text=True, timeout=120, check=False
    )
    assert answer.returncode == 0, answer.stderr
    assert json.loads((tmp_path / "case.json").read_text())["parameters"]["SS"]["value"] is not None
    with_network = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert with_network.returncode != 0, "the block does block: a network needs torch"
