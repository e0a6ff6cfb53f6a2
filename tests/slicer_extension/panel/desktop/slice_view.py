"""Slicer's slice view, drawn off-screen by Slicer's own displayable managers."""

from __future__ import annotations

from typing import Any

import vtk

_MANAGERS = (
    "vtkMRMLSegmentationsDisplayableManager2D",
    "vtkMRMLModelSliceDisplayableManager",
    "vtkMRMLMarkupsDisplayableManager",
)


class SliceView:
    """qMRMLSliceView: draws when it is asked to."""

    def __init__(self, slicer: Any, logic: Any, node: Any) -> None:
        self._slicer = slicer
        self._logic = logic
        self._node = node
        self._window: Any = None
        self._group: Any = None
        self._mapper = vtk.vtkImageMapper()

    def renderWindow(self) -> Any:
        if self._window is None:
            self._create_window()
        return self._window

    def forceRender(self) -> None:
        window = self.renderWindow()
        columns, rows, _slices = self._node.GetDimensions()
        window.SetSize(columns, rows)
        self._logic.UpdateImageData()
        # Another one when a film came or went.
        self._mapper.SetInputConnection(self._logic.GetImageDataConnection())
        window.Render()

    def close(self) -> None:
        """Let go of the scene, which may be cleared then."""
        if self._window is not None:
            self._group.SetMRMLDisplayableNode(None)
            self._window.Finalize()
        self._slicer.mrmlScene.RemoveNode(self._node)
        self._logic.SetMRMLScene(None)

    def _create_window(self) -> None:
        self._window = vtk.vtkRenderWindow()
        self._window.SetOffScreenRendering(True)
        renderer = vtk.vtkRenderer()
        self._window.AddRenderer(renderer)
        interactor = vtk.vtkRenderWindowInteractor()
        interactor.SetRenderWindow(self._window)
        # The film first, else it hides what is drawn on it.
        self._mapper.SetColorWindow(255)
        self._mapper.SetColorLevel(127.5)
        picture = vtk.vtkActor2D()
        picture.SetMapper(self._mapper)
        picture.GetProperty().SetDisplayLocationToBackground()
        renderer.AddViewProp(picture)
        self._group = self._slicer.vtkMRMLDisplayableManagerGroup()
        self._group.SetRenderer(renderer)
        for name in _MANAGERS:
            manager = getattr(self._slicer, name)()
            manager.SetMRMLApplicationLogic(self._slicer.modules.applicationLogic)
            self._group.AddDisplayableManager(manager)
        self._group.SetMRMLDisplayableNode(self._node)
