"""Labels that wait for a training are counted once, and survive a restart."""

from pathlib import Path

import pytest
from sagittal.learning import Submissions


class Desk:
    """Someone who labels films, and a server that may be restarted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.restart()

    def restart(self) -> None:
        self.submissions = Submissions(self.folder / "state" / "submissions.json")

    def submit(self, film: str, content: str = "label") -> bool:
        label = self.folder / f"{film}.nrrd"
        label.write_text(content)
        return self.submissions.submit(film, label)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_training_is_due_after_n_films(desk: Desk) -> None:
    desk.submit("a")
    assert not desk.submissions.due(2)
    desk.submit("b")
    assert desk.submissions.due(2)


def test_one_film_submitted_twice_counts_once(desk: Desk) -> None:
    desk.submit("a", "first")
    desk.submit("a", "second thought")
    assert desk.submissions.pending == ("a",)


def test_an_unchanged_label_is_no_new_submission(desk: Desk) -> None:
    desk.submit("a")
    desk.submissions.begin_training()
    desk.submissions.end_training()
    assert not desk.submit("a")
    assert desk.submissions.pending == ()
    assert desk.submit("a", "corrected again")
    assert desk.submissions.pending == ("a",)


def test_the_count_outlives_a_restart(desk: Desk) -> None:
    desk.submit("a")
    desk.restart()
    desk.submit("b")
    assert desk.submissions.pending == ("a", "b")


def test_labels_that_arrive_during_a_training_wait_for_the_next(desk: Desk) -> None:
    desk.submit("a")
    desk.submissions.begin_training()
    desk.submit("b")
    assert not desk.submissions.due(1)
    desk.submissions.end_training()
    assert desk.submissions.due(1)
    assert desk.submissions.pending == ("b",)


def test_labels_that_a_training_still_reads_need_not_wait(desk: Desk) -> None:
    desk.submit("a")
    desk.submissions.begin_training()
    desk.submit("b")
    desk.submissions.absorb({name: desk.folder / f"{name}.nrrd" for name in "ab"})
    desk.submit("c")
    assert desk.submissions.in_training == ("a", "b")
    assert desk.submissions.pending == ("c",)


def test_a_label_that_changes_after_a_training_read_it_waits_again(desk: Desk) -> None:
    desk.submit("a")
    desk.submissions.absorb({"a": desk.folder / "a.nrrd"})
    desk.submit("a", "second thought")
    desk.submissions.end_training()
    assert desk.submissions.pending == ("a",)


def test_a_failed_training_is_tried_again_only_with_another_label(desk: Desk) -> None:
    desk.submit("a")
    desk.submissions.begin_training()
    desk.submissions.fail_training()
    assert desk.submissions.pending == ("a",)
    assert not desk.submissions.due(1)
    desk.submit("b")
    assert desk.submissions.due(2)


def test_films_of_a_training_that_died_with_the_server_wait_again(desk: Desk) -> None:
    desk.submit("a")
    desk.submissions.begin_training()
    desk.restart()
    desk.submissions.recover()
    assert desk.submissions.due(1)


def test_a_damaged_file_is_named(desk: Desk) -> None:
    desk.submit("a")
    path = desk.folder / "state" / "submissions.json"
    path.write_text("{ cut o")
    with pytest.raises(ValueError, match=r"submissions\.json: is not valid JSON"):
        _ = desk.submissions.pending
