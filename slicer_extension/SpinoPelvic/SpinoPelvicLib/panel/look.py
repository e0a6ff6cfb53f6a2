"""Icons and colours that are readable on light and dark desktops."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import qt

_ICONS = Path(__file__).parents[2] / "Resources" / "Icons"
# For light and for dark backgrounds.
_COLORS = {
    "good": ("#1f7a4a", "#5fcf95"),
    "bad": ("#c0392b", "#ff8a7a"),
    "caution": ("#9a6200", "#f0b354"),
    "muted": ("#6d7782", "#9aa5b1"),
}
_PRIMARY = (
    "QPushButton {{ background-color: {0}; color: white; border: none; border-radius: 4px; font-weight: bold;"
    " padding: 4px 12px; }}"
    "QPushButton:hover {{ background-color: {1}; }}"
    "QPushButton:pressed {{ background-color: {2}; }}"
    "QPushButton:disabled {{ background-color: palette(mid); color: palette(light); }}"
)


def icon(name: str) -> qt.QIcon:
    return qt.QIcon(str(_ICONS / f"{name}.svg"))


def color(name: str, widget: Any) -> str:
    """One of good, bad, caution, muted as #rrggbb, to be read on a widget's background."""
    light, dark = _COLORS[name]
    return dark if widget.palette.color(qt.QPalette.Base).lightness() < 128 else light


def colored(text: str, name: str, widget: Any) -> str:
    """Rich text in one of the colours; `text` is plain."""
    return f'<span style="color:{color(name, widget)}">{escaped(text)}</span>'


def escaped(text: str) -> str:
    """Plain text within rich text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", "<br>")


def setToolTip(button: Any, text: str) -> None:
    """Tell what a button does, or why it cannot now, and which keys do the same."""
    keys = button.property("keys")
    button.toolTip = f"{text} ({keys})" if keys else text


def makePrimary(button: Any) -> None:
    """The one button of a section that leads on."""
    button.styleSheet = _PRIMARY.format("#2f74c0", "#3a86d8", "#255f9e")


def setIcons(ui: Any, names: dict[str, str]) -> None:
    """Give buttons their icons: name of the button to name of the icon."""
    for button, name in names.items():
        getattr(ui, button).icon = icon(name)
