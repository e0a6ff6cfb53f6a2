"""SpinoPelvic: segments a lateral X-ray of the lumbar spine on a MONAI Label server and shows its parameters."""

import unittest

import qt
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
from SpinoPelvicLib.logic import SpinoPelvicSceneLogic
from SpinoPelvicLib.panel import Panel
from SpinoPelvicLib.parameters import SpinoPelvicParameters


class SpinoPelvic(ScriptedLoadableModule):
    """The module as Slicer lists it."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        parent.title = _("SpinoPelvic")
        parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        parent.dependencies = ["Markups", "Segmentations", "Tables", "Terminologies", "Volumes"]
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
        self._segmentation = None

    def setup(self):
        ScriptedLoadableModuleWidget.setup(self)
        widget = slicer.util.loadUI(self.resourcePath("UI/SpinoPelvic.ui"))
        self.layout.addWidget(widget)
        self.ui = slicer.util.childWidgetVariables(widget)
        widget.setMRMLScene(slicer.mrmlScene)
        self.ui.parameterTable.horizontalHeader().setStretchLastSection(True)
        self.ui.parameterTable.setEditTriggers(qt.QAbstractItemView.NoEditTriggers)
        self.logic = SpinoPelvicLogic()
        self.panel = Panel(self.ui, self.logic, self.showFilm)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.StartCloseEvent, self.onSceneStartClose)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndCloseEvent, self.onSceneEndClose)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndImportEvent, self.onSceneEndImport)
        self.initializeParameterNode()

    def cleanup(self):
        self.panel.close()
        self._setParameters(None)
        self.removeObservers()

    def enter(self):
        self.initializeParameterNode()

    def exit(self):
        if self._parameters:
            self._parameters.disconnectGui(self._parametersGuiTag)
            self._parametersGuiTag = None

    def onSceneStartClose(self, _caller, _event):
        self.panel.onCancel()
        self._setParameters(None)

    def onSceneEndClose(self, _caller, _event):
        if self.parent.isEntered:
            self.initializeParameterNode()

    def onSceneEndImport(self, _caller, _event):
        if self.parent.isEntered:
            self.initializeParameterNode()

    def initializeParameterNode(self):
        self._setParameters(self.logic.getParameterNode())
        if not self._parameters.film:
            self._parameters.film = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLScalarVolumeNode")

    def showFilm(self, film):
        """Make a film the one the panel works on, alone in the slice view, as it lies in its file."""
        slicer.app.layoutManager().setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView)
        # A film lies axial; another orientation would mirror it.
        slicer.app.layoutManager().sliceWidget("Red").mrmlSliceNode().SetOrientationToAxial()
        slicer.util.setSliceViewerLayers(background=film, label=None, foreground=None, fit=True)
        self._parameters.film = film
        self._showFilmOfParameters()

    def _setParameters(self, parameters):
        if self._parameters:
            self._parameters.disconnectGui(self._parametersGuiTag)
            self.removeObserver(self._parameters, vtk.vtkCommand.ModifiedEvent, self._showFilmOfParameters)
        self._parameters = parameters
        if parameters:
            self._parametersGuiTag = parameters.connectGui(self.ui)
            self.addObserver(parameters, vtk.vtkCommand.ModifiedEvent, self._showFilmOfParameters)
        self._showFilmOfParameters()

    def _showFilmOfParameters(self, _caller=None, _event=None):
        film = self._parameters.film if self._parameters else None
        self.panel.setFilm(film)
        self._observeSegmentation(self.logic.segmentation(film) if film else None)

    def _observeSegmentation(self, node):
        event = slicer.vtkSegmentation.SourceRepresentationModified
        if self._segmentation is not None:
            self.removeObserver(self._segmentation, event, self._onSegmentsEdited)
        self._segmentation = node.GetSegmentation() if node is not None else None
        if self._segmentation is not None:
            self.addObserver(self._segmentation, event, self._onSegmentsEdited)

    def _onSegmentsEdited(self, _caller, _event):
        self.panel.onSegmentsEdited()


class SpinoPelvicLogic(SpinoPelvicSceneLogic, ScriptedLoadableModuleLogic):
    """The scene logic with the module's parameter node."""

    def __init__(self):
        ScriptedLoadableModuleLogic.__init__(self)

    def getParameterNode(self):
        return SpinoPelvicParameters(super().getParameterNode())


class SpinoPelvicTest(ScriptedLoadableModuleTest):
    """Runs the self-test of the module on Slicer's own scene."""

    def runTest(self):
        from SpinoPelvicLib.Testing.ResultTestCase import ResultTestCase

        suite = unittest.defaultTestLoader.loadTestsFromTestCase(ResultTestCase)
        result = unittest.TextTestRunner(verbosity=2).run(suite)
        self.assertTrue(result.wasSuccessful())
