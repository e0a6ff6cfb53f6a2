"""Base classes of scripted modules, and the wrapper of parameter nodes."""

from __future__ import annotations

import sys
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_type_hints

import slicer
import vtk
from PySide6 import QtCore, QtWidgets

from .mrml_widgets import NodeComboBox


class ModuleParent:
    """qSlicerScriptedLoadableModule: what a module says of itself."""

    def __init__(self) -> None:
        self.title = self.helpText = self.acknowledgementText = ""
        self.categories: list[str] = []
        self.dependencies: list[str] = []
        self.contributors: list[str] = []
        self.icon: Any = None


class ScriptedLoadableModule:
    def __init__(self, parent: Any) -> None:
        self.parent = parent
        self.moduleName = type(self).__name__


class ModuleWidget(QtWidgets.QWidget):
    """qSlicerScriptedLoadableModuleWidget: the frame that a module fills."""

    def __init__(self) -> None:
        super().__init__()
        self.setLayout(QtWidgets.QVBoxLayout())
        self.isEntered = False


class ScriptedLoadableModuleWidget:
    def __init__(self, parent: ModuleWidget) -> None:
        self.parent = parent
        self.layout = parent.layout()

    def setup(self) -> None: ...

    def resourcePath(self, name: str) -> str:
        return str(Path(sys.modules[type(self).__module__].__file__ or "").with_name("Resources") / name)


class ScriptedLoadableModuleLogic:
    def __init__(self, parent: Any = None) -> None:
        self.moduleName = type(self).__name__.removesuffix("Logic")

    def getParameterNode(self) -> Any:
        node = slicer.mrmlScene.GetSingletonNode(self.moduleName, "vtkMRMLScriptedModuleNode")
        if node is None:
            node = slicer.mrmlScene.CreateNodeByClass("vtkMRMLScriptedModuleNode")
            node.UnRegister(None)
            node.SetSingletonTag(self.moduleName)
            node = slicer.mrmlScene.AddNode(node)
        return node


class ScriptedLoadableModuleTest(unittest.TestCase): ...


def parameterNodeWrapper(declared: type) -> type:
    """A class whose annotated attributes live in a parameter node: nodes as references, all else as text."""
    hints = get_type_hints(declared)
    defaults = {name: getattr(declared, name) for name in hints if hasattr(declared, name)}

    class Wrapper(_Parameters):
        pass

    for name, kind in hints.items():
        setattr(Wrapper, name, _property(name, kind, defaults.get(name)))
    Wrapper.__name__ = declared.__name__
    return Wrapper


def _property(name: str, kind: type, default: Any) -> property:
    if isinstance(kind, type) and issubclass(kind, slicer.vtkMRMLNode):

        def read(self: _Parameters) -> Any:
            return self.parameterNode.GetNodeReference(name)

        def write(self: _Parameters, node: Any) -> None:
            self.parameterNode.SetNodeReferenceID(name, node.GetID() if node is not None else None)

    else:

        def read(self: _Parameters) -> Any:
            text = self.parameterNode.GetParameter(name)
            return default if not text else text == "True" if kind is bool else kind(text)

        def write(self: _Parameters, value: Any) -> None:
            self.parameterNode.SetParameter(name, str(value))

    return property(read, write)


class _Parameters:
    def __init__(self, node: Any) -> None:
        self.parameterNode = node
        self._bindings: dict[int, list[Callable[[], None]]] = {}

    def AddObserver(self, event: Any, method: Callable[..., None], priority: float = 0.0) -> int:
        return self.parameterNode.AddObserver(event, method, priority)

    def RemoveObserver(self, tag: int) -> None:
        self.parameterNode.RemoveObserver(tag)

    def connectGui(self, ui: Any) -> int:
        """Join each widget that has a SlicerParameterName with its parameter, both ways."""
        release = []
        for widget in vars(ui).values():
            name = widget.property("SlicerParameterName") if isinstance(widget, QtCore.QObject) else None
            if name:
                release.append(self._bind(widget, name))
        tag = len(self._bindings) + 1
        self._bindings[tag] = release
        return tag

    def disconnectGui(self, tag: int | None) -> None:
        for release in self._bindings.pop(tag, []) if tag is not None else []:
            release()

    def _bind(self, widget: Any, name: str) -> Callable[[], None]:
        if not isinstance(widget, NodeComboBox):
            raise TypeError(f"there is no stand-in that binds {type(widget).__name__}")

        def show(*_unused: Any) -> None:
            if widget.currentNode() is not getattr(self, name):
                widget.setCurrentNode(getattr(self, name))

        def store(node: Any) -> None:
            if getattr(self, name) is not node:
                setattr(self, name, node)

        show()
        widget.currentNodeChanged.connect(store)
        tag = self.AddObserver(vtk.vtkCommand.ModifiedEvent, show)

        def release() -> None:
            widget.currentNodeChanged.disconnect(store)
            self.RemoveObserver(tag)

        return release
