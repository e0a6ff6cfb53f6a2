"""Labels that no server took yet, kept on this computer. Without a scene; may be used in a worker thread."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

_LABEL, _ENTRY = "label.nrrd", "entry.json"
_UNFINISHED = ".unfinished-"


@dataclass(frozen=True)
class Waiting:
    """A label that waits for the server at `address`; `folder` holds it."""

    folder: Path
    address: str
    imageId: str
    params: Mapping[str, Any]

    @property
    def label(self) -> Path:
        return self.folder / _LABEL


class Outbox:
    """A folder for each label, under a random name; a label is there as a whole or not at all.

    Of several labels of one film only the last is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, address: str, imageId: str, label: Path, params: Mapping[str, Any]) -> Waiting:
        """Keep a label map file with what is to be submitted beside it.

        Raises:
            OSError: the disk is full or the folder cannot be written to.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        earlier = [entry for entry in self.waiting(address) if entry.imageId == imageId]
        name = uuid4().hex
        unfinished = self._folder / f"{_UNFINISHED}{name}"
        unfinished.mkdir()
        try:
            shutil.copyfile(label, unfinished / _LABEL)
            content = {"address": address, "image": imageId, "params": params}
            (unfinished / _ENTRY).write_text(json.dumps(content), encoding="utf-8")
            os.replace(unfinished, self._folder / name)
        except OSError:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        for entry in earlier:
            self.remove(entry)
        return Waiting(self._folder / name, address, imageId, params)

    def waiting(self, address: str | None = None) -> tuple[Waiting, ...]:
        """What waits, the oldest first; for one server where an address is given. What is damaged is left out."""
        if not self._folder.is_dir():
            return ()
        folders = [f for f in self._folder.iterdir() if f.is_dir() and not f.name.startswith(_UNFINISHED)]
        found = []
        for folder in sorted(folders, key=lambda folder: folder.stat().st_mtime_ns):
            try:
                content = json.loads((folder / _ENTRY).read_text(encoding="utf-8"))
                entry = Waiting(folder, content["address"], content["image"], content["params"])
            except (OSError, ValueError, KeyError, TypeError):
                continue
            if address in (None, entry.address) and entry.label.is_file():
                found.append(entry)
        return tuple(found)

    def remove(self, entry: Waiting) -> None:
        """Forget a label that a server took."""
        shutil.rmtree(entry.folder, ignore_errors=True)
