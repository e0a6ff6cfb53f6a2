"""Training that starts by itself."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from monailabel.utils.async_tasks.utils import tasks
from sagittal.learning import Submissions

logger = logging.getLogger(__name__)

Task = dict[str, Any]


class TrainingSchedule:
    """Starts a training when enough new labels wait and none runs; looks again whenever one ends.

    MONAI Label keeps its tasks in memory alone. That a training runs is therefore also told by a lock on a file that
    the training's own process holds: it outlives a killed server, and ends with the process however that ends.
    """

    def __init__(
        self,
        submissions: Submissions,
        lock_path: Path,
        threshold: int,
        start: Callable[[], Task | None],
        on_end: Callable[[], None],
    ) -> None:
        self._submissions = submissions
        self._lock_path = lock_path
        self._threshold = threshold
        self._start = start
        self._on_end = on_end
        self._task: Task | None = None
        self._deciding = threading.Lock()

    def consider(self) -> bool:
        """Start a training if one is due; whether one was started."""
        with self._deciding:
            self._settle()
            if not self._submissions.due(self._threshold) or self.running():
                return False
            self._task = self._start()
            if self._task is None:
                return False
            self._submissions.begin_training()
            logger.info("Training starts by itself: %d new labels", len(self._submissions.in_training))
            return True

    def watch(self, interval_s: float = 1.0) -> None:
        """Consider again and again, in a thread of its own."""
        threading.Thread(target=self._watch, args=(interval_s,), name="training-schedule", daemon=True).start()

    def running(self) -> bool:
        """Whether a training is queued or runs, of this server or left by one before."""
        if any(task["status"] in ("SUBMITTED", "RUNNING") for task in tasks("train")):
            return True
        try:
            with training_lock(self._lock_path):
                return False
        except Timeout:
            return True

    def _settle(self) -> None:
        """Take note of a training that ended."""
        if not self._submissions.in_training or self.running():
            return
        # A training that saw its films has cleared them itself: what is left here failed or died with a server.
        if self._task is None:
            logger.warning("A training was interrupted; its labels wait for the next")
            self._submissions.recover()
        else:
            logger.error("The training failed; its labels wait until one more arrives. See the log above")
            self._submissions.fail_training()

    def _watch(self, interval_s: float) -> None:
        was_running = False
        while not threading.Event().wait(interval_s):
            try:
                running = self.running()
                if was_running and not running:
                    self._on_end()
                was_running = running
                self.consider()
            except Exception:
                logger.exception("The training schedule could not decide")


def training_lock(path: Path, *, wait_s: float = 0) -> FileLock:
    """Held by a training for as long as it runs; entering it while another runs raises filelock.Timeout."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(path, timeout=wait_s)
