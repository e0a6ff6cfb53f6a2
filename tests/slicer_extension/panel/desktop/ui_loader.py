"""Loads .ui files as they are: Slicer's own widgets become the stand-ins of this package."""

from __future__ import annotations

from PySide6 import QtUiTools, QtWidgets

from .ctk_widgets import CollapsibleButton
from .mrml_widgets import NodeComboBox, SceneWidget

_STAND_INS = {
    "ctkCollapsibleButton": CollapsibleButton,
    "qMRMLNodeComboBox": NodeComboBox,
    "qMRMLWidget": SceneWidget,
}


class UiLoader(QtUiTools.QUiLoader):
    def createWidget(
        self, class_name: str, parent: QtWidgets.QWidget | None = None, name: str = ""
    ) -> QtWidgets.QWidget:
        if class_name in _STAND_INS:
            widget = _STAND_INS[class_name](parent)
            widget.setObjectName(name)
            return widget
        if class_name.startswith(("ctk", "qMRML", "qSlicer")):
            raise ValueError(f"there is no stand-in for {class_name}")
        return super().createWidget(class_name, parent, name)
