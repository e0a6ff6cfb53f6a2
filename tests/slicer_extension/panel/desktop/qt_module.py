"""The module `qt` of Slicer: all Qt classes under one name, with PythonQt's way of returning file names."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets
from shibokensupport import feature

from .ui_loader import UiLoader

_ATTRIBUTE_STYLE_PROPERTIES = 0x02


class FileDialog(QtWidgets.QFileDialog):
    """PythonQt returns the names alone; the tests choose them in `answers`."""

    answers: list[Any] = []  # noqa: RUF012 - shared on purpose: the dialogs are static calls

    @staticmethod
    def getOpenFileName(*_arguments: Any) -> str:
        return str(FileDialog.answers.pop(0)) if FileDialog.answers else ""

    @staticmethod
    def getSaveFileName(*_arguments: Any) -> str:
        return FileDialog.getOpenFileName()

    @staticmethod
    def getOpenFileNames(*_arguments: Any) -> list[str]:
        return [str(path) for path in FileDialog.answers.pop(0)] if FileDialog.answers else []


class InputDialog(QtWidgets.QInputDialog):
    """PythonQt returns the text alone; the tests type it in `answers`."""

    answers: list[str] = []  # noqa: RUF012

    @staticmethod
    def getText(*_arguments: Any) -> str:
        return InputDialog.answers.pop(0) if InputDialog.answers else ""


_told_by_source = feature._mod_uses_pyside


def _uses_pyside(module: ModuleType) -> bool:
    """As PySide6 tells it; modules that make up their attributes, as torch's do, have no source to look into."""
    try:
        return bool(_told_by_source(module))
    except RuntimeError:
        return False


def attribute_style_properties(module: str) -> None:
    """Let a module write `widget.enabled = False`, as PythonQt does; call it before the module is imported."""
    feature._mod_uses_pyside = _uses_pyside
    feature.set_selection(_ATTRIBUTE_STYLE_PROPERTIES, module)


def keep_constants_alive() -> None:
    """Make None, True and False immortal, as they are from Python 3.12 on.

    PySide6 6.12 returns them without counting the reference: on Python 3.11 each call takes one away (measured), until
    the interpreter ends with "deallocating None".
    """
    if sys.version_info < (3, 12):
        for constant in (None, True, False):
            ctypes.c_ssize_t.from_address(id(constant)).value += 1 << 40


class QtModule(ModuleType):
    """Looks names up when they are used: PySide6 makes its classes no earlier."""

    QFileDialog, QInputDialog, QUiLoader = FileDialog, InputDialog, UiLoader

    def __getattr__(self, name: str) -> Any:
        for part in (QtCore, QtGui, QtWidgets):
            if hasattr(part, name):
                return getattr(part, name)
        raise AttributeError(f"Qt has no {name}")


def create_application(folder: Path) -> QtWidgets.QApplication:
    """The one QApplication of the process, its settings in a folder of their own."""
    QtCore.QSettings.setDefaultFormat(QtCore.QSettings.Format.IniFormat)
    QtCore.QSettings.setPath(QtCore.QSettings.Format.IniFormat, QtCore.QSettings.Scope.UserScope, str(folder))
    application = QtWidgets.QApplication.instance() or QtWidgets.QApplication(["Slicer"])
    application.setOrganizationName("slicer.org")
    application.setApplicationName("Slicer")
    application.setStyle("Fusion")
    return application
