"""`slicer.app` with its layout of slice views: real slice nodes and logics, drawn nowhere."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import vtk
from PySide6 import QtGui, QtWidgets

from .slice_view import SliceView

_VIEWS = ("Red", "Yellow", "Green")
_VIEW_PIXELS = (640, 900)


class LayoutManager:
    """`layout` is the last one asked for."""

    def __init__(self, slicer: Any) -> None:
        self.layout: int | None = None
        self._logics = vtk.vtkCollection()
        self._slices = {name: self._create_slice(slicer, name) for name in _VIEWS}

    def setLayout(self, layout: int) -> None:
        self.layout = layout

    def sliceViewNames(self) -> tuple[str, ...]:
        return _VIEWS

    def sliceWidget(self, name: str) -> Any:
        return self._slices[name]

    def mrmlSliceLogics(self) -> Any:
        return self._logics

    def _create_slice(self, slicer: Any, name: str) -> Any:
        logic = slicer.vtkMRMLSliceLogic()
        logic.SetMRMLApplicationLogic(slicer.modules.applicationLogic)
        logic.SetMRMLScene(slicer.mrmlScene)
        node = logic.AddSliceNode(name)
        node.SetDimensions(*_VIEW_PIXELS, 1)
        self._logics.AddItem(logic)
        view = SliceView(slicer, logic, node)
        return SimpleNamespace(sliceLogic=lambda: logic, mrmlSliceNode=lambda: node, sliceView=lambda: view)

    def close(self) -> None:
        for name in _VIEWS:
            self._slices[name].sliceView().close()


class Desktop:
    """`slicer.app`. `module` is the one selected last; `questions` were asked, and get the answer `agrees`."""

    applicationName = "Slicer"  # noqa: N815

    def __init__(self, slicer: Any, application: QtWidgets.QApplication, folder: Path) -> None:
        self._application = application
        self.slicerUserSettingsFilePath = str(folder / "Slicer.ini")
        self._layout = LayoutManager(slicer)
        self.module: str | None = None
        self.questions: list[str] = []
        self.agrees = True

    def layoutManager(self) -> LayoutManager:
        return self._layout

    def confirm(self, question: str, **_unused: Any) -> bool:
        self.questions.append(question)
        return self.agrees

    def processEvents(self) -> None:
        self._application.processEvents()

    def clipboard(self) -> QtGui.QClipboard:
        return self._application.clipboard()

    def topLevelWidgets(self) -> list[QtWidgets.QWidget]:
        return self._application.topLevelWidgets()

    def testingEnabled(self) -> bool:
        return True

    def setOverrideCursor(self, cursor: Any) -> None:
        self._application.setOverrideCursor(cursor)

    def restoreOverrideCursor(self) -> None:
        self._application.restoreOverrideCursor()
