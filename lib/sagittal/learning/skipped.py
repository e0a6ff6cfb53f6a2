"""Films that an annotator would not label, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from sagittal.learning.state_file import read_state, write_state


class SkippedFilms:
    """Film id -> reason and time; on disk. Several threads may use the same file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = FileLock(path.with_name(f"{path.name}.lock"))

    def skip(self, film_id: str, reason: str) -> None:
        """Hand a film out no more. Skipping it again replaces the reason."""
        with self._changing():
            now = datetime.now(UTC).isoformat(timespec="seconds")
            write_state(self._path, read_state(self._path) | {film_id: {"reason": reason, "time": now}})

    def take_back(self, film_id: str) -> bool:
        """Hand a film out again; False where it was not skipped."""
        with self._changing():
            state = read_state(self._path)
            if film_id not in state:
                return False
            del state[film_id]
            write_state(self._path, state)
            return True

    def reasons(self) -> Mapping[str, str]:
        """Film id -> why."""
        return {film_id: str(entry["reason"]) for film_id, entry in read_state(self._path).items()}

    def _changing(self) -> FileLock:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        return self._lock
