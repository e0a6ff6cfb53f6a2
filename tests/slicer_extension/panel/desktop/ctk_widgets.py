"""Widgets of CTK, Slicer's widget library."""

from __future__ import annotations

from PySide6 import QtCore, QtGui, QtWidgets

_HEADER_PIXELS = 26


class CollapsibleButton(QtWidgets.QWidget):
    """A section that folds at a click on its header."""

    contentsCollapsed = QtCore.Signal(bool)  # noqa: N815

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._collapsed = "", False
        self.setContentsMargins(0, _HEADER_PIXELS, 0, 0)

    def _get_text(self) -> str:
        return self._text

    def _set_text(self, text: str) -> None:
        self._text = text
        self.update()

    def _get_collapsed(self) -> bool:
        return self._collapsed

    def _set_collapsed(self, collapsed: bool) -> None:
        if collapsed == self._collapsed:
            return
        self._collapsed = collapsed
        for child in self.findChildren(QtWidgets.QWidget, options=QtCore.Qt.FindChildOption.FindDirectChildrenOnly):
            # Which children show inside an open section is the module's choice.
            if collapsed:
                child.setProperty("shownWhenOpen", child.isVisibleTo(self))
                child.setVisible(False)
            elif child.property("shownWhenOpen"):
                child.setVisible(True)
        self.setMaximumHeight(_HEADER_PIXELS if collapsed else 16777215)
        self.updateGeometry()
        self.update()
        self.contentsCollapsed.emit(collapsed)

    text = QtCore.Property(str, _get_text, _set_text)
    collapsed = QtCore.Property(bool, _get_collapsed, _set_collapsed)

    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:
        if event.position().y() < _HEADER_PIXELS:
            self._set_collapsed(not self._collapsed)

    def minimumSizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(80, _HEADER_PIXELS) if self._collapsed else super().minimumSizeHint()

    def sizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(80, _HEADER_PIXELS) if self._collapsed else super().sizeHint()

    def paintEvent(self, _event: QtGui.QPaintEvent) -> None:
        painter = QtWidgets.QStylePainter(self)
        header = QtWidgets.QStyleOptionButton()
        header.initFrom(self)
        header.rect = QtCore.QRect(0, 0, self.width(), _HEADER_PIXELS - 2)
        header.state |= QtWidgets.QStyle.StateFlag.State_Raised
        painter.drawControl(QtWidgets.QStyle.ControlElement.CE_PushButtonBevel, header)
        arrow = QtWidgets.QStyleOption()
        arrow.initFrom(self)
        arrow.rect = QtCore.QRect(8, 5, 13, 13)
        element = QtWidgets.QStyle.PrimitiveElement
        painter.drawPrimitive(
            element.PE_IndicatorArrowRight if self._collapsed else element.PE_IndicatorArrowDown, arrow
        )
        text = QtCore.QRect(28, 0, self.width() - 36, _HEADER_PIXELS - 2)
        elided = painter.fontMetrics().elidedText(self._text, QtCore.Qt.TextElideMode.ElideRight, text.width())
        painter.drawText(text, QtCore.Qt.AlignmentFlag.AlignVCenter, elided)
