"""How far a run is, for people and for other processes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from sagittal.datasets.whole_file import replace_file

PROGRESS_FILE = "progress.json"
EVERY_S = 2.0

Stage = Literal["running", "finished", "interrupted", "failed"]


@dataclass(frozen=True)
class Progress:
    """Where a run stands.

    Args:
        stage: `running` also stands there after a kill.
        share: 0..1 of the run that is done.
        seconds_left: as far as can be told from what was done so far, None at the start.
        epoch: whole epochs done, of `epochs` at most.
        step, samples, minutes: optimisation steps, films seen, time spent.
        loss: of the last steps, None before the first.
        best_score: of the best epoch on the validation films, None before the first.
    """

    stage: Stage
    share: float
    seconds_left: float | None
    epoch: int
    epochs: int
    step: int
    samples: int
    minutes: float
    loss: float | None
    best_score: float | None

    def as_json(self) -> dict[str, Any]:
        """Plain Python types."""
        return asdict(self)


OnProgress = Callable[[Progress], None]


class ProgressReport:
    """Tells a run's progress to a callback and to `progress.json`, at most every other second."""

    def __init__(self, path: Path, on_progress: OnProgress | None = None) -> None:
        self._path, self._on_progress = path, on_progress
        self._started = time.monotonic()
        self._first: Progress | None = None
        self._latest: Progress | None = None
        self._told = -EVERY_S

    def due(self) -> bool:
        """Whether it is time to tell again."""
        return time.monotonic() - self._told >= EVERY_S

    def tell(self, progress: Progress) -> None:
        """Fill in how long it will take, and tell."""
        if self._first is None:
            self._first, self._started = progress, time.monotonic()
        self._latest = replace(progress, seconds_left=self._seconds_left(progress))
        self._write(self._latest)

    def end(self, stage: Stage) -> None:
        """The run has ended like this."""
        if self._latest is not None:
            left = 0.0 if stage == "finished" else None
            share = 1.0 if stage == "finished" else self._latest.share
            self._write(replace(self._latest, stage=stage, share=share, seconds_left=left))

    def _seconds_left(self, progress: Progress) -> float | None:
        assert self._first is not None
        done = progress.share - self._first.share
        return (1 - progress.share) * (time.monotonic() - self._started) / done if done > 0 else None

    def _write(self, progress: Progress) -> None:
        self._told = time.monotonic()
        replace_file(self._path, json.dumps(progress.as_json()).encode())
        if self._on_progress is not None:
            self._on_progress(progress)


def read_progress(run: Path) -> Progress | None:
    """What the run in this folder last told, None where there is none."""
    try:
        return Progress(**json.loads((run / PROGRESS_FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
