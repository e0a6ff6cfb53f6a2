"""Small JSON files that outlive a restart: replaced as a whole, so that a crash leaves the old or the new one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sagittal.datasets.whole_file import replace_file


def read_state(path: Path) -> dict[str, Any]:
    """The content of a state file, empty when there is none yet.

    Raises:
        ValueError: the file holds no JSON object; the message names it.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise ValueError(f"{path}: is not valid JSON ({error}); move it away to start anew") from error
    if not isinstance(content, dict):
        raise ValueError(f"{path}: expected a JSON object, got {type(content).__name__}; move it away to start anew")
    return content


def write_state(path: Path, content: dict[str, Any]) -> None:
    """Replace a state file atomically."""
    replace_file(path, json.dumps(content, indent=1).encode())
