"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def replace_file(path: Path, content: bytes | memoryview, *, staging: Path | None = None) -> None:
    """Write `content` beside `path`, bring it to the disk, then rename it over `path`.

    A process that is killed leaves the old file or the new one, and at worst a hidden file in `staging`, a folder on
    the same disk (default: the file's own).

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=staging or path.parent, prefix=f".{path.name[:100]}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def remove_leftovers(path: Path) -> None:
    """Remove what processes that were killed while they wrote `path` left beside it; nothing may be writing it."""
    for leftover in path.parent.glob(f".{path.name[:100]}.*"):
        leftover.unlink(missing_ok=True)
