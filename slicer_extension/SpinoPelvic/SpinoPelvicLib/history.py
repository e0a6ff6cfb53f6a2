"""States of a film, so that every step can be undone. Without a scene."""

from __future__ import annotations

from dataclasses import dataclass

from .masks import Masks
from .reading import Reading

_KEPT = 50


@dataclass(frozen=True)
class State:
    """A film's reading and its segments."""

    reading: Reading
    masks: Masks


class History:
    """The automatic state, the present one, and the steps between; the oldest of many are forgotten."""

    def __init__(self, automatic: State) -> None:
        self.automatic = automatic
        self.now = automatic
        self._before: list[State] = []
        self._after: list[State] = []

    @property
    def canUndo(self) -> bool:
        return bool(self._before)

    @property
    def canRedo(self) -> bool:
        return bool(self._after)

    def take(self, state: State) -> None:
        """One step; what was undone before it cannot be redone."""
        self._before = [*self._before[-_KEPT + 1 :], self.now]
        self._after = []
        self.now = state

    def undo(self) -> None:
        """One step back; nothing where there is none."""
        if self._before:
            self._after.append(self.now)
            self.now = self._before.pop()

    def redo(self) -> None:
        """One step forward again."""
        if self._after:
            self._before.append(self.now)
            self.now = self._after.pop()
