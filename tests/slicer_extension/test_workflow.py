"""What the buttons do, on slicer-core's scene and against the real server, and when the server is slow or gone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from SpinoPelvicLib.client import Client
from SpinoPelvicLib.errors import ServerError, ServerGoneError
from SpinoPelvicLib.film import imageIdOn, setImageId
from SpinoPelvicLib.film_logic import SceneFilmLogic
from SpinoPelvicLib.outbox import Outbox
from SpinoPelvicLib.replies import Inference, Label, ServerInfo
from SpinoPelvicLib.results import END_PLATE, resultNodes
from SpinoPelvicLib.Testing.SyntheticFilm import LABELS, asPng, drawFilm
from SpinoPelvicLib.workflow import ServerWorkflow


@dataclass
class Desk:
    """The workflow with all that it said."""

    films: SceneFilmLogic
    workflow: ServerWorkflow
    opened: list[Any] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.workflow.filmOpened.connect(self.opened.append)
        self.workflow.said.connect(self.said.append)
        self.workflow.failed.connect(self.failed.append)

    def wait(self, seconds: float = 120) -> None:
        """Poll, as the panel's timer does, until nothing runs."""
        until = time.monotonic() + seconds
        while self.workflow.busy is not None and time.monotonic() < until:
            self.workflow.poll()
            time.sleep(0.005)
        assert self.workflow.busy is None


@pytest.fixture
def desk(slicer: Any, tmp_path: Path) -> Any:
    films = SceneFilmLogic()
    workflow = ServerWorkflow(films, tmp_path / "waiting")
    yield Desk(films, workflow)
    workflow.close()
    films.close()


# --- the real server


def test_connect_next_segment_correct_submit_and_next(desk: Desk, sagittal_server: Any) -> None:
    desk.workflow.connect(sagittal_server.url, "")
    desk.wait()
    server = desk.workflow.server
    assert server.connected
    assert (server.name, server.versionNote) == ("Sagittal", "")
    assert server.canSkip
    assert server.films is not None
    assert server.training is not None
    assert not server.training.running
    assert server.training.trainAfter == 1000

    desk.workflow.nextFilm("random")
    desk.wait()
    (film,) = desk.opened
    assert not desk.workflow.mustSend(film)
    assert desk.workflow.whyNotSubmit(film) == "Segment a film first."
    desk.workflow.segment(film, "spine")
    desk.wait()
    assert not desk.failed
    assert desk.opened[-1] is film
    sheet = desk.films.sheet(film)
    assert sheet.rows
    assert any(row.interval for row in sheet.rows)

    desk.films.watch(film)
    node = resultNodes(film, END_PLATE)[0]
    x, y, z = node.GetNthControlPointPosition(0)
    node.InvokeEvent(node.PointStartInteractionEvent)
    node.SetNthControlPointPosition(0, x + 1, y + 1, z)
    node.InvokeEvent(node.PointEndInteractionEvent)
    assert desk.workflow.whyNotSubmit(film) == ""
    imageId = imageIdOn(server.address, film)
    try:
        desk.workflow.submit(film, "random")
        desk.wait()
        assert not desk.failed
        acknowledged = next(text for text in desk.said if "has the label" in text)
        assert server.version in acknowledged
        assert "of 1000 new labels wait" in acknowledged
        assert desk.opened[-1] is not film
        assert imageIdOn(server.address, desk.opened[-1]) != imageId
    finally:
        import requests

        requests.delete(f"{sagittal_server.url}/datastore/label", params={"id": imageId, "tag": "final"}, timeout=60)


def test_a_film_is_skipped_with_a_reason(desk: Desk, sagittal_server: Any) -> None:
    import requests

    desk.workflow.connect(sagittal_server.url, "")
    desk.wait()
    desk.workflow.nextFilm("random")
    desk.wait()
    film = desk.opened[-1]
    imageId = imageIdOn(desk.workflow.server.address, film)
    try:
        desk.workflow.skip(film, "hips are cut off", "random")
        desk.wait()
        assert not desk.failed
        assert imageIdOn(desk.workflow.server.address, desk.opened[-1]) != imageId
        desk.workflow.refresh()
        until = time.monotonic() + 30
        while desk.workflow.server.skipped != 1 and time.monotonic() < until:
            desk.workflow.poll()
            time.sleep(0.01)
        assert desk.workflow.server.skipped == 1
    finally:
        requests.delete(f"{sagittal_server.url}/sagittal/skip", params={"image": imageId}, timeout=60)


def test_a_batch_goes_on_after_a_film_that_is_none(desk: Desk, sagittal_server: Any, tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_text("no film")
    desk.workflow.connect(sagittal_server.url, "")
    desk.wait()
    seen = []
    desk.workflow.batchChanged.connect(lambda items: seen.append([item.status for item in items]))
    paths = [sagittal_server.studies / "sim-11.png", tmp_path / "broken.png", sagittal_server.studies / "sim-12.png"]
    desk.workflow.runBatch(paths, "bilunet")
    assert desk.workflow.busy is not None
    desk.wait()
    assert seen[-1] == ["done", "failed", "done"]
    assert ["done", "failed", "running"] in seen
    items = desk.workflow._batch.items  # type: ignore[union-attr]
    assert "cannot be read as a film" in items[1].note
    lines = desk.workflow.batchCsv().splitlines()
    assert len(lines) == 1 + sum(len(desk.films.sheet(items[k].node).rows) for k in (0, 2))
    client = Client(sagittal_server.url)
    for k in (0, 2):
        client.removeFilm(str(imageIdOn(client.address, items[k].node)))


def test_train_now_starts_a_training_that_the_status_tells(desk: Desk, sagittal_server: Any) -> None:
    import requests

    desk.workflow.connect(sagittal_server.url, "")
    desk.wait()
    try:
        desk.workflow.trainNow("bilunet")
        desk.wait()
        assert not desk.failed
        client = Client(sagittal_server.url)
        training = client.info().training
        assert training is not None
        assert training.running
        with pytest.raises(ServerError, match="busy"):
            client.train("bilunet")
    finally:
        requests.delete(f"{sagittal_server.url}/train/", timeout=60)


def test_a_server_that_dies_while_it_segments_is_told_and_the_film_can_be_segmented_again(
    desk: Desk, start_sagittal_server: Any, tmp_path: Path
) -> None:
    from conftest import write_simulated_films

    studies = tmp_path / "studies"
    studies.mkdir()
    write_simulated_films(studies, (11,))
    with start_sagittal_server(studies, {}) as server:
        desk.workflow.connect(server.url, "")
        desk.wait()
        desk.workflow.nextFilm("random")
        desk.wait()
        desk.workflow.segment(desk.opened[-1], "mbnet")
    desk.wait()
    # The server may have answered before it died.
    assert desk.films.hasResult(desk.opened[0]) or "No server answers" in desk.failed[-1]
    desk.workflow.segment(desk.opened[0], "mbnet")
    desk.wait()
    assert "No server answers" in desk.failed[-1]


# --- servers that are slow or gone


class FakeClient:
    """A server's answers without a server: what it holds back until `let_go` is set, or refuses."""

    def __init__(self, address: str, _token: str, fault: Exception | None = None) -> None:
        self.address = address
        self.fault = fault
        self.let_go = threading.Event()
        self.let_go.set()
        self.submitted: list[tuple[str, Mapping[str, Any]]] = []
        self.drawn = drawFilm()

    def info(self, cancelled: threading.Event | None = None) -> ServerInfo:
        return ServerInfo("Sagittal", "0.0.1", (), {"spine": LABELS}, (), 1, 0, tellsStatus=True)

    def infer(
        self, model: str, imageId: str, known: Mapping[str, Label] | None = None, cancelled: Any = None
    ) -> Inference:
        assert self.let_go.wait(20)
        return self.drawn.inference()

    def uploadFilm(self, imageId: str, path: Path, cancelled: Any = None) -> str:
        return imageId

    def submitLabel(self, imageId: str, path: Path, params: Mapping[str, Any], cancelled: Any = None) -> Any:
        if self.fault is not None:
            raise self.fault
        assert path.read_bytes().startswith(b"NRRD")
        self.submitted.append((imageId, params))
        return {"image": imageId}


@pytest.fixture
def offline(slicer: Any, tmp_path: Path) -> Any:
    """A desk whose server is a FakeClient, and that client."""
    films, clients = SceneFilmLogic(), []

    def create(address: str, token: str) -> FakeClient:
        clients.append(FakeClient(address, token))
        return clients[-1]

    workflow = ServerWorkflow(films, tmp_path / "waiting", create)  # type: ignore[arg-type]
    desk = Desk(films, workflow)
    workflow.connect("http://server", "secret")
    desk.wait(5)
    yield desk, clients[-1], clients
    workflow.close()
    films.close()


def measured(desk: Desk, tmp_path: Path) -> Any:
    (tmp_path / "film.png").write_bytes(asPng(drawFilm().pixels))
    film = desk.films.loadFilm(tmp_path / "film.png")
    desk.workflow.segment(film, "spine")
    desk.wait(20)
    assert not desk.failed
    return film


def test_the_main_thread_is_free_and_cancel_works_while_a_slow_server_segments(offline: Any, tmp_path: Path) -> None:
    desk, client, _clients = offline
    (tmp_path / "film.png").write_bytes(asPng(client.drawn.pixels))
    film = desk.films.loadFilm(tmp_path / "film.png")
    client.let_go.clear()
    desk.workflow.segment(film, "spine")
    longest = 0.0
    for _ in range(30):
        began = time.monotonic()
        desk.workflow.poll()
        longest = max(longest, time.monotonic() - began)
        time.sleep(0.01)
    assert longest < 0.1
    assert desk.workflow.busy is not None
    desk.workflow.cancel()
    assert desk.workflow.busy is None
    client.let_go.set()
    time.sleep(0.1)
    desk.workflow.poll()
    assert not desk.films.hasResult(film)
    assert desk.said[-1] == "Cancelled."


def test_a_label_is_kept_while_the_server_is_gone_and_sent_at_the_next_connect(offline: Any, tmp_path: Path) -> None:
    desk, client, clients = offline
    film = measured(desk, tmp_path)
    setImageId("http://server", film, "JANE DOE 1970")
    client.fault = ServerGoneError("gone")
    desk.workflow.submit(film, "")
    desk.wait(10)
    assert not desk.failed
    assert desk.workflow.server.waiting == 1
    assert "kept on this computer" in desk.said[-1]
    names = " ".join(str(path.relative_to(tmp_path)) for path in (tmp_path / "waiting").rglob("*"))
    assert "JANE" not in names

    desk.workflow.connect("http://elsewhere", "")
    desk.wait(10)
    assert desk.workflow.server.waiting == 1
    desk.workflow.connect("http://server", "")
    desk.wait(10)
    desk.wait(10)
    assert desk.workflow.server.waiting == 0
    ((imageId, params),) = clients[-1].submitted
    assert imageId == "JANE DOE 1970"
    assert {entry["name"]: entry["idx"] for entry in params["label_info"]} == {n: v.value for n, v in LABELS.items()}
    assert params["sagittal"]["landmarks"]["L5"]["superior_anterior"]
    assert "secret" not in str(params)


def test_a_label_that_the_server_refuses_is_an_error_and_not_kept(offline: Any, tmp_path: Path) -> None:
    desk, client, _clients = offline
    film = measured(desk, tmp_path)
    client.fault = ServerError("the label does not fit the film")
    desk.workflow.submit(film, "random")
    desk.wait(10)
    assert "does not fit the film" in desk.failed[0]
    assert desk.workflow.server.waiting == 0
    assert desk.workflow.whyNotSubmit(film) == ""


def test_a_server_of_another_version_is_told(offline: Any) -> None:
    desk, _client, _clients = offline
    assert desk.workflow.server.versionNote == "" or "different versions" in desk.workflow.server.versionNote


def test_the_token_is_nowhere_in_the_scene_or_the_outbox(offline: Any, slicer: Any, tmp_path: Path) -> None:
    desk, client, _clients = offline
    film = measured(desk, tmp_path)
    client.fault = ServerGoneError("gone")
    desk.workflow.submit(film, "")
    desk.wait(10)
    slicer.mrmlScene.SetURL(str(tmp_path / "scene.mrml"))
    slicer.mrmlScene.Commit(str(tmp_path / "scene.mrml"))
    for path in (p for p in tmp_path.rglob("*") if p.is_file()):
        assert b"secret" not in path.read_bytes()


def test_cancelling_a_batch_leaves_the_rest_undone(offline: Any, tmp_path: Path) -> None:
    desk, client, _clients = offline
    paths = []
    for k in range(3):
        paths.append(tmp_path / f"film-{k}.png")
        paths[-1].write_bytes(asPng(client.drawn.pixels))
    done: Callable[[], list[str]] = lambda: [item.status for item in desk.workflow._batch.items]  # noqa: E731
    desk.workflow.runBatch(paths, "spine")
    until = time.monotonic() + 20
    while "done" not in done() and time.monotonic() < until:
        desk.workflow.poll()
        time.sleep(0.005)
    client.let_go.clear()
    desk.workflow.cancel()
    client.let_go.set()
    assert done() == ["done", "cancelled", "cancelled"]
    assert desk.workflow.busy is None


def test_of_two_labels_of_a_film_the_last_is_kept(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "waiting")
    (tmp_path / "label.nrrd").write_bytes(b"first")
    outbox.keep("http://a", "film", tmp_path / "label.nrrd", {"k": 1})
    (tmp_path / "label.nrrd").write_bytes(b"second")
    outbox.keep("http://a", "film", tmp_path / "label.nrrd", {"k": 2})
    outbox.keep("http://b", "film", tmp_path / "label.nrrd", {"k": 3})
    (entry,) = Outbox(tmp_path / "waiting").waiting("http://a")
    assert (entry.label.read_bytes(), entry.params) == (b"second", {"k": 2})
    (tmp_path / "waiting" / ".unfinished-1").mkdir()
    (tmp_path / "waiting" / "damaged").mkdir()
    assert len(outbox.waiting()) == 2
    outbox.remove(entry)
    assert [left.address for left in outbox.waiting()] == ["http://b"]


def test_a_scene_film_of_several_slices_is_not_sent(offline: Any, slicer: Any) -> None:
    desk, _client, _clients = offline
    volume = slicer.util.addVolumeFromArray(np.zeros((3, 8, 8), np.uint8), name="CT")
    desk.workflow.segment(volume, "spine")
    assert "3 slices or frames, not one film" in desk.failed[0]
