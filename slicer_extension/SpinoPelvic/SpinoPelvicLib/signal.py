"""A signal without Qt, so that logic runs and is tested where there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Signal:
    """Calls every connected slot, in the order in which they were connected.

    Usage:
        changed = Signal()
        changed.connect(slot)
        changed(value)
    """

    def __init__(self) -> None:
        self._slots: list[Callable[..., Any]] = []

    def connect(self, slot: Callable[..., Any]) -> None:
        """Call `slot` too; a slot that is connected twice is called once."""
        if slot not in self._slots:
            self._slots.append(slot)

    def disconnect(self, slot: Callable[..., Any]) -> None:
        """Call `slot` no longer; nothing happens where it was not connected."""
        if slot in self._slots:
            self._slots.remove(slot)

    def __call__(self, *arguments: Any) -> None:
        for slot in tuple(self._slots):
            slot(*arguments)
