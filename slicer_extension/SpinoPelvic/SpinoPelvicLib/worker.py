"""Runs requests off the main thread; their outcomes are handled on the main thread, when it polls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, Queue
from threading import Event, Thread
from typing import Any


@dataclass(frozen=True)
class _Job:
    task: Callable[[Event], Any]
    whenDone: Callable[[Any], None]
    whenFailed: Callable[[Exception], None]
    cancelled: Event = field(default_factory=Event)


class Worker:
    """One job at a time.

    `poll` must be called on the main thread (by a timer): only there are the callbacks run, so that they may touch
    Qt and MRML. A cancelled job's callbacks are never run, and the next job need not wait for its thread.
    """

    def __init__(self) -> None:
        self._job: _Job | None = None
        self._outcomes: Queue[tuple[_Job, Callable[[], None]]] = Queue()

    @property
    def busy(self) -> bool:
        return self._job is not None

    def start(
        self,
        task: Callable[[Event], Any],
        whenDone: Callable[[Any], None],
        whenFailed: Callable[[Exception], None],
    ) -> None:
        """Run `task(cancelled)` in a thread of its own.

        Raises:
            RuntimeError: a job is running.
        """
        if self.busy:
            raise RuntimeError("a job is running")
        self._job = _Job(task, whenDone, whenFailed)
        Thread(target=self._run, args=(self._job,), daemon=True).start()

    def cancel(self) -> None:
        """Give up the job that runs, if any."""
        if self._job is not None:
            self._job.cancelled.set()
            self._job = None

    def poll(self) -> None:
        """Handle the outcome of a job that has ended."""
        try:
            job, handle = self._outcomes.get_nowait()
        except Empty:
            return
        if job is self._job:
            # Free before the callback runs: it may start the next job.
            self._job = None
            handle()

    def _run(self, job: _Job) -> None:
        try:
            result = job.task(job.cancelled)
        except Exception as error:
            self._outcomes.put((job, lambda error=error: job.whenFailed(error)))
        else:
            self._outcomes.put((job, lambda: job.whenDone(result)))
