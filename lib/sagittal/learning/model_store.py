"""The weights on disk: which are live, which were, which were kept aside."""

from __future__ import annotations

import functools
import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from sagittal.datasets.whole_file import replace_file


@dataclass(frozen=True)
class LiveModel:
    """The weights that answer now. `version` is the head of the file's SHA-256."""

    name: str
    path: Path
    version: str
    origin: Literal["shipped", "trained"]


class ModelStore:
    """Live weights `<folder>/<name>.pt`, with the shipped ones standing in until a training has passed the gate.

    `history/` holds every checkpoint that went live, `rejected/` every one that did not, `history.jsonl` one line
    for each with the figures.
    """

    def __init__(self, folder: Path, shipped: Callable[[str], Path]) -> None:
        self._folder = folder
        self._shipped = shipped

    def trained_path(self, name: str) -> Path:
        """Where trained weights of `name` live; the file may not exist yet."""
        return self._folder / f"{name}.pt"

    def live(self, name: str) -> LiveModel:
        """The weights that answer now.

        Raises:
            FileNotFoundError: neither trained nor shipped weights exist; the message names both places.
        """
        trained = self.trained_path(name)
        if trained.is_file():
            return LiveModel(name, trained, file_version(trained), "trained")
        shipped = self._shipped(name)
        if not shipped.is_file():
            raise FileNotFoundError(f"no weights for {name}: neither {trained} nor {shipped} exists")
        return LiveModel(name, shipped, file_version(shipped), "shipped")

    def publish(self, name: str, checkpoint: Path) -> LiveModel:
        """Put a checkpoint live in one step; a reader sees the old file or the new one, never a part."""
        self._keep(name, checkpoint, "history")
        replace_file(self.trained_path(name), checkpoint.read_bytes())
        return self.live(name)

    def keep_aside(self, name: str, checkpoint: Path) -> Path:
        """Keep a checkpoint that the gate refused; returns where."""
        return self._keep(name, checkpoint, "rejected")

    def record(self, name: str, entry: dict[str, Any]) -> None:
        """Append one line to the history."""
        self._folder.mkdir(parents=True, exist_ok=True)
        line = {"time": datetime.now(UTC).isoformat(timespec="seconds"), "model": name, **entry}
        with (self._folder / "history.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def history(self, name: str) -> list[dict[str, Any]]:
        """All lines of one model, oldest first."""
        path = self._folder / "history.jsonl"
        if not path.is_file():
            return []
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return [line for line in lines if line["model"] == name]

    def _keep(self, name: str, checkpoint: Path, where: str) -> Path:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        target = self._folder / where / f"{name}-{stamp}-{file_version(checkpoint)}.pt"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(checkpoint, target)
        return target


def file_version(path: Path) -> str:
    """The first 12 hexadecimal digits of a file's SHA-256; read again only when the file changed."""
    status = path.stat()
    return _digest(path, status.st_mtime_ns, status.st_size)


@functools.lru_cache(maxsize=64)
def _digest(path: Path, modified_ns: int, size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]
