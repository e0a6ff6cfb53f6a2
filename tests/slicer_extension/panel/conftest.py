"""The module's panel on a stand-in of the desktop application."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

HERE = Path(__file__).parent
MODULE = Path(__file__).parents[3] / "slicer_extension" / "SpinoPelvic"
# Last: `conftest` is that of all tests.
sys.path.append(str(HERE))


@dataclass(frozen=True)
class Opened:
    """The module as the user has it open: its widget, panel, widgets by name, logic, and the application around it."""

    widget: Any
    parent: Any
    desktop: Any
    application: Any

    @property
    def ui(self) -> Any:
        return self.widget.ui

    @property
    def panel(self) -> Any:
        return self.widget.panel

    @property
    def films(self) -> Any:
        return self.widget.logic.films

    @property
    def workflow(self) -> Any:
        return self.widget.logic.workflow

    @property
    def film(self) -> Any:
        return self.widget._parameters.film

    def settle(self, seconds: float = 0.0) -> None:
        """Let the event loop run."""
        until = time.monotonic() + seconds
        while True:
            self.application.processEvents()
            if time.monotonic() >= until:
                return
            time.sleep(0.002)

    def wait(self, condition: Callable[[], Any], seconds: float = 60.0) -> None:
        until = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < until, f"in vain; the panel says: {self.ui.statusLabel.text()}"
            self.settle(0.005)

    def measure(self, anterior: str = "left") -> Any:
        """Show what a server would say of a drawn film; returns the film."""
        import slicer
        from SpinoPelvicLib.Testing.SyntheticFilm import drawFilm

        drawn = drawFilm(anterior)
        film = slicer.util.addVolumeFromArray(drawn.pixels[np.newaxis], np.diag([-0.15, -0.15, 1.0, 1.0]), "drawn")
        self.widget.openFilm(film)
        self.films.showResult(film, drawn.inference())
        self.panel._update()
        self.settle()
        return film

    def finish(self) -> None:
        """Let what runs come to its end."""
        self.settle(0.01)
        self.wait(lambda: self.workflow.busy is None)

    def connect(self, address: str) -> None:
        self.ui.addressEdit.setText(address)
        self.ui.connectButton.click()
        self.finish()


@pytest.fixture(scope="session")
def qt_application(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The stand-ins, once for all tests: PySide6 decides at a module's import how its properties are written."""
    pytest.importorskip("PySide6.QtWidgets", reason="Qt misses a system library: make system", exc_type=ImportError)
    import slicer as core
    from desktop import install

    panel = [f"SpinoPelvicLib.panel.{path.stem}" for path in (MODULE / "SpinoPelvicLib" / "panel").glob("*.py")]
    return install(core, tmp_path_factory.mktemp("settings"), ["SpinoPelvic", *panel])


@pytest.fixture
def opened(slicer: Any, qt_application: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """The module, opened on an empty scene with no settings kept."""
    from desktop.install import open_desktop
    from desktop.scripted import ModuleWidget
    from PySide6 import QtCore

    QtCore.QSettings().clear()
    desktop = open_desktop(slicer, qt_application, tmp_path_factory.mktemp("user"))
    import SpinoPelvic

    parent = ModuleWidget()
    widget = SpinoPelvic.SpinoPelvicWidget(parent)
    widget.setup()
    parent.resize(500, 1000)
    parent.show()
    parent.isEntered = True
    widget.enter()
    yield Opened(widget, parent, desktop, qt_application)
    widget.exit()
    widget.cleanup()
    desktop.layoutManager().close()
    parent.close()
    parent.deleteLater()
    qt_application.processEvents()
