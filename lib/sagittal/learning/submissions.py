"""Submitted labels that no training has seen yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock

from sagittal.learning.model_store import file_version
from sagittal.learning.state_file import read_state, write_state


class Submissions:
    """Counts distinct films whose final label is new or changed; on disk, so that a restart forgets nothing.

    A film is `pending` from its submission until a training that saw it has ended; what arrives while a training
    runs waits for the next one. Several processes may use the same file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = FileLock(path.with_name(f"{path.name}.lock"))

    def submit(self, film_id: str, label: Path) -> bool:
        """Note a final label; False when it is the one already known for this film."""
        version = file_version(label)
        with self._changing() as state:
            if state["known"].get(film_id) == version:
                return False
            state["known"][film_id] = version
            state["failed"] = False
            if film_id not in state["pending"]:
                state["pending"].append(film_id)
        return True

    @property
    def pending(self) -> tuple[str, ...]:
        """Films that wait for a training, in the order of submission."""
        return tuple(self._state()["pending"])

    @property
    def in_training(self) -> tuple[str, ...]:
        """Films whose submission started the training that runs now, or ran when the server died."""
        return tuple(self._state()["training"])

    def due(self, threshold: int) -> bool:
        """Whether enough films wait. After a failed training only a new submission makes it due again."""
        state = self._state()
        return not state["failed"] and not state["training"] and len(state["pending"]) >= threshold

    def begin_training(self) -> None:
        """Move what waits into the training that starts."""
        with self._changing() as state:
            state["training"], state["pending"] = state["pending"], []

    def absorb(self, labels: Mapping[str, Path]) -> None:
        """A training reads these labels now: what waits among them need not wait for the next."""
        with self._changing() as state:
            read = [film for film in state["pending"] if film in labels and self._is_known(state, film, labels[film])]
            state["training"] += [film for film in read if film not in state["training"]]
            state["pending"] = [film for film in state["pending"] if film not in read]

    def end_training(self) -> None:
        """The training has seen its films."""
        with self._changing() as state:
            state["training"] = []

    def fail_training(self) -> None:
        """The training ended without a result: its films wait again, until one more label arrives."""
        self._restore(failed=True)

    def recover(self) -> None:
        """After a restart: films of a training that died wait again and may start the next at once."""
        self._restore(failed=False)

    def _is_known(self, state: dict[str, Any], film_id: str, label: Path) -> bool:
        return bool(state["known"].get(film_id) == file_version(label))

    def _restore(self, *, failed: bool) -> None:
        with self._changing() as state:
            if state["training"]:
                state["pending"] = list(dict.fromkeys(state["training"] + state["pending"]))
                state["training"] = []
                state["failed"] = failed

    def _state(self) -> dict[str, Any]:
        return {"known": {}, "pending": [], "training": [], "failed": False} | read_state(self._path)

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Any]]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock:
            state = self._state()
            yield state
            write_state(self._path, state)
