"""Requests run elsewhere; their outcomes are handled where the worker is polled."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from SpinoPelvicLib.worker import Worker


def _poll_until(worker: Worker, condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 5
    while not condition() and time.monotonic() < until:
        worker.poll()
        time.sleep(0.001)
    assert condition()


def _never(outcome: object) -> None:
    raise AssertionError(outcome)


def test_the_outcome_is_handled_on_the_thread_that_polls() -> None:
    worker, threads = Worker(), []
    worker.start(
        lambda cancelled: threads.append(threading.current_thread()),
        lambda result: threads.append(threading.current_thread()),
        _never,
    )
    _poll_until(worker, lambda: len(threads) == 2)
    assert threads[0] is not threading.main_thread()
    assert threads[1] is threading.main_thread()
    assert not worker.busy


def test_the_thread_that_polls_is_free_while_a_job_runs() -> None:
    worker, done, ticks = Worker(), [], 0
    worker.start(lambda cancelled: time.sleep(0.3), done.append, _never)
    start = time.monotonic()
    while not done:
        worker.poll()
        ticks += 1
        time.sleep(0.01)
    assert time.monotonic() - start >= 0.3
    assert ticks >= 10


def test_an_error_is_handed_over() -> None:
    worker, errors = Worker(), []

    def fail(cancelled: threading.Event) -> None:
        raise OSError("gone")

    worker.start(fail, _never, errors.append)
    _poll_until(worker, lambda: bool(errors))
    assert str(errors[0]) == "gone"


def test_a_cancelled_job_is_told_so_and_its_outcome_dropped() -> None:
    worker, told = Worker(), threading.Event()

    def wait(cancelled: threading.Event) -> None:
        if cancelled.wait(5):
            told.set()

    worker.start(wait, _never, _never)
    worker.cancel()
    assert not worker.busy
    assert told.wait(5)
    done: list[str] = []
    worker.start(lambda cancelled: "next", done.append, _never)
    _poll_until(worker, lambda: done == ["next"])


def test_a_callback_may_start_the_next_job() -> None:
    worker, done = Worker(), []
    worker.start(lambda cancelled: 1, lambda _: worker.start(lambda cancelled: 2, done.append, _never), _never)
    _poll_until(worker, lambda: done == [2])


def test_two_jobs_at_once_are_refused() -> None:
    worker = Worker()
    worker.start(lambda cancelled: cancelled.wait(5), _never, _never)
    with pytest.raises(RuntimeError, match="a job is running"):
        worker.start(lambda cancelled: None, _never, _never)
    worker.cancel()
