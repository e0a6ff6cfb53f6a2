"""`sagittal serve`: the MONAI Label server with Sagittal's app."""

from __future__ import annotations

import os
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

import typer

from sagittal.cli.console import known_errors, print_error

# Both fail in this MONAI Label: the first needs a tracking store, the second starts a process at every request.
SERVER_SETTINGS = {"MONAI_LABEL_TRACKING_ENABLED": "false", "MONAI_LABEL_AUTO_UPDATE_SCORING": "false"}


def serve(
    studies: Annotated[Path, typer.Option(help="Folder of films.")],
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    conf: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="Setting of the app; may be repeated.")
    ] = None,
    app: Annotated[
        Path | None,
        typer.Option(help="The app's folder; by default monailabel_app of the checkout.", show_default=False),
    ] = None,
) -> None:
    """Serve films to 3D Slicer and other MONAI Label clients. Ctrl-C stops it."""
    with known_errors():
        command = server_command(app or app_folder(), studies, host, port, conf or [])
    if not _is_loopback(host):
        print_error(f"warning: {host} can be reached from the network, and the server asks nobody for a password")
    os.environ.update(SERVER_SETTINGS)
    os.execv(sys.executable, command)


def app_folder() -> Path:
    """The checkout's app.

    Raises:
        FileNotFoundError: Sagittal was installed without its checkout.
    """
    folder = Path(__file__).parents[3] / "monailabel_app"
    if not (folder / "main.py").is_file():
        raise FileNotFoundError(f"no MONAI Label app at {folder}; give its folder with --app")
    return folder


def server_command(app: Path, studies: Path, host: str, port: int, conf: list[str]) -> list[str]:
    """The command line that starts the server.

    Raises:
        FileNotFoundError: there is no app or no folder of films.
        ValueError: a setting is not KEY=VALUE.
    """
    if not (app / "main.py").is_file():
        raise FileNotFoundError(f"{app} is no MONAI Label app: it has no main.py")
    if not studies.is_dir():
        raise FileNotFoundError(f"{studies} is no folder; make it and put films into it")
    settings: list[str] = []
    for setting in conf:
        key, equals, value = setting.partition("=")
        if not (key and equals):
            raise ValueError(f"expected --conf KEY=VALUE, got '{setting}'")
        settings += ["--conf", key, value]
    # The `monailabel` script calls whatever python is first on the PATH and breaks paths with blanks.
    module = [sys.executable, "-m", "monailabel.main", "start_server"]
    return [*module, "--app", str(app), "--studies", str(studies), "--host", host, "--port", str(port), *settings]


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
