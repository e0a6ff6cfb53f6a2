"""The anatomy runs where only numpy and scipy are."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"yaml", "torch", "monai", "pydantic", "skimage", "cv2", "PIL"}:
            raise ImportError(name + " is blocked")

sys.meta_path.insert(0, Blocked())
import sagittal
assert not [name for name in sys.modules if name.startswith("sagittal.")], "sagittal imports its rooms"
import numpy as np
from sagittal.anatomy import measure_mask
print(measure_mask(np.zeros((8, 8), np.uint8)).quality.verdict)
"""


def test_anatomy_imports_and_measures_with_all_else_blocked() -> None:
    run = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == "not measurable"
