"""How far a training is, on disk, so that another process can tell."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from sagittal.learning.state_file import read_state, write_state


class TrainingProgress:
    """Epochs done of those planned, and when the training began (seconds since 1970)."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def begin(self, model: str, epochs: int) -> None:
        """A training of `epochs` epochs starts now."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_state(self._path, {"model": model, "epoch": 0, "epochs": epochs, "began": time.time()})

    def note(self, epoch: int) -> None:
        """So many epochs are done."""
        write_state(self._path, read_state(self._path) | {"epoch": epoch})

    def now(self, at: float | None = None) -> dict[str, Any]:
        """`model`, `epoch`, `epochs` and `eta_seconds` of the training that runs, empty where none has begun.

        What is left is told from the mean time of an epoch: None before the first is done.
        """
        state = read_state(self._path)
        if not state:
            return {}
        epoch, epochs = int(state["epoch"]), int(state["epochs"])
        elapsed = (time.time() if at is None else at) - float(state["began"])
        eta = None if epoch < 1 else max(elapsed, 0.0) / epoch * max(epochs - epoch, 0)
        return {"model": state["model"], "epoch": epoch, "epochs": epochs, "eta_seconds": eta}
