"""Look of the overlay: sizes in pixels of the picture, colours of what is not anatomy, and text with a dark rim."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matplotlib.patheffects import AbstractPathEffect, withStroke

HEIGHT = 1600
FILM_WIDTH = (700, 1500)
PANEL_WIDTH = 820
DPI = 100

BACKGROUND = "#0e1116"
RULE = "#2b323c"
TEXT = "#e8ecf1"
MUTED = "#8d97a5"
NOTICE = "#f2b84b"
BONE_LINE = "#ffffff"
STATUS_COLORS = {"within": "#63c68b", "below": "#ff7b6b", "above": "#ff7b6b", "unranged": MUTED, "absent": MUTED}
STATUS_WORDS = {"within": "within", "below": "▼ below", "above": "▲ above", "unranged": "", "absent": "absent"}
FINDING_COLORS = {"normal": TEXT, "abnormal": "#ff7b6b", "hint": NOTICE, "unranged": TEXT, "absent": MUTED}
VERDICT_COLORS = {"measurable": "#63c68b", "measurable with caution": NOTICE, "not measurable": "#ff7b6b"}
ANGLE_COLORS = {"PI": "#ffffff", "PT": "#ff9fd0", "SS": "#ffe36e"}


@dataclass(frozen=True)
class Scale:
    """Sizes given in pixels of the picture, as the typographic points that matplotlib asks for."""

    points_per_pixel: float

    def points(self, pixels: float) -> float:
        return pixels * self.points_per_pixel

    def rim(self, pixels: float = 3.0) -> list[AbstractPathEffect]:
        """A dark rim that keeps a line or a letter legible on bright bone."""
        return [withStroke(linewidth=self.points(pixels), foreground="#000000b0")]

    def lettering(self, size: float, color: str = TEXT, **more: Any) -> dict[str, Any]:
        """Text arguments for a size in pixels; file names and reasons are never parsed as formulas."""
        return {"fontsize": self.points(size), "color": color, "parse_math": False, **more}


PICTURE = Scale(72 / DPI)
