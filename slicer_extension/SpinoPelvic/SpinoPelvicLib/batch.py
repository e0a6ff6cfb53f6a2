"""A list of films that are segmented one after the other. Without a scene and without the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from .ports import BatchItem
from .translation import _


class Batch:
    """Where each film stands; one that fails does not stop the rest."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(paths)
        self._items = [BatchItem(path.name, "waiting") for path in self.paths]

    @property
    def items(self) -> tuple[BatchItem, ...]:
        return tuple(self._items)

    @property
    def fraction(self) -> float:
        """What share of the films has ended, 0..1."""
        return self._count("done", "failed", "cancelled") / len(self._items)

    @property
    def summary(self) -> str:
        done, failed, cancelled = (self._count(status) for status in ("done", "failed", "cancelled"))
        text = _("{done} of {count} films segmented").format(done=done, count=len(self._items))
        text += ", " + _("{count} failed").format(count=failed) if failed else ""
        return text + (", " + _("{count} cancelled").format(count=cancelled) if cancelled else "")

    def begin(self) -> int | None:
        """The next film that waits, which runs from now on; None where none is left."""
        for place, item in enumerate(self._items):
            if item.status == "waiting":
                self._items[place] = replace(item, status="running")
                return place
        return None

    def end(self, place: int, fault: str, node: Any = None) -> None:
        """A film has ended: well where `fault` is empty. One that was cancelled meanwhile stays so."""
        item = self._items[place]
        if item.status == "running":
            status = "failed" if fault else "done"
            self._items[place] = replace(item, status=status, note=fault, node=node)

    def cancel(self) -> None:
        """No film is begun any more, and the one that runs does not count."""
        self._items = [
            replace(item, status="cancelled") if item.status in ("waiting", "running") else item for item in self._items
        ]

    def _count(self, *statuses: str) -> int:
        return sum(item.status in statuses for item in self._items)
