"""Progress tells how long a run will take, as far as can be known, and can be read by others at any time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sagittal.training import Progress, read_progress
from sagittal.training.progress import PROGRESS_FILE, ProgressReport

START = Progress("running", 0.2, None, 1, 5, 10, 40, 2.0, 0.5, None)


def test_the_time_left_follows_from_what_was_done_since_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = 100.0
    monkeypatch.setattr("sagittal.training.progress.time.monotonic", lambda: clock)
    told: list[Progress] = []
    report = ProgressReport(tmp_path / PROGRESS_FILE, told.append)
    report.tell(START)
    assert not report.due()
    clock += 30
    assert report.due()
    report.tell(replace(START, share=0.5))
    # A resumed run had a fifth when it started: three tenths took 30 s, five are left.
    assert [progress.seconds_left for progress in told] == [None, pytest.approx(50)]
    assert read_progress(tmp_path) == told[-1]
    report.end("finished")
    ended = read_progress(tmp_path)
    assert ended is not None
    assert (ended.stage, ended.share, ended.seconds_left) == ("finished", 1.0, 0.0)


def test_without_a_run_or_with_a_damaged_file_there_is_none(tmp_path: Path) -> None:
    assert read_progress(tmp_path) is None
    (tmp_path / PROGRESS_FILE).write_text("{", encoding="utf-8")
    assert read_progress(tmp_path) is None
