"""Fixtures shared by all tests."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
import requests

REPOSITORY = Path(__file__).parents[1]
SHARED_DATA = REPOSITORY.parent / "shared" / "data"
SIMULATED_SEEDS = (11, 12, 13)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real films, which may not be shipped; a test that needs it skips where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the folder of real films (../shared/data) is not on this machine")
    return SHARED_DATA


@dataclass(frozen=True)
class SagittalServer:
    """A running MONAI Label server: its address, its folder of films, and the file of all that it printed."""

    url: str
    studies: Path
    log: Path


class StartServer(Protocol):
    def __call__(self, studies: Path, options: Mapping[str, str]) -> AbstractContextManager[SagittalServer]: ...


@pytest.fixture(scope="session")
def start_sagittal_server(tmp_path_factory: pytest.TempPathFactory) -> StartServer:
    """Starts the real server over a folder of films, with the app's options; leaving the context ends it."""

    def start(studies: Path, options: Mapping[str, str]) -> AbstractContextManager[SagittalServer]:
        return _running_server(studies, options, tmp_path_factory.mktemp("server") / "server.log")

    return start


@pytest.fixture(scope="session")
def sagittal_server(
    tmp_path_factory: pytest.TempPathFactory, start_sagittal_server: StartServer
) -> Iterator[SagittalServer]:
    """The real server with the shipped models over a few simulated films sim-*.png; it starts no training."""
    from sagittal.inference import shipped_model

    missing = [name for name in ("spine", "bilunet", "mbnet") if not shipped_model(name).is_file()]
    if missing:
        pytest.skip(f"the shipped weights of {missing} are not in this checkout")
    studies = tmp_path_factory.mktemp("studies")
    write_simulated_films(studies)
    with start_sagittal_server(studies, {"train_after": "1000"}) as server:
        yield server


def write_simulated_films(folder: Path, seeds: tuple[int, ...] = SIMULATED_SEEDS) -> None:
    """Small simulated films `sim-<seed>.png`."""
    import numpy as np
    from PIL import Image
    from sagittal.simulator import load_simulator_config, simulate_film

    for seed in seeds:
        film = simulate_film(load_simulator_config(), seed, rows=512).film
        Image.fromarray(np.round(film.pixels * 255).astype(np.uint8)).save(folder / f"sim-{seed}.png")


@contextmanager
def _running_server(studies: Path, options: Mapping[str, str], log: Path) -> Iterator[SagittalServer]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "monailabel.main", "start_server", "--app", str(REPOSITORY / "monailabel_app")]
    command += ["--studies", str(studies), "--host", "127.0.0.1", "--port", str(port)]
    for name, value in options.items():
        command += ["--conf", name, value]
    with ExitStack() as stack:
        output = stack.enter_context(log.open("wb"))
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, cwd=studies, env=os.environ | {"OMP_NUM_THREADS": "1"}
        )
        stack.callback(_end, process)
        server = SagittalServer(f"http://127.0.0.1:{port}", studies, log)
        _wait_until_it_answers(server, process)
        yield server


def _wait_until_it_answers(server: SagittalServer, process: subprocess.Popen[bytes], patience_s: float = 300) -> None:
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            requests.get(f"{server.url}/info/", timeout=30).raise_for_status()
            return
        except requests.RequestException:
            time.sleep(0.2)
    pytest.fail(f"the server did not answer; its output ends with:\n{server.log.read_text()[-4000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
