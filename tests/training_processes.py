"""Trainings in processes of their own, to be killed or to train together.

The processes are forked from a server that has imported the library once: each starts in a moment.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

import torch
from sagittal.datasets import whole_file
from sagittal.training import Progress, TrainingConfig, progress, train


def start(*arguments: Any, **environment: str) -> ForkServerProcess:
    """Start `run(*arguments)` in a process."""
    context: ForkServerContext = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["training_processes"])
    process = context.Process(target=run, args=(environment, *arguments))
    process.start()
    return process


def run(
    environment: dict[str, str],
    config: dict[str, Any],
    datalist: Path,
    out: Path,
    killed_at_step: int = -1,
    killed_writing: str = "",
) -> None:
    """Train; be killed after a step, or when half of the second file of that name is written."""
    os.environ.update(environment)
    torch.set_num_threads(1)
    progress.EVERY_S = 0.0
    if killed_writing:
        _be_killed_while_writing(killed_writing)

    def be_killed(told: Progress) -> None:
        if told.step == killed_at_step:
            os.kill(os.getpid(), signal.SIGKILL)

    train(TrainingConfig.model_validate(config), datalist, out, on_progress=be_killed)


def _be_killed_while_writing(name: str) -> None:
    write, times = whole_file.os.fdopen, 0

    def fdopen(descriptor: int, mode: str) -> Any:
        nonlocal times
        file = write(descriptor, mode)
        if os.readlink(f"/proc/self/fd/{descriptor}").rpartition("/")[2].startswith(f".{name}."):
            times += 1
            if times == 2:
                file.write(b"half of a checkpoint")
                file.flush()
                os.kill(os.getpid(), signal.SIGKILL)
        return file

    whole_file.os.fdopen = fdopen  # type: ignore[assignment]
