"""Slicer's scene without the application: what `slicer.mrmlScene` and `slicer.modules` are in the desktop."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

EXTENSION = Path(__file__).parents[2] / "slicer_extension"
sys.path.insert(0, str(EXTENSION / "SpinoPelvic"))


def _slicer_with_a_scene() -> ModuleType:
    import slicer
    import slicer.util

    scene = slicer.vtkMRMLScene()
    application = slicer.vtkMRMLApplicationLogic()
    application.SetMRMLScene(scene)

    def logic(made: Any) -> Any:
        made.SetMRMLApplicationLogic(application)
        made.SetMRMLScene(scene)
        return SimpleNamespace(logic=lambda: made)

    slicer.mrmlScene = scene
    # Without the segmentations logic no segment can be built.
    slicer.modules = SimpleNamespace(
        colors=logic(slicer.vtkSlicerColorLogic()),
        markups=logic(slicer.vtkSlicerMarkupsLogic()),
        segmentations=logic(slicer.vtkSlicerSegmentationsModuleLogic()),
        terminologies=logic(slicer.vtkSlicerTerminologiesModuleLogic()),
        volumes=logic(slicer.vtkSlicerVolumesLogic()),
    )
    for node, widget in (("Line", "Line"), ("ClosedCurve", "Curve"), ("Fiducial", "Points")):
        slicer.modules.markups.logic().RegisterMarkupsNode(
            getattr(slicer, f"vtkMRMLMarkups{node}Node")(), getattr(slicer, f"vtkSlicer{widget}Widget")()
        )
    application.SetModuleLogic("Colors", slicer.modules.colors.logic())
    application.SetModuleLogic("Markups", slicer.modules.markups.logic())
    slicer.modules.applicationLogic = application
    return slicer


# Not a fixture: the self-test is plain unittest and takes `slicer.mrmlScene` as it is in the desktop.
SLICER = _slicer_with_a_scene()


@pytest.fixture
def slicer() -> ModuleType:
    """slicer-core with an empty scene."""
    SLICER.mrmlScene.Clear()
    return SLICER


@pytest.fixture
def extension() -> Path:
    """The folder of the Slicer extension."""
    return EXTENSION
