"""What the panel asks of the application around it."""

from __future__ import annotations

from typing import Any, Protocol

import slicer


class Desktop(Protocol):
    def showFilm(self, film: Any) -> None:
        """Show a film alone in the slice view, as it lies in its file."""

    def editSegments(self, film: Any, segmentation: Any) -> None:
        """Open the Segment Editor on a film's segments."""

    def dicomDatabase(self) -> Any: ...
    def importDicom(self) -> None:
        """Open the DICOM module."""

    def writePicture(self, path: str) -> None:
        """Write what the slice view shows as PNG."""


class SlicerDesktop:
    """Slicer itself."""

    def showFilm(self, film: Any) -> None:
        layout = slicer.app.layoutManager()
        layout.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView)
        # A film lies axial; another orientation would mirror it.
        layout.sliceWidget("Red").mrmlSliceNode().SetOrientationToAxial()
        slicer.util.setSliceViewerLayers(background=film, label=None, foreground=None, fit=True)

    def editSegments(self, film: Any, segmentation: Any) -> None:
        slicer.util.selectModule("SegmentEditor")
        editor = slicer.modules.segmenteditor.widgetRepresentation().self().editor
        editor.setSegmentationNode(segmentation)
        editor.setSourceVolumeNode(film)

    def dicomDatabase(self) -> Any:
        # None where Slicer runs without its DICOM module.
        return getattr(slicer, "dicomDatabase", None)

    def importDicom(self) -> None:
        slicer.util.selectModule("DICOM")

    def writePicture(self, path: str) -> None:
        import vtk

        view = slicer.app.layoutManager().sliceWidget("Red").sliceView()
        view.forceRender()
        grabber = vtk.vtkWindowToImageFilter()
        grabber.SetInput(view.renderWindow())
        grabber.ReadFrontBufferOff()
        writer = vtk.vtkPNGWriter()
        writer.SetFileName(path)
        writer.SetInputConnection(grabber.GetOutputPort())
        writer.Write()
