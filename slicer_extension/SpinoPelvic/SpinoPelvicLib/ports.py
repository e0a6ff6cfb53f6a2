"""What the panel may ask of the logic, and what the logic tells it: neither knows the other.

`FilmLogic` works on the scene and never asks the server; `Workflow` asks the server in a worker and hands results to
the film logic. Both are used on the main thread alone. A `Node` is an MRML node; a film a vtkMRMLScalarVolumeNode.
Everything that a method gives back is a frozen type of this file, with texts as the user reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from .signal import Signal

Node = Any
Side = Literal["left", "right"]


@dataclass(frozen=True)
class FilmFacts:
    """What is known of a film, for the line under its name.

    `spacingRule` says in words where the spacing comes from; `lengthsTrusted` whether mm may be read off. `anterior` is
    the side of the film that the patient faces, `anteriorRule` who said so (file, anatomy, user). `inverted`: the file
    holds bone dark (MONOCHROME1), which was undone. `warnings` are sentences.
    """

    name: str
    rows: int
    columns: int
    spacingMm: tuple[float, float] | None
    spacingRule: str
    lengthsTrusted: bool
    anterior: Side | None
    anteriorRule: str
    inverted: bool
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class DicomFilm:
    """A film of Slicer's DICOM database: `title` says modality, body part, date and series, never who it is."""

    title: str
    path: Path
    seriesUid: str


@dataclass(frozen=True)
class Row:
    """One parameter as text; empty where there is nothing to say.

    `status` is one of within, below, above, unranged, absent (see `statusText`); `reason` says why a value is absent.
    `network` is what the network itself estimated. `edited`: a landmark it rests on was changed by hand. `earlier` and
    `change` belong to the earlier film that was chosen. `group` is the heading that it stands under. `gauge` is where
    low end of the interval, value and high end lie in the standard range (0 .. 1 within it), None where there is none.
    """

    name: str
    title: str
    value: str
    interval: str
    unit: str
    range: str
    status: str
    network: str
    earlier: str
    change: str
    reason: str
    edited: bool
    group: str = ""
    gauge: tuple[float, float, float] | None = None

    @property
    def outOfRange(self) -> bool:
        return self.status in ("below", "above")


@dataclass(frozen=True)
class ClassRow:
    """A clinical class, score or index: GAP, Schwab, Roussouly, slips ..; `status` is one of normal, abnormal, hint,
    unranged, absent."""

    name: str
    title: str
    text: str
    status: str
    reason: str


@dataclass(frozen=True)
class Sheet:
    """All that was measured on a film: what the tables show.

    `verdict` is "measurable", "measurable with caution" or "not measurable"; `remarks` says why and warns. `edited`
    names what was changed by hand ("L3 superior", "femoral head 1", "segment L4", "levels").
    """

    rows: tuple[Row, ...]
    classes: tuple[ClassRow, ...]
    verdict: str
    remarks: tuple[str, ...]
    model: str
    edited: tuple[str, ...]
    earlierName: str

    @property
    def isEmpty(self) -> bool:
        return not self.rows


@dataclass(frozen=True)
class ModelInfo:
    """A model of the server. `version` and `origin` ("shipped", "trained") are empty where it does not tell."""

    name: str
    description: str
    version: str
    origin: str


@dataclass(frozen=True)
class StrategyInfo:
    """A way to choose the next film."""

    name: str
    description: str


@dataclass(frozen=True)
class TrainingState:
    """What is known of the server's training; None where it does not tell.

    `pending` labels wait, `trainAfter` of them start a training. `last` says what the last training came to.
    """

    running: bool
    model: str = ""
    epoch: int | None = None
    epochs: int | None = None
    etaSeconds: float | None = None
    pending: int | None = None
    trainAfter: int | None = None
    last: str = ""


@dataclass(frozen=True)
class ServerState:
    """Where the user stands with the server.

    `versionNote` is empty where server and module fit each other, else says what to do. `waiting` labels lie on this
    computer until a server takes them.
    """

    connected: bool = False
    address: str = ""
    name: str = ""
    version: str = ""
    versionNote: str = ""
    models: tuple[ModelInfo, ...] = ()
    strategies: tuple[StrategyInfo, ...] = ()
    films: int | None = None
    labelled: int | None = None
    skipped: int | None = None
    canSkip: bool = False
    training: TrainingState | None = None
    waiting: int = 0


@dataclass(frozen=True)
class Busy:
    """What runs now: `text` for the status line, `fraction` 0..1 or None where nobody knows how long it takes."""

    text: str
    fraction: float | None = None


@dataclass(frozen=True)
class BatchItem:
    """One film of a batch; `note` says why it failed. `node` is its film once it is in the scene."""

    name: str
    status: Literal["waiting", "running", "done", "failed", "cancelled"]
    note: str = ""
    node: Node = None


class FilmLogic(Protocol):
    """Films and results in the scene. Methods raise FilmError or SegmentError (see `errors`), whose text says what to
    do."""

    sheetChanged: Signal
    """(film): what `sheet(film)` gives has changed: result shown, landmark dragged, segment edited, undone .."""
    factsChanged: Signal
    """(film): what `facts(film)` gives has changed."""

    # films
    def loadFilm(self, path: Path, name: str | None = None) -> Node:
        """Add the film in a file (PNG, JPEG, TIFF, NRRD, NIfTI, DICOM) to the scene, by the rules of its format."""

    def dicomFilms(self, database: Any) -> tuple[DicomFilm, ...]:
        """Films (CR, DX, RG ..) in Slicer's DICOM database, `slicer.dicomDatabase`, the newest first."""

    def adoptFilm(self, volume: Node, database: Any = None) -> None:
        """Make a volume that Slicer loaded itself a film by the rules: spacing, MONOCHROME1, window. Colour, several
        slices or frames are refused with what to do. Does nothing to a film that is one already."""

    def facts(self, film: Node) -> FilmFacts: ...
    def setAnterior(self, film: Node, side: Side | None) -> None:
        """The user states the side of the film that the patient faces; None: as file and anatomy say. Re-measures."""

    def invert(self, film: Node) -> None:
        """Turn dark bone bright, where the file does not say that it is dark."""

    def autoWindow(self, film: Node) -> None: ...

    # results
    def sheet(self, film: Node | None) -> Sheet:
        """Tables of a film, an empty sheet before it was measured; restored with the scene."""

    def hasResult(self, film: Node | None) -> bool: ...
    def segmentation(self, film: Node) -> Node | None:
        """The film's segmentation node, for the Segment Editor."""

    def setVisible(self, film: Node, part: str, visible: bool) -> None:
        """Show or hide a part: "segments", "end plates", "heads", "construction"."""

    def isVisible(self, film: Node, part: str) -> bool: ...

    # corrections
    def watch(self, film: Node | None) -> None:
        """Follow the hand on this film's markups and segments (and on no other's) from now on."""

    def poll(self) -> None:
        """Re-measure segments that were edited, once the hand rests. `Workflow.poll` calls this."""

    def canUndo(self, film: Node | None) -> bool: ...
    def canRedo(self, film: Node | None) -> bool: ...
    def undo(self, film: Node) -> None: ...
    def redo(self, film: Node) -> None: ...
    def resetToAutomatic(self, film: Node) -> None:
        """Everything as the server gave it; can be undone."""

    def shiftedLevels(self, film: Node, steps: int) -> tuple[tuple[str, str], ...]:
        """(old, new) names that a shift would give, caudal first; empty where it cannot be done. `steps` +1: every
        level takes the name of the one above (L5 becomes L4); -1: below (L4 becomes L5, L5 becomes S1)."""

    def shiftLevels(self, film: Node, steps: int) -> None:
        """Segments, markups and table follow; can be undone."""

    def missingLandmarks(self, film: Node) -> tuple[str, ...]:
        """Names of end plates and heads that can be placed by hand: "L2", "S1", "femoral head 1" .."""

    def landmarks(self, film: Node) -> tuple[str, ...]:
        """Names of levels and heads that are there, as `removeLandmark` takes them."""

    def placeLandmark(self, film: Node, name: str) -> None:
        """Put a missing landmark where it is likely, to be dragged into place; can be undone."""

    def removeLandmark(self, film: Node, name: str) -> None:
        """Take a wrong landmark away; what rests on it is absent then; can be undone."""

    # comparison
    def earlierFilms(self, film: Node) -> tuple[Node, ...]:
        """Other measured films of the scene, those known to be of the same subject first."""

    def earlierFilm(self, film: Node) -> Node | None: ...
    def setEarlierFilm(self, film: Node, earlier: Node | None) -> None: ...

    # output
    def asText(self, film: Node) -> str:
        """The table for the clipboard: tab-separated, with the notice."""

    def asCsv(self, film: Node) -> str: ...
    def reportHtml(self, film: Node, pictureUrl: str) -> str:
        """One A4 page as the HTML that QTextDocument draws; `pictureUrl` names the picture resource of the film."""

    def close(self) -> None:
        """Forget all observers. The logic cannot be used afterwards."""


class Workflow(Protocol):
    """What the buttons do. Every method returns at once; what happens is told by the signals, in `poll`."""

    serverChanged: Signal
    """(ServerState)"""
    busyChanged: Signal
    """(Busy or None)"""
    said: Signal
    """(str): a line for the status; may be empty."""
    failed: Signal
    """(str): what failed and what to do, for a message box."""
    filmOpened: Signal
    """(film): show this film and work on it (also after it was segmented)."""
    batchChanged: Signal
    """(tuple[BatchItem, ...])"""

    @property
    def server(self) -> ServerState: ...
    @property
    def busy(self) -> Busy | None: ...

    def poll(self) -> None:
        """To be called by a timer every 20 to 50 ms on the main thread."""

    def close(self) -> None: ...
    def cancel(self) -> None:
        """Give up what runs, the batch too."""

    def connect(self, address: str, token: str) -> None: ...
    def disconnect(self) -> None: ...
    def refresh(self) -> None:
        """Ask for films, training and ETA again, silently; does nothing while busy or not connected. Every 5 s."""

    def trainNow(self, model: str) -> None: ...
    def nextFilm(self, strategy: str) -> None: ...
    def skip(self, film: Node, reason: str, strategy: str) -> None:
        """Tell the server that a film is not to be labelled, and why; then the next film."""

    def mustSend(self, film: Node) -> bool:
        """Whether the server does not hold the film, so that the user must agree before it is sent."""

    def segment(self, film: Node, model: str) -> None:
        """Have the film segmented and measured, sending it first where it must be."""

    def whyNotSubmit(self, film: Node | None) -> str:
        """Empty where the film can be submitted, else the reason for the button's tool tip."""

    def submit(self, film: Node, strategy: str) -> None:
        """Send segments, landmarks and table; then the next film, where `strategy` is not empty. Where no server
        answers they are kept on this computer and sent later."""

    def sendWaiting(self) -> None:
        """Send what was kept; `connect` does so too."""

    def runBatch(self, films: Sequence[Path], model: str) -> None:
        """Load, send, segment and show films one after the other; a failure does not stop the rest."""

    def batchCsv(self) -> str:
        """The tables of all films of the last batch as one CSV; empty before the first."""
