"""A sheet of A4 on which text is measured before it is set, so that nothing runs over."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import FT2Font
from matplotlib.patches import Rectangle

# mm.
WIDTH, HEIGHT = 210.0, 297.0
MM_PER_INCH, MM_PER_POINT = 25.4, 25.4 / 72
# Ships with matplotlib: the same letters, of the same widths, on every machine.
FONT = "DejaVu Sans"
ELLIPSIS, BOX = "…", "□"

Weight = Literal["normal", "bold"]
Align = Literal["left", "right", "center"]


class Sheet:
    """Text, rules and boxes at positions in mm, x right and y down from the top left corner of the page."""

    def __init__(self) -> None:
        self.figure = Figure(figsize=(WIDTH / MM_PER_INCH, HEIGHT / MM_PER_INCH), facecolor="white")
        self.axes: Axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
        self.axes.set_axis_off()

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        color: str,
        *,
        width: float | None = None,
        weight: Weight = "normal",
        align: Align = "left",
    ) -> None:
        """Set a line on its baseline; shortened where it would be wider than `width` mm. `size` is in points."""
        shown = printable(text if width is None else shortened(text, size, width, weight))
        self.axes.text(
            x, y, shown, fontsize=size, color=color, family=FONT, weight=weight, ha=align, va="baseline",
            parse_math=False,
        )  # fmt: skip

    def rule(self, y: float, left: float, right: float, color: str, thickness: float = 0.5) -> None:
        self.axes.plot((left, right), (y, y), color=color, linewidth=thickness, solid_capstyle="butt")

    def box(self, left: float, top: float, width: float, height: float, **look: Any) -> None:
        self.axes.add_patch(Rectangle((left, top), width, height, **look))

    def panel(self, left: float, top: float, width: float, height: float) -> Axes:
        """Axes of their own at a place in mm."""
        return self.figure.add_axes((left / WIDTH, 1 - (top + height) / HEIGHT, width / WIDTH, height / HEIGHT))


def text_width(text: str, size: float, weight: Weight = "normal") -> float:
    """Width in mm of a line at a size in points."""
    return sum(_advance(letter, weight) for letter in text) * size * MM_PER_POINT


def shortened(text: str, size: float, width: float, weight: Weight = "normal") -> str:
    """The text, or as much of its beginning as fits into `width` mm with an ellipsis."""
    if text_width(text, size, weight) <= width:
        return text
    while text and text_width(text + ELLIPSIS, size, weight) > width:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS


def wrapped(text: str, size: float, width: float) -> list[str]:
    """Lines no wider than `width` mm; a word that is wider by itself is broken."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(text, size, width):
        longer = f"{line} {piece}" if line else piece
        if line and text_width(longer, size) > width:
            lines.append(line)
            longer = piece
        line = longer
    return [*lines, line] if line else lines


def _pieces(text: str, size: float, width: float) -> Iterator[str]:
    for word in text.split():
        piece = ""
        for letter in word:
            if piece and text_width(piece + letter, size) > width:
                yield piece
                piece = ""
            piece += letter
        yield piece


def printable(text: str) -> str:
    """The text with a box for each letter that the font lacks: a film's name may be of any script."""
    return "".join(letter if _font("normal").get_char_index(ord(letter)) else BOX for letter in text)


@lru_cache(maxsize=4096)
def _advance(letter: str, weight: Weight) -> float:
    """Advance of a letter in units of the font's size; kerning, which only narrows a line, is left out."""
    # In 1/65536 of a pixel, of which the size has 100.
    return float(_font(weight).load_char(ord(printable(letter))).linearHoriAdvance) / 65536 / 100


def _font(weight: Weight) -> FT2Font:
    font = get_font(findfont(FontProperties(family=FONT, weight=weight)))
    font.set_size(100, 72)
    return font
