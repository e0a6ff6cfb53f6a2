"""A MONAI Label server in a process of its own, and what the demonstration asks it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from requests_toolbelt.multipart.decoder import MultipartDecoder

from sagittal.cli.serve import SERVER_SETTINGS, server_command

START_SECONDS = 240
ANSWER_SECONDS = 300
STOP_SECONDS = 15


class ServerError(RuntimeError):
    """The server does not start, has died or answers with an error."""


@dataclass(frozen=True)
class Reply:
    """What the server answers to an inference: its JSON and the label map's file content (NRRD)."""

    params: dict[str, Any]
    label_map: bytes


@dataclass(frozen=True)
class Server:
    """A running server at `url`; its output goes to `log`."""

    url: str
    log: Path
    session: requests.Session

    def infer(self, model: str, film_id: str) -> Reply:
        """Ask a model for a film of the server's folder.

        Raises:
            ServerError: the server answers with an error or not at all.
        """
        try:
            reply = self.session.post(
                f"{self.url}/infer/{model}", params={"image": film_id, "output": "all"}, timeout=ANSWER_SECONDS
            )
        except requests.RequestException as error:
            raise ServerError(f"the server does not answer ({type(error).__name__}); see {self.log}") from error
        if reply.status_code != requests.codes.ok:
            raise ServerError(f"{model} answers {reply.status_code} for {film_id}: {reply.text[:500]}; see {self.log}")
        parts = {_part_name(part.headers): part.content for part in MultipartDecoder.from_response(reply).parts}
        return Reply(json.loads(parts["params"]), parts["image"])


@contextmanager
def running_server(app: Path, studies: Path, log: Path) -> Iterator[Server]:
    """Start a server on a free port of 127.0.0.1, wait until it answers, and stop it with all its processes at the end.

    Raises:
        ServerError: it does not start in time or dies while starting; the end of its log is in the message.
    """
    port = _free_port()
    with log.open("wb") as file:
        process = subprocess.Popen(
            server_command(app, studies, "127.0.0.1", port, []),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            env={**os.environ, **SERVER_SETTINGS},
            start_new_session=True,
        )
    session = requests.Session()
    # A proxy of the environment has no business between two processes of one machine.
    session.trust_env = False
    server = Server(f"http://127.0.0.1:{port}", log, session)
    try:
        _wait(server, process)
        yield server
    finally:
        session.close()
        _stop(process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise ServerError(f"the server ended with status {process.returncode}:\n{_log_end(server.log)}")
        try:
            if server.session.get(f"{server.url}/info/", timeout=10).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.5)
    raise ServerError(f"the server did not start within {START_SECONDS} s:\n{_log_end(server.log)}")


def _log_end(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-20:])


def _stop(process: subprocess.Popen[bytes]) -> None:
    for request in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, request)
        except ProcessLookupError:
            return
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue


def _part_name(headers: Any) -> str:
    disposition = headers[b"Content-Disposition"].decode()
    return str(disposition.split('name="')[1].split('"')[0])
