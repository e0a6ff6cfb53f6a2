"""Lists to choose from: combo boxes with a name behind each text, and menus of buttons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import qt


def offer(selector: Any, choices: Sequence[tuple[str, str]], otherwise: str) -> None:
    """Offer (name, text) in a combo box without telling anyone; keep what is chosen, else take `otherwise`."""
    names = [name for name, _ in choices]
    wanted = chosen(selector) if chosen(selector) in names else otherwise
    if names == [selector.itemData(index) for index in range(selector.count)]:
        for index, (_name, text) in enumerate(choices):
            selector.setItemText(index, text)
    else:
        blocked = selector.blockSignals(True)
        selector.clear()
        for name, text in choices:
            selector.addItem(text, name)
        selector.blockSignals(blocked)
    choose(selector, wanted)


def chosen(selector: Any) -> str:
    """The name that is chosen; empty where there is none."""
    return selector.itemData(selector.currentIndex) or ""


def choose(selector: Any, name: str) -> None:
    """Make a name the current one, or the first where it is not offered, without telling anyone."""
    blocked = selector.blockSignals(True)
    selector.currentIndex = max(selector.findData(name), 0) if selector.count else -1
    selector.blockSignals(blocked)


def fillMenu(menu: Any, choices: Iterable[tuple[str, str]], pick: Callable[[str], None]) -> None:
    """Offer (name, text) in a menu; `pick(name)` is called with the one that is clicked."""
    menu.clear()
    for name, text in choices:
        menu.addAction(text).triggered.connect(partial(_pick, pick, name))


def menuOf(button: Any, fill: Callable[[Any], None]) -> Any:
    """A menu below a button that is filled each time it opens; all of the button opens it."""
    menu = qt.QMenu(button)
    menu.aboutToShow.connect(partial(fill, menu))
    button.setMenu(menu)
    button.clicked.connect(lambda *_checked: button.showMenu())
    return menu


def _pick(pick: Callable[[str], None], name: str, *_checked: Any) -> None:
    pick(name)
