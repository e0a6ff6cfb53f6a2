"""The client against the real server, and against servers that fail in every way."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from SpinoPelvicLib.client import Client
from SpinoPelvicLib.errors import Cancelled, ServerError
from SpinoPelvicLib.film import setImageId
from SpinoPelvicLib.film_logic import SceneFilmLogic
from SpinoPelvicLib.results import END_PLATE, resultNodes
from SpinoPelvicLib.segmentation import exportLabelMap

# --- the real server


@pytest.fixture
def client(sagittal_server: Any) -> Client:
    return Client(sagittal_server.url)


@pytest.fixture
def shown(client: Client, slicer: Any, tmp_path: Path) -> tuple[Any, Any, SceneFilmLogic]:
    """A film of the server in the scene, what the server found on it, and the logic that shows it."""
    logic = SceneFilmLogic()
    film = logic.loadFilm(client.downloadFilm("sim-11", tmp_path), "sim-11")
    setImageId(client.address, film, "sim-11")
    inference = client.infer("bilunet", "sim-11")
    logic.showResult(film, inference)
    return film, inference, logic


def test_info_names_the_servers_models_and_strategies(client: Client) -> None:
    info = client.info()
    assert info.name == "Sagittal"
    assert {"spine", "bilunet", "mbnet"} <= {model.name for model in info.models}
    assert {"random", "most_uncertain"} <= {strategy.name for strategy in info.strategies}
    assert info.films is not None
    assert info.films >= 3


def test_a_film_of_the_server_is_shown_with_its_segments_landmarks_and_table(shown: tuple[Any, Any, Any]) -> None:
    film, inference, logic = shown
    assert film.GetImageData().GetDimensions()[:2] == tuple(reversed(inference.result["film"]["shape"]))
    segmentation = logic.segmentation(film).GetSegmentation()
    names = [segmentation.GetSegment(i).GetName() for i in segmentation.GetSegmentIDs()]
    assert set(names) <= set(inference.labels)
    parameters = inference.result["parameters"]
    assert {row.name: row.status for row in logic.sheet(film).rows} == {
        name: parameter["status"] for name, parameter in parameters.items()
    }
    landmarks = inference.result["landmarks"]
    bodies = [level for level in landmarks if level not in ("S1", "femoral_heads", "hip_axis")]
    assert len(resultNodes(film, END_PLATE)) == 2 * len(bodies) + (landmarks["S1"] is not None)


def test_the_simulated_film_has_all_lumbar_levels_and_the_sacrum(shown: tuple[Any, Any, Any]) -> None:
    film, _, logic = shown
    segmentation = logic.segmentation(film).GetSegmentation()
    names = {segmentation.GetSegment(i).GetName() for i in segmentation.GetSegmentIDs()}
    assert {"L1", "L2", "L3", "L4", "L5", "sacrum"} <= names


def test_the_exported_label_map_is_what_the_server_sent(shown: tuple[Any, Any, Any], tmp_path: Path) -> None:
    from SpinoPelvicLib.segmentation import readLabelMap

    film, inference, _ = shown
    (tmp_path / "sent.nrrd").write_bytes(inference.labelMap)
    np.testing.assert_array_equal(exportLabelMap(film), readLabelMap(tmp_path / "sent.nrrd"))


def test_a_film_from_disk_is_sent_segmented_labelled_and_taken_back(
    client: Client, slicer: Any, sagittal_server: Any, tmp_path: Path
) -> None:
    logic = SceneFilmLogic()
    film = logic.loadFilm(sagittal_server.studies / "sim-12.png", "from disk")
    logic.writeFilm(film, tmp_path / "film.nrrd")
    imageId = client.uploadFilm(f"film-{uuid4().hex}", tmp_path / "film.nrrd")
    try:
        sent = client.infer("bilunet", imageId)
        np.testing.assert_array_equal(sent.result["film"]["shape"], film.GetImageData().GetDimensions()[1::-1])
        assert sent.result["landmarks"] == client.infer("bilunet", "sim-12").result["landmarks"]
        logic.showResult(film, sent)
        params = logic.writeLabel(film, tmp_path / "label.nrrd")
        reply = client.submitLabel(imageId, tmp_path / "label.nrrd", params)
        assert reply["image"] == imageId
        assert client.nextFilm("random") != imageId
    finally:
        client.removeFilm(imageId)
    # The server's list of films follows its folder a little later.
    with pytest.raises(ServerError, match=r"does not have this film|does not exist"):
        client.infer("bilunet", imageId)


def test_a_film_that_the_server_does_not_have_is_named_in_the_error(client: Client, tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="does not have this film or model"):
        client.infer("bilunet", "no-such-film")


# --- servers that fail

Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def _serving(answer: Answer, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """An HTTP server on loopback that answers every request with `answer`."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None: ...

    for method in ("GET", "POST", "PUT", "DELETE"):
        setattr(Handler, f"do_{method}", answer)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"{'https' if context else 'http'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _answering(status: int, body: bytes = b"", **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    return answer


def test_no_server_says_to_check_the_address() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ServerError, match=r"No server answers at http://127.0.0.1:\d+\. Check the address"):
        Client(f"127.0.0.1:{port}").info()


@pytest.mark.parametrize("address", ["", "ftp://host", "http://", "http://user:secret@host", "host:port"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ServerError, match="Enter the server's address"):
        Client(address)


def test_a_server_that_never_answers_is_given_up() -> None:
    with _serving(lambda request: time.sleep(5)) as url:
        start = time.monotonic()
        with pytest.raises(ServerError, match="did not answer in time"):
            Client(url, answerSeconds=0.3).info()
        assert time.monotonic() - start < 3


def test_a_server_that_trickles_is_given_up() -> None:
    def trickle(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "10000000")
        request.end_headers()
        for _ in range(100):
            request.wfile.write(b" " * 70000)
            time.sleep(0.05)

    with _serving(trickle) as url, pytest.raises(ServerError, match="did not answer in time"):
        Client(url, answerSeconds=0.3).info()


def test_a_server_that_goes_away_in_the_middle_is_an_error() -> None:
    def leave(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "1000")
        request.end_headers()
        request.wfile.write(b'{"models": {')

    with _serving(leave) as url, pytest.raises(ServerError):
        Client(url).info()


def test_cancelling_ends_a_request_while_its_answer_comes() -> None:
    cancelled = threading.Event()

    def trickle(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "10000000")
        request.end_headers()
        request.wfile.write(b" " * 70000)
        cancelled.set()
        for _ in range(50):
            request.wfile.write(b" " * 70000)
            time.sleep(0.05)

    with _serving(trickle) as url, pytest.raises(Cancelled):
        Client(url).info(cancelled)


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    )
    try:
        subprocess.run([*command.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed: sudo apt-get install openssl")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with _serving(_answering(200, b"{}"), context) as url, pytest.raises(ServerError, match="certificate of https"):
        Client(url).info()


def test_a_redirect_is_not_followed() -> None:
    with (
        _serving(_answering(200, b'{"models": {}}')) as elsewhere,
        _serving(_answering(302, Location=elsewhere)) as url,
        pytest.raises(ServerError, match="status 302"),
    ):
        Client(url, "secret").info()


def test_the_token_is_sent_and_a_netrc_does_not_replace_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("default login other password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    seen = []

    def answer(request: BaseHTTPRequestHandler) -> None:
        seen.append(request.headers["Authorization"])
        _answering(200, b'{"models": {}}')(request)

    with _serving(answer) as url:
        Client(url, "secret").info()
        Client(url).info()
    assert (set(seen[: len(seen) // 2]), set(seen[len(seen) // 2 :])) == ({"Bearer secret"}, {None})


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (401, b"", "asks for a token"),
        (403, b"", "does not allow this"),
        (429, b"", "busy"),
        (
            422,
            b'{"detail": "the label does not fit the film"}',
            r"cannot use this film or label.*\n.*does not fit the film",
        ),
        (500, b"Internal Server Error", "status 500"),
        (200, b"<html>", "not a MONAI Label server"),
        (200, b'{"name": "something else"}', "not a MONAI Label server"),
    ],
)
def test_a_refusal_says_what_to_do(status: int, body: bytes, message: str) -> None:
    with _serving(_answering(status, body)) as url, pytest.raises(ServerError, match=message) as caught:
        Client(url, "secret").info()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ['attachment; filename="../../evil.png"', "attachment; filename*=UTF-8''b%C3%A4r.png"])
def test_a_film_is_stored_under_a_name_of_our_own(name: str, tmp_path: Path) -> None:
    with _serving(_answering(200, b"film", **{"Content-Disposition": name})) as url:
        path = Client(url).downloadFilm("x", tmp_path)
    assert path == tmp_path / "film.png"
    assert path.read_bytes() == b"film"
