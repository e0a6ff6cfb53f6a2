"""What the module does to the scene, without a GUI and without the server: films, results, corrections."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import slicer

from . import film as films
from .anatomy import Landmarks, __version__
from .construction import showConstruction
from .dicom_header import filmsOf
from .errors import FilmError, SegmentError
from .export import sheetAsCsv, sheetAsHtml, sheetAsText
from .history import History, State
from .landmarks import draggableNodes, editedNames, movedLandmarks, showLandmarks
from .levels import shiftedLandmarks, shiftedNames, shiftedSegments
from .masks import PackedMask, changedNames
from .placing import missingNames, presentNames, withoutLandmark, withPlaced
from .ports import DicomFilm, FilmFacts, Sheet, Side
from .reading import changed, facing, readingFromJson, readingOf, readingToJson
from .remeasure import remeasured
from .replies import Inference
from .results import (
    CONSTRUCTION,
    CONSTRUCTION_VALUES,
    END_PLATE,
    FEMORAL_HEAD,
    HEAD_CIRCLE,
    HIP_AXIS,
    RECORD,
    SEGMENTATION,
    markAsResult,
    removeResults,
    resultNode,
    resultNodes,
)
from .segmentation import (
    createSegmentation,
    exportLabelMap,
    fillSegmentation,
    labelValues,
    readLabelMap,
    segmentMasks,
    writeLabelMap,
)
from .sheet import EMPTY, sheetOf
from .signal import Signal
from .table import showTable
from .translation import _

_EARLIER = "SpinoPelvic.EarlierFilm"
_PARTS = {
    "segments": (SEGMENTATION,),
    "end plates": (END_PLATE,),
    "heads": (FEMORAL_HEAD, HEAD_CIRCLE, HIP_AXIS),
    "construction": (CONSTRUCTION, CONSTRUCTION_VALUES),
}
# So long the hand must rest before edited segments are measured anew.
_REST_SECONDS = 0.4
_RECORD_VERSION = 1


class SceneFilmLogic:
    """Implements `ports.FilmLogic`; used on the main thread alone."""

    def __init__(self) -> None:
        self.sheetChanged = Signal()
        self.factsChanged = Signal()
        self._histories: dict[str, History] = {}
        self._subjects: dict[str, str] = {}
        self._sheets: dict[str, Sheet] = {}
        self._watched: Any = None
        self._observed: list[tuple[Any, int]] = []
        self._silent = False
        self._dragging: State | None = None
        self._segmentsEditedAt: float | None = None
        self._sceneTag = slicer.mrmlScene.AddObserver(slicer.mrmlScene.EndCloseEvent, self._onSceneClosed)

    def close(self) -> None:
        self.watch(None)
        slicer.mrmlScene.RemoveObserver(self._sceneTag)

    # films

    def loadFilm(self, path: Path, name: str | None = None) -> Any:
        film, subject = films.loadFilm(path, name or path.name.split(".")[0])
        self._subjects[film.GetID()] = subject
        return film

    def dicomFilms(self, database: Any) -> tuple[DicomFilm, ...]:
        return filmsOf(database)

    def adoptFilm(self, volume: Any, database: Any = None) -> None:
        subject = films.adoptFilm(volume, database)
        if subject:
            self._subjects[volume.GetID()] = subject
        self.factsChanged(volume)

    def facts(self, film: Any) -> FilmFacts:
        return films.factsOf(film)

    def setAnterior(self, film: Any, side: Side | None) -> None:
        history = self._history(film)
        if history is None:
            films.setAnterior(film, side, _("stated by the user") if side else "")
            self.factsChanged(film)
            return
        target = side or history.automatic.reading.landmarks.anterior
        if target is not None and target != history.now.reading.landmarks.anterior:
            landmarks = facing(history.now.reading.landmarks, target)
            self._change(film, landmarks, ("anterior side",))

    def invert(self, film: Any) -> None:
        films.invertFilm(film)
        self.factsChanged(film)

    def autoWindow(self, film: Any) -> None:
        films.autoWindow(film)

    def writeFilm(self, film: Any, path: Path) -> None:
        """Write a film for the server, pixels and geometry alone. Raises FilmError, OSError."""
        films.checkFilm(film)
        films.writeVolume(film, path)

    # results

    def showResult(self, film: Any, inference: Inference, heldByServer: bool = False) -> None:
        """Put the server's result into the scene in place of the film's earlier one.

        Raises:
            FilmError: the volume is no single film.
            ServerError: the label map does not fit the film.
        """
        films.checkFilm(film)
        labelMap = None
        if inference.labelMap is not None:
            with TemporaryDirectory() as folder:
                path = Path(folder) / "label.nrrd"
                path.write_bytes(inference.labelMap)
                labelMap = readLabelMap(path)
        told = dict(inference.result.get("film") or {})
        with self._changingScene():
            removeResults(film)
            films.learnFromResult(film, told, heldByServer)
            reading = readingOf(self._withSide(film, inference.result), films.settingOf(film))
            if labelMap is not None:
                createSegmentation(film, labelMap, inference.labels, reading.landmarks.femoral_heads)
            state = State(reading, segmentMasks(film))
            self._histories[film.GetID()] = History(state)
            self._show(film, state)
            self._writeRecord(film)
        if told.get("subject"):
            self._subjects[film.GetID()] = str(told["subject"])
        self._segmentsEditedAt = None
        if self._watched is film:
            self.watch(film)
        self.factsChanged(film)
        self.sheetChanged(film)

    def sheet(self, film: Any) -> Sheet:
        history = None if film is None else self._history(film)
        if history is None:
            return EMPTY
        other = self.earlierFilm(film)
        before = None if other is None else self._history(other)
        if other is None or before is None:
            return sheetOf(history.now.reading)
        return sheetOf(history.now.reading, before.now.reading, other.GetName())

    def hasResult(self, film: Any) -> bool:
        return film is not None and self._history(film) is not None

    def segmentation(self, film: Any) -> Any:
        return resultNode(film, SEGMENTATION)

    def setVisible(self, film: Any, part: str, visible: bool) -> None:
        for node in resultNodes(film, *_PARTS[part]):
            node.GetDisplayNode().SetVisibility(visible)

    def isVisible(self, film: Any, part: str) -> bool:
        nodes = resultNodes(film, *_PARTS[part])
        return bool(nodes) and all(node.GetDisplayNode().GetVisibility() for node in nodes)

    # corrections

    def watch(self, film: Any) -> None:
        for node, tag in self._observed:
            node.RemoveObserver(tag)
        self._observed = []
        self._watched, self._dragging, self._segmentsEditedAt = film, None, None
        if film is None or self._history(film) is None:
            return
        for node in draggableNodes(film):
            self._observe(node, node.PointStartInteractionEvent, self._onDragStarted)
            self._observe(node, node.PointModifiedEvent, self._onDragged)
            self._observe(node, node.PointEndInteractionEvent, self._onDragEnded)
        segments = resultNode(film, SEGMENTATION)
        if segments is not None:
            segmentation = segments.GetSegmentation()
            for name in ("SourceRepresentationModified", "SegmentAdded", "SegmentRemoved", "SegmentModified"):
                self._observe(segmentation, getattr(slicer.vtkSegmentation, name), self._onSegmentsEdited)

    def poll(self) -> None:
        if self._segmentsEditedAt is not None and time.monotonic() - self._segmentsEditedAt > _REST_SECONDS:
            self._segmentsEditedAt = None
            self.remeasure(self._watched)

    def remeasure(self, film: Any) -> None:
        """Measure anew the structures whose segments were edited; all other landmarks stay where they are."""
        history = self._history(film)
        if history is None:
            return
        masks = segmentMasks(film)
        names = changedNames(history.now.masks, masks)
        if not names:
            return
        setting = films.settingOf(film)
        state = State(remeasured(history.now.reading, masks, names, setting), masks)
        history.take(state)
        self._showState(film, state, fill=False)

    def canUndo(self, film: Any) -> bool:
        history = None if film is None else self._history(film)
        return history is not None and history.canUndo

    def canRedo(self, film: Any) -> bool:
        history = None if film is None else self._history(film)
        return history is not None and history.canRedo

    def undo(self, film: Any) -> None:
        self._step(film, History.undo)

    def redo(self, film: Any) -> None:
        self._step(film, History.redo)

    def resetToAutomatic(self, film: Any) -> None:
        history = self._measured(film)
        if history.now != history.automatic:
            self._take(film, history.automatic)

    def shiftedLevels(self, film: Any, steps: int) -> tuple[tuple[str, str], ...]:
        history = self._history(film)
        if history is None:
            return ()
        return tuple(shiftedNames(tuple(history.now.reading.landmarks.bodies), steps).items())

    def shiftLevels(self, film: Any, steps: int) -> None:
        history = self._measured(film)
        landmarks = shiftedLandmarks(history.now.reading.landmarks, steps)
        masks: dict[str, Any] = {}
        for old, new in shiftedSegments(tuple(history.now.masks), steps).items():
            mask = history.now.masks[old].unpacked()
            masks[new] = masks[new] | mask if new in masks else mask
        reading = changed(history.now.reading, landmarks, ("levels",), films.settingOf(film))
        self._take(film, State(reading, {name: PackedMask.of(mask) for name, mask in masks.items()}))

    def missingLandmarks(self, film: Any) -> tuple[str, ...]:
        history = self._history(film)
        return () if history is None else missingNames(history.now.reading.landmarks)

    def landmarks(self, film: Any) -> tuple[str, ...]:
        history = self._history(film)
        return () if history is None else presentNames(history.now.reading.landmarks)

    def placeLandmark(self, film: Any, name: str) -> None:
        landmarks = self._measured(film).now.reading.landmarks
        facts = films.factsOf(film)
        placed = withPlaced(landmarks, name, (facts.rows, facts.columns))
        if placed.anterior is None and facts.anterior is not None:
            placed = facing(placed, facts.anterior)
        self._change(film, placed, _namesOf(name))

    def removeLandmark(self, film: Any, name: str) -> None:
        landmarks = self._measured(film).now.reading.landmarks
        self._change(film, withoutLandmark(landmarks, name), _namesOf(name))

    # comparison

    def earlierFilms(self, film: Any) -> tuple[Any, ...]:
        others = [
            node
            for node in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")
            if node is not film and resultNode(node, RECORD) is not None
        ]
        subject = self._subjects.get(film.GetID())
        return tuple(sorted(others, key=lambda node: not subject or self._subjects.get(node.GetID()) != subject))

    def earlierFilm(self, film: Any) -> Any:
        return film.GetNodeReference(_EARLIER)

    def setEarlierFilm(self, film: Any, earlier: Any) -> None:
        film.SetNodeReferenceID(_EARLIER, None if earlier is None else earlier.GetID())
        showTable(film, self.sheet(film))
        self.sheetChanged(film)

    # output

    def asText(self, film: Any) -> str:
        return sheetAsText(self.sheet(film), self.facts(film))

    def asCsv(self, film: Any) -> str:
        return sheetAsCsv(self.sheet(film), film.GetName())

    def reportHtml(self, film: Any, pictureUrl: str) -> str:
        return sheetAsHtml(self.sheet(film), self.facts(film), pictureUrl)

    def writeLabel(self, film: Any, path: Path) -> Mapping[str, Any]:
        """Write the film's segments as the server's label map; returns what to submit beside it: the names of its
        values, landmarks and table, and what was changed by hand.

        Raises:
            SegmentError: there are no segments, or their names are not the server's.
        """
        self._settle(film)
        labelMap = exportLabelMap(film)
        if not labelMap.any():
            raise SegmentError(_("There are no segments to submit. Segment the film first, or draw them."))
        writeLabelMap(film, labelMap, path)
        present = set(labelMap.ravel().tolist())
        reading = self._measured(film).now.reading
        content = readingToJson(reading)
        told = ("anterior", "landmarks", "parameters", "clinical", "model", "edited")
        names = [{"name": name, "idx": value} for name, value in labelValues(film).items() if value in present]
        return {
            "label_info": names,
            "sagittal": {"client": f"SpinoPelvic {__version__}", **{key: content[key] for key in told}},
        }

    # inside

    def _history(self, film: Any) -> History | None:
        """The film's states; those of a scene that was loaded come from its record."""
        if film.GetID() not in self._histories:
            record = resultNode(film, RECORD)
            restored = None if record is None else _readRecord(record.GetText(), segmentMasks(film))
            if restored is None:
                return None
            self._histories[film.GetID()] = restored
        return self._histories[film.GetID()]

    def _measured(self, film: Any) -> History:
        history = self._history(film)
        if history is None:
            raise SegmentError(_("This film was not measured yet. Segment it first."))
        return history

    def _withSide(self, film: Any, result: Mapping[str, Any]) -> Mapping[str, Any]:
        """The result, read for the side that the user stated where the server told another one."""
        stated = films.factsOf(film).anterior
        told = dict(result.get("film") or {})
        if told.get("anterior") is None and stated is not None:
            return {**result, "film": {**told, "anterior": stated}}
        return result

    def _change(self, film: Any, landmarks: Landmarks, edited: tuple[str, ...]) -> None:
        history = self._measured(film)
        reading = changed(history.now.reading, landmarks, edited, films.settingOf(film))
        self._take(film, State(reading, history.now.masks))

    def _take(self, film: Any, state: State) -> None:
        """A new state, which can be undone."""
        self._settle(film)
        history = self._measured(film)
        fill = history.now.masks != state.masks
        history.take(state)
        self._showState(film, state, fill=fill)

    def _step(self, film: Any, move: Callable[[History], None]) -> None:
        self._settle(film)
        history = self._measured(film)
        masks = history.now.masks
        move(history)
        self._showState(film, history.now, fill=history.now.masks != masks)

    def _settle(self, film: Any) -> None:
        """Segments that were edited a moment ago are a step of their own, before the next."""
        if self._segmentsEditedAt is not None and self._watched is film:
            self._segmentsEditedAt = None
            self.remeasure(film)

    def _showState(self, film: Any, state: State, *, fill: bool) -> None:
        """Bring the scene in line with a state; `fill`: its segments too."""
        with self._changingScene():
            if fill and resultNode(film, SEGMENTATION) is not None:
                fillSegmentation(film, {name: mask.unpacked() for name, mask in state.masks.items()})
            self._show(film, state)
            self._writeRecord(film)
        side = state.reading.landmarks.anterior
        if side is not None and side != films.factsOf(film).anterior:
            stated = "anterior side" in state.reading.edited
            films.setAnterior(film, side, _("stated by the user") if stated else _("told from the anatomy"))
            self.factsChanged(film)
        if self._watched is film:
            self.watch(film)
        self.sheetChanged(film)

    def _show(self, film: Any, state: State, shown: State | None = None) -> None:
        """Bring markups, lines and table in line with a state; `shown` is the one that they show."""
        showLandmarks(
            film, state.reading.landmarks, state.reading.edited, None if shown is None else shown.reading.landmarks
        )
        showConstruction(film, state.reading)
        before, sheet = self._sheets.get(film.GetID()), self.sheet(film)
        showTable(film, sheet, None if shown is None else before)
        self._sheets[film.GetID()] = sheet

    def _writeRecord(self, film: Any) -> None:
        history = self._histories[film.GetID()]
        node = resultNode(film, RECORD)
        if node is None:
            node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTextNode", film.GetName() + " " + _("record"))
            node.SetHideFromEditors(True)
            markAsResult(node, film, RECORD)
        node.SetText(json.dumps(_recordOf(history)))

    @contextmanager
    def _changingScene(self) -> Iterator[None]:
        """What the logic itself changes is no work of the hand."""
        was, self._silent = self._silent, True
        try:
            yield
        finally:
            self._silent = was

    def _observe(self, node: Any, event: Any, slot: Callable[..., None]) -> None:
        self._observed.append((node, node.AddObserver(event, slot)))

    def _onDragStarted(self, _node: Any, _event: Any) -> None:
        if not self._silent:
            self._dragging = self._measured(self._watched).now

    def _onDragged(self, node: Any, _event: Any) -> None:
        if self._silent or self._watched is None:
            return
        film, history = self._watched, self._measured(self._watched)
        reading = history.now.reading
        landmarks = movedLandmarks(film, node, reading.landmarks)
        if landmarks is reading.landmarks:
            return
        edited = editedNames(node, landmarks)
        shown = history.now
        state = replace(shown, reading=changed(reading, landmarks, edited, films.settingOf(film)))
        if self._dragging is None:
            history.take(state)
        else:
            history.now = state
        with self._changingScene():
            # A colour that tells what was changed by hand may have to change with the first step.
            self._show(film, state, shown if shown.reading.edited == state.reading.edited else None)
            if self._dragging is None:
                self._writeRecord(film)
        self.sheetChanged(film)

    def _onDragEnded(self, _node: Any, _event: Any) -> None:
        before, self._dragging = self._dragging, None
        history = None if self._watched is None else self._history(self._watched)
        if before is None or history is None or history.now is before:
            return
        after, history.now = history.now, before
        history.take(after)
        self._writeRecord(self._watched)
        self.sheetChanged(self._watched)

    def _onSegmentsEdited(self, _segmentation: Any, _event: Any) -> None:
        if not self._silent:
            self._segmentsEditedAt = time.monotonic()

    def _onSceneClosed(self, _scene: Any, _event: Any) -> None:
        self._observed = []
        self._histories.clear()
        self._subjects.clear()
        self._sheets.clear()
        self._watched, self._dragging, self._segmentsEditedAt = None, None, None


def _recordOf(history: History) -> dict[str, Any]:
    return {
        "version": _RECORD_VERSION,
        "automatic": readingToJson(history.automatic.reading),
        "masks": {name: mask.toJson() for name, mask in history.automatic.masks.items()},
        "now": readingToJson(history.now.reading),
    }


def _readRecord(text: str, masks: Mapping[str, PackedMask]) -> History | None:
    """None where the record is of another version or damaged: the film is then to be segmented again."""
    try:
        content = json.loads(text)
        if content["version"] != _RECORD_VERSION:
            return None
        automatic = {name: PackedMask.fromJson(mask) for name, mask in content["masks"].items()}
        history = History(State(readingFromJson(content["automatic"]), automatic))
        history.now = State(readingFromJson(content["now"]), masks)
    except (ValueError, KeyError, TypeError):
        return None
    return history


def _namesOf(name: str) -> tuple[str, ...]:
    """What is changed by hand when a landmark of this name is placed or taken away."""
    if name.startswith("femoral head") or " " in name:
        return (name,)
    return ("S1 superior",) if name == "S1" else (f"{name} superior", f"{name} inferior")


__all__ = ["FilmError", "SceneFilmLogic", "SegmentError"]
