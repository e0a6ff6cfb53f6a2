"""Puts the stand-ins where the module's code looks for them."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from PySide6 import QtCore, QtWidgets

from .application import Desktop
from .qt_module import QtModule, attribute_style_properties, create_application, keep_constants_alive


def install(slicer: Any, settings: Path, modules: Iterable[str]) -> QtWidgets.QApplication:
    """Make `import qt` and its like work; call it once, before any of the `modules` of the panel is imported."""
    from . import scripted

    keep_constants_alive()
    application = create_application(settings)
    sys.modules["qt"] = QtModule("qt")
    _add(slicer, "ScriptedLoadableModule", **{n: v for n, v in vars(scripted).items() if n.startswith("Scripted")})
    _add(slicer, "parameterNodeWrapper", parameterNodeWrapper=scripted.parameterNodeWrapper)
    _add(slicer, "i18n", tr=lambda text: text, translate=lambda _context, text: text)
    for module in ("slicer.util", *modules):
        attribute_style_properties(module)
    slicer.util.childWidgetVariables = _child_widgets
    slicer.util.confirmOkCancelDisplay = lambda question, **others: slicer.app.confirm(question, **others)
    slicer.util.selectModule = lambda module: setattr(slicer.app, "module", module)
    return application


def open_desktop(slicer: Any, application: QtWidgets.QApplication, folder: Path) -> Desktop:
    """A fresh `slicer.app` on the scene as it is now; `folder` holds what the application keeps for the user."""
    slicer.app = Desktop(slicer, application, folder)
    return slicer.app


def _add(slicer: Any, name: str, **content: Any) -> None:
    module = ModuleType(f"slicer.{name}")
    module.__dict__.update(content)
    sys.modules[module.__name__] = module
    setattr(slicer, name, module)


def _child_widgets(widget: QtWidgets.QWidget) -> SimpleNamespace:
    """Every named object by its name; PythonQt's `name` is `objectName` here."""
    return SimpleNamespace(**{c.objectName(): c for c in widget.findChildren(QtCore.QObject) if c.objectName()})
