"""Training starts by itself when enough labels wait and none runs."""

import sys
from pathlib import Path
from typing import Any

import pytest
from sagittal.learning import Submissions

sys.path.append(str(Path(__file__).parents[2] / "monailabel_app"))
from lib.schedule import TrainingSchedule, training_lock


class Server:
    """A schedule over a folder, with trainings that end when told so."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[dict[str, Any]] = []
        self.lock = training_lock(folder / "training.lock")
        self.restart()

    def restart(self) -> None:
        self.submissions = Submissions(self.folder / "submissions.json")
        self.schedule = TrainingSchedule(
            self.submissions, self.folder / "training.lock", 2, start=self._start, on_end=lambda: None
        )

    def submit(self, *films: str) -> None:
        for film in films:
            (self.folder / film).write_text(film)
            self.submissions.submit(film, self.folder / film)

    def _start(self) -> dict[str, Any]:
        self.started.append({"status": "RUNNING"})
        return self.started[-1]


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


def test_one_label_of_two_starts_nothing(server: Server) -> None:
    server.submit("a")
    assert not server.schedule.consider()


def test_the_second_label_starts_a_training(server: Server) -> None:
    server.submit("a", "b")
    assert server.schedule.consider()
    assert server.submissions.in_training == ("a", "b")


def test_labels_wait_while_a_training_runs_and_start_the_next_when_it_ends(server: Server) -> None:
    with server.lock:
        server.submit("a", "b")
        assert not server.schedule.consider()
        server.restart()
        assert not server.schedule.consider()
        assert server.submissions.pending == ("a", "b")
    assert server.schedule.consider()
    assert len(server.started) == 1


def test_a_training_that_fails_is_not_repeated_for_ever(server: Server) -> None:
    server.submit("a", "b")
    server.schedule.consider()
    assert not server.schedule.consider()
    assert server.submissions.pending == ("a", "b")
    server.submit("c")
    assert server.schedule.consider()


def test_a_training_that_died_with_its_server_starts_again(server: Server) -> None:
    server.submit("a", "b")
    server.schedule.consider()
    server.restart()
    assert server.schedule.consider()
    assert len(server.started) == 2


def test_a_training_that_outlives_its_server_is_not_doubled(server: Server) -> None:
    server.submit("a", "b")
    server.schedule.consider()
    with server.lock:
        server.restart()
        assert not server.schedule.consider()
        # It ends well: it has seen its films.
        server.submissions.end_training()
    assert not server.schedule.consider()
    assert server.submissions.pending == ()
