"""Widgets that show nodes of the scene."""

from __future__ import annotations

from typing import Any

import shiboken6
from PySide6 import QtCore, QtWidgets


class SceneWidget(QtWidgets.QWidget):
    """qMRMLWidget: hands the scene to the widgets inside."""

    mrmlSceneChanged = QtCore.Signal("vtkMRMLScene*")  # noqa: N815

    def setMRMLScene(self, scene: Any) -> None:
        for child in self.findChildren(NodeComboBox):
            child.setMRMLScene(scene)


class NodeComboBox(QtWidgets.QComboBox):
    """qMRMLNodeComboBox: the nodes of some classes, first none where that is allowed."""

    currentNodeChanged = QtCore.Signal(object)  # noqa: N815

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene: Any = None
        self._tags: list[int] = []
        self.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.currentIndexChanged.connect(lambda _index: self.currentNodeChanged.emit(self.currentNode()))

    @QtCore.Slot("vtkMRMLScene*")
    def setMRMLScene(self, scene: Any) -> None:
        self._release()
        self._scene = scene
        if scene is not None:
            events = (scene.NodeAddedEvent, scene.NodeRemovedEvent, scene.EndCloseEvent, scene.EndImportEvent)
            self._tags = [scene.AddObserver(event, self._onSceneChanged) for event in events]
        self._list()

    def _onSceneChanged(self, *_unused: Any) -> None:
        # Qt deletes a widget with its window; what observed the scene in Python lives on.
        if shiboken6.isValid(self):
            self._list()
        else:
            self._release()

    def currentNode(self) -> Any:
        return self._scene.GetNodeByID(self.currentData()) if self._scene and self.currentData() else None

    def setCurrentNode(self, node: Any) -> None:
        self._list()
        self.setCurrentIndex(max(self.findData(node.GetID() if node is not None else None), 0))

    def _list(self) -> None:
        """Offer what the scene holds now, and keep what was chosen."""
        chosen, before = self.currentData(), self.count()
        blocked = self.blockSignals(True)
        self.clear()
        if self._get("noneEnabled", False):
            self.addItem("None", None)
        for node in self._nodes():
            self.addItem(node.GetName(), node.GetID())
        self.setCurrentIndex(max(self.findData(chosen), 0 if self.count() else -1))
        self.blockSignals(blocked)
        if self.currentData() != chosen or not before:
            self.currentNodeChanged.emit(self.currentNode())

    def _nodes(self) -> list[Any]:
        if self._scene is None:
            return []
        wanted = self._get("nodeTypes", [])
        nodes = [self._scene.GetNthNode(index) for index in range(self._scene.GetNumberOfNodes())]
        return [node for node in nodes if not node.GetHideFromEditors() and self._fits(node, wanted)]

    def _fits(self, node: Any, wanted: list[str]) -> bool:
        if self._get("showChildNodeTypes", True):
            return any(node.IsA(name) for name in wanted)
        return node.GetClassName() in wanted

    def _get(self, name: str, otherwise: Any) -> Any:
        value = self.property(name)
        return otherwise if value is None else value

    def _release(self) -> None:
        for tag in self._tags:
            self._scene.RemoveObserver(tag)
        self._tags = []
