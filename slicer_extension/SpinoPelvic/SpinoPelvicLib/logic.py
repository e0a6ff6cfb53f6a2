"""What the module does to the scene, without a GUI: film in, result shown, label map out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import slicer

from .film import FilmError, applySpacing, checkFilm, loadFilm, writeVolume
from .landmarks import createMarkups
from .replies import Inference
from .results import PARAMETERS, SEGMENTATION, removeResults, resultNode
from .segmentation import createSegmentation, exportLabelMap, labelValues, readLabelMap, writeLabelMap
from .table import Row, createTable, tableRows

__all__ = ["FilmError", "SpinoPelvicSceneLogic"]


class SpinoPelvicSceneLogic:
    """Runs on the main thread; never asks the server."""

    def loadFilm(self, path: Path, name: str) -> slicer.vtkMRMLScalarVolumeNode:
        """Add the film in a file to the scene. Raises FilmError."""
        return loadFilm(path, name)

    def writeFilm(self, film: slicer.vtkMRMLVolumeNode, path: Path) -> None:
        """Write a film for the server, pixels and geometry alone. Raises FilmError, OSError."""
        checkFilm(film)
        writeVolume(film, path)

    def showResult(self, film: slicer.vtkMRMLVolumeNode, inference: Inference) -> None:
        """Put the server's result into the scene in place of the film's earlier one.

        Raises:
            FilmError: the volume is no single film.
            ServerError: the label map does not fit the film.
        """
        checkFilm(film)
        result = inference.result
        landmarks = result.get("landmarks") or {}
        labelMap = None
        if inference.labelMap is not None:
            with TemporaryDirectory() as folder:
                path = Path(folder) / "label.nrrd"
                path.write_bytes(inference.labelMap)
                labelMap = readLabelMap(path)
        removeResults(film)
        applySpacing(film, (result.get("film") or {}).get("spacing_mm"))
        if labelMap is not None:
            createSegmentation(film, labelMap, inference.labels, landmarks.get("femoral_heads") or ())
        createMarkups(film, landmarks)
        createTable(film, result.get("parameters") or {})

    def remarks(self, inference: Inference) -> list[str]:
        """What the server says of the film: whether it can be relied on, why not, and warnings, each once."""
        quality = inference.result.get("quality") or {}
        remarks = (quality.get("verdict"), *(quality.get("reasons") or ()), *(inference.result.get("warnings") or ()))
        return [str(remark) for remark in dict.fromkeys(remarks) if remark]

    def segmentation(self, film: slicer.vtkMRMLVolumeNode) -> slicer.vtkMRMLSegmentationNode | None:
        """The film's segments, None before it was segmented."""
        return resultNode(film, SEGMENTATION)

    def parameterRows(self, film: slicer.vtkMRMLVolumeNode | None) -> list[Row]:
        """The film's parameter table, empty before it was measured; survives saving and loading the scene."""
        return [] if film is None else tableRows(resultNode(film, PARAMETERS))

    def writeLabel(self, film: slicer.vtkMRMLVolumeNode, path: Path) -> Mapping[str, Any]:
        """Write the film's segments as the server's label map; returns what to submit beside it.

        Raises:
            SegmentError: there are no segments, or their names are not the server's.
        """
        labelMap = exportLabelMap(film)
        writeLabelMap(film, labelMap, path)
        present = set(labelMap.ravel().tolist())
        return {
            "label_info": [
                {"name": name, "idx": value} for name, value in labelValues(film).items() if value in present
            ]
        }
