"""Notes at the end of the page: why something is absent, what a finding rests on, and what else to know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sagittal.report.page import ink
from sagittal.report.page.sheet import Sheet, text_width, wrapped

# Columns and size in points, from the most readable one; a line's height in mm for each point of its size.
LAYOUTS = ((1, 6.8), (2, 6.8), (2, 6.0), (3, 5.4))
LINE, INDENT, GAP = 0.485, 5.0, 4.0


class Notes:
    """Numbered reasons, each once with all that it explains, then warnings.

    Starts with the reasons of a result's parameters and its warnings that are no reason of the verdict.
    """

    def __init__(self, result: Mapping[str, Any]) -> None:
        self._reasons: dict[str, list[str]] = {}
        for name, parameter in result["parameters"].items():
            if parameter["value"] is None:
                self.number(name, parameter["reason"])
        self._others = [("!", w) for w in result["warnings"] if w not in result["quality"]["reasons"]]

    def number(self, name: str, reason: str | None) -> int:
        """The number of the reason why `name` is absent, or of what it rests on."""
        names = self._reasons.setdefault(reason or "not computed", [])
        if name not in names:
            names.append(name)
        return 1 + list(self._reasons).index(reason or "not computed")

    def add(self, mark: str, text: str) -> None:
        """A note that is no such reason, before those that are there."""
        self._others.insert(0, (mark, text))

    def lines(self) -> list[tuple[str, str]]:
        """(mark, text) in the order to print."""
        absent = [
            (str(i), f"{', '.join(names)}: {reason}") for i, (reason, names) in enumerate(self._reasons.items(), 1)
        ]
        return absent + self._others


def draw_notes(sheet: Sheet, y: float, left: float, right: float, bottom: float, notes: Notes) -> None:
    """All notes above `bottom`, in the first of `LAYOUTS` that holds them.

    Where none does, the last line of the last one says how many are in the JSON file alone.
    """
    entries = notes.lines()
    for columns, size in LAYOUTS:
        line, width = size * LINE, (right - left - (columns - 1) * GAP) / columns
        texts = [(mark, wrapped(text, size, width - INDENT)) for mark, text in entries]
        room = int((bottom - y) / line) + 1
        placed = _placed(texts, columns, room)
        if placed is not None:
            break
    else:
        shown = next(k for k in range(len(texts), -1, -1) if _placed([*texts[:k], ("", [""])], columns, room))
        more = ("", [f"… and {len(texts) - shown} more in the JSON file"])
        placed = _placed([*texts[:shown], more], columns, room) or []
    for column, row, mark, words in placed:
        x, baseline = left + column * (width + GAP), y + row * line
        if mark:
            sheet.text(x + 3.4 - text_width(mark, size, "bold"), baseline, mark, size, ink.HINT, weight="bold")
        sheet.text(x + INDENT, baseline, words, size, ink.TEXT)


def _placed(texts: Sequence[tuple[str, list[str]]], columns: int, room: int) -> list[tuple[int, int, str, str]] | None:
    """(column, row, mark or "", words) of every line, each note whole in a column of `room` lines; None: too many."""
    placed, column, row = [], 0, 0
    for mark, lines in texts:
        if row + len(lines) > room:
            column, row = column + 1, 0
        if column == columns or len(lines) > room:
            return None
        placed += [(column, row + k, mark if k == 0 else "", words) for k, words in enumerate(lines)]
        row += len(lines)
    return placed
