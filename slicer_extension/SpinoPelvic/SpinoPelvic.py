"""SpinoPelvic: segments a lateral X-ray of the lumbar spine on a MONAI Label server and shows its parameters."""

import unittest
from pathlib import Path

import slicer
import vtk
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)
from slicer.util import VTKObservationMixin
from SpinoPelvicLib.film_logic import SceneFilmLogic
from SpinoPelvicLib.panel import Panel
from SpinoPelvicLib.panel.desktop import SlicerDesktop
from SpinoPelvicLib.parameters import SpinoPelvicParameters
from SpinoPelvicLib.sample_data import registerSampleData
from SpinoPelvicLib.workflow import ServerWorkflow


class SpinoPelvic(ScriptedLoadableModule):
    """The module as Slicer lists it."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        parent.title = _("SpinoPelvic")
        parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        parent.dependencies = ["Markups", "SegmentEditor", "Segmentations", "Tables", "Terminologies", "Volumes"]
        parent.contributors = ["Sagittal contributors"]
        parent.helpText = _(
            "Segments lateral X-rays of the lumbar spine on a MONAI Label server that runs Sagittal, "
            "and shows the spino-pelvic parameters. Not for clinical use."
        )
        parent.acknowledgementText = _("Part of Sagittal, under the Apache License 2.0.")


class SpinoPelvicWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    """Loads the panel and keeps it in step with the scene."""

    def __init__(self, parent=None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)
        self.logic = None
        self.panel = None
        self._parameters = None
        self._parametersGuiTag = None

    def setup(self):
        ScriptedLoadableModuleWidget.setup(self)
        widget = slicer.util.loadUI(self.resourcePath("UI/SpinoPelvic.ui"))
        self.layout.addWidget(widget)
        self.ui = slicer.util.childWidgetVariables(widget)
        widget.setMRMLScene(slicer.mrmlScene)
        self.logic = SpinoPelvicLogic()
        registerSampleData(self.logic.films.loadFilm)
        self.panel = Panel(self.ui, self.logic.films, self.logic.workflow, SlicerDesktop(), self.openFilm)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.StartCloseEvent, self.onSceneStartClose)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndCloseEvent, self.onSceneReplaced)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndImportEvent, self.onSceneReplaced)
        self.initializeParameterNode()

    def cleanup(self):
        self._setParameters(None)
        self.removeObservers()
        self.panel.close()
        self.logic.close()

    def enter(self):
        self.initializeParameterNode()
        self.panel.enter()

    def exit(self):
        self.panel.leave()
        self._disconnectGui()

    def onSceneStartClose(self, _caller, _event):
        self.logic.workflow.cancel()
        self._setParameters(None)

    def onSceneReplaced(self, _caller, _event):
        if self.parent.isEntered:
            self.initializeParameterNode()

    def initializeParameterNode(self):
        self._setParameters(self.logic.getParameterNode())

    def openFilm(self, film):
        """Make a film the one that the panel works on, and show it once more where it is that already."""
        if self._parameters.film is film:
            self._onParametersModified()
        else:
            self._parameters.film = film

    def _setParameters(self, parameters):
        if self._parameters:
            self._disconnectGui()
            self.removeObserver(self._parameters, vtk.vtkCommand.ModifiedEvent, self._onParametersModified)
        self._parameters = parameters
        if parameters:
            self._parametersGuiTag = parameters.connectGui(self.ui)
            self.addObserver(parameters, vtk.vtkCommand.ModifiedEvent, self._onParametersModified)
        self._onParametersModified()

    def _disconnectGui(self):
        if self._parametersGuiTag is not None:
            self._parameters.disconnectGui(self._parametersGuiTag)
            self._parametersGuiTag = None

    def _onParametersModified(self, _caller=None, _event=None):
        self.panel.setFilm(self._parameters.film if self._parameters else None)


class SpinoPelvicLogic(ScriptedLoadableModuleLogic):
    """`films` works on the scene, `workflow` asks the server."""

    def __init__(self):
        ScriptedLoadableModuleLogic.__init__(self)
        self.films = SceneFilmLogic()
        outbox = Path(slicer.app.slicerUserSettingsFilePath).parent / "SpinoPelvic" / "waiting"
        self.workflow = ServerWorkflow(self.films, outbox)

    def getParameterNode(self):
        return SpinoPelvicParameters(super().getParameterNode())

    def close(self):
        self.workflow.close()
        self.films.close()


class SpinoPelvicTest(ScriptedLoadableModuleTest):
    """Runs the self-test of the module on Slicer's own scene."""

    def runTest(self):
        from SpinoPelvicLib.Testing.ResultTestCase import ResultTestCase

        suite = unittest.defaultTestLoader.loadTestsFromTestCase(ResultTestCase)
        result = unittest.TextTestRunner(verbosity=2).run(suite)
        self.assertTrue(result.wasSuccessful())
