"""Slicer's slice view, drawn off-screen."""

from __future__ import annotations

import ctypes.util
from typing import Any

import numpy as np
import pytest


def needs_gl() -> None:
    """Skip the test where there is no library to draw with."""
    for library, package in (("EGL", "libegl1"), ("GL", "libgl1")):
        if ctypes.util.find_library(library) is None:
            pytest.skip(f"lib{library} is not on this machine: sudo apt-get install {package} libgl1-mesa-dri")


def slice_picture(slicer: Any, film: Any, width: int, height: int) -> np.ndarray:
    """(height, width, 3) uint8: what the red slice view shows of a film and all that is drawn on it."""
    import vtk
    from vtk.util.numpy_support import vtk_to_numpy

    logic = slicer.vtkMRMLSliceLogic()
    logic.SetMRMLApplicationLogic(slicer.modules.applicationLogic)
    logic.SetMRMLScene(slicer.mrmlScene)
    node = logic.AddSliceNode("Red")
    node.SetOrientationToAxial()
    node.SetDimensions(width, height, 1)
    logic.GetSliceCompositeNode().SetBackgroundVolumeID(film.GetID())
    logic.FitSliceToBackground(True)

    window = vtk.vtkRenderWindow()
    window.SetOffScreenRendering(True)
    window.SetSize(width, height)
    renderer = vtk.vtkRenderer()
    window.AddRenderer(renderer)
    interactor = vtk.vtkRenderWindowInteractor()
    interactor.SetRenderWindow(window)
    # The film first, else it hides what is drawn on it.
    logic.UpdateImageData()
    mapper = vtk.vtkImageMapper()
    mapper.SetInputConnection(logic.GetImageDataConnection())
    mapper.SetColorWindow(255)
    mapper.SetColorLevel(127.5)
    picture = vtk.vtkActor2D()
    picture.SetMapper(mapper)
    picture.GetProperty().SetDisplayLocationToBackground()
    renderer.AddViewProp(picture)
    group = slicer.vtkMRMLDisplayableManagerGroup()
    group.SetRenderer(renderer)
    for name in ("vtkMRMLSegmentationsDisplayableManager2D", "vtkMRMLMarkupsDisplayableManager"):
        manager = getattr(slicer, name)()
        manager.SetMRMLApplicationLogic(slicer.modules.applicationLogic)
        group.AddDisplayableManager(manager)
    group.SetMRMLDisplayableNode(node)
    window.Render()

    grabber = vtk.vtkWindowToImageFilter()
    grabber.SetInput(window)
    grabber.ReadFrontBufferOff()
    grabber.Update()
    image = grabber.GetOutput()
    columns, rows, _ = image.GetDimensions()
    pixels = vtk_to_numpy(image.GetPointData().GetScalars()).reshape(rows, columns, -1)
    # So that nothing observes the scene when the next test clears it.
    group.SetMRMLDisplayableNode(None)
    slicer.mrmlScene.RemoveNode(node)
    window.Finalize()
    return pixels[::-1, :, :3].copy()
