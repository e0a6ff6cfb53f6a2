"""Notes at the end of the page: why something is absent, what a finding rests on, and what else to know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagittal.report.page import ink
from sagittal.report.page.sheet import Sheet, text_width, wrapped

SIZE, LINE, INDENT = 6.8, 3.3, 5.0


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
    """As many notes as fit above `bottom`; if not all do, the last line says how many are in the JSON file alone."""
    texts = [(mark, wrapped(text, SIZE, right - left - INDENT)) for mark, text in notes.lines()]
    if not texts:
        return
    room = int((bottom - y) / LINE) + 1
    if sum(len(lines) for _, lines in texts) > room:
        shown = 0
        while shown < len(texts) and sum(len(lines) for _, lines in texts[: shown + 1]) < room:
            shown += 1
        texts = [*texts[:shown], ("", [f"… and {len(texts) - shown} more in the JSON file"])]
    for mark, lines in texts:
        sheet.text(left + 3.4 - text_width(mark, SIZE, "bold"), y, mark, SIZE, ink.HINT, weight="bold")
        for line in lines:
            sheet.text(left + INDENT, y, line, SIZE, ink.TEXT)
            y += LINE
