"""`sagittal demo`: a real server measures demonstration films, from start to finish."""

from __future__ import annotations

import json
import shutil
import signal
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.panel import Panel

from sagittal import NOT_FOR_CLINICAL_USE
from sagittal.cli.console import known_errors, output
from sagittal.cli.serve import app_folder
from sagittal.cli.table import result_table

if TYPE_CHECKING:
    from sagittal.cli.client import Reply, Server

FILMS = 3
FIRST_SEED = 2020


@dataclass(frozen=True)
class DemonstrationFilm:
    """A film in the server's folder, and its true parameters where it is a simulated one."""

    path: Path
    truth: Mapping[str, float | None] | None


def demo(
    film: Annotated[Path | None, typer.Option(help="Your film; by default simulated ones.", show_default=False)] = None,
    out: Annotated[Path, typer.Option(help="Folder for films and results.")] = Path("demo"),
) -> None:
    """Start a server on this machine, let it measure films over HTTP, show and write what it finds, and stop it."""
    from sagittal.cli.client import running_server

    # A terminated demonstration must stop its server too.
    signal.signal(signal.SIGTERM, _leave)
    console = output()
    with known_errors():
        out.mkdir(parents=True, exist_ok=True)
        # New for every run: what an earlier one left in the server's folder must not be shown as this one's.
        with tempfile.TemporaryDirectory(dir=out, prefix="studies-") as folder:
            films = _take(film, Path(folder)) if film else _simulate(console, Path(folder))
            console.print("Starting the server (some 10 to 30 seconds) ...")
            with running_server(app_folder(), Path(folder), out / "server.log") as server:
                console.print(f"The server answers at {server.url}\n", markup=False)
                for shown in films:
                    _show(console, server, shown, out / "results")
            console.print("The server is stopped.")
    _print_next_steps(console, out)


def _leave(signum: int, frame: Any) -> NoReturn:
    raise SystemExit(128 + signum)


def _take(film: Path, studies: Path) -> list[DemonstrationFilm]:
    """Copy the user's film where the server looks, after a check that it can be read.

    Raises:
        FilmError: it cannot be read.
    """
    from sagittal.films import read_film

    read_film(film)
    return [DemonstrationFilm(Path(shutil.copy(film, studies / film.name)), truth=None)]


def _simulate(console: Console, studies: Path) -> list[DemonstrationFilm]:
    from sagittal.simulator import load_simulator_config, write_dataset

    console.print(f"Simulating {FILMS} films ...")
    with tempfile.TemporaryDirectory() as folder:
        datalist = write_dataset(load_simulator_config(), Path(folder), FILMS, FIRST_SEED, validation=0)
        entries = json.loads(datalist.read_text(encoding="utf-8"))["training"]
        return [
            DemonstrationFilm(Path(shutil.copy(datalist.parent / entry["image"], studies)), entry["parameters"])
            for entry in entries
        ]


def _show(console: Console, server: Server, shown: DemonstrationFilm, results: Path) -> None:
    """Measure with both models; the table holds MBNet's own values beside those of its geometry."""
    for model in ("bilunet", "mbnet"):
        reply = server.infer(model, _film_id(shown.path))
        result = reply.params["result"]
        console.print(result_table(result, f"{shown.path.name}, measured by {model}", reference=shown.truth))
        _write(console, shown.path, reply, results / model)


def _film_id(path: Path) -> str:
    """The server's id of a film: its file name without the ending."""
    from sagittal.films.file_format import suffix_of

    return path.name[: len(path.name) - len(suffix_of(path))]


def _write(console: Console, path: Path, reply: Reply, folder: Path) -> None:
    """JSON, label map and overlay as `sagittal measure` writes them, from nothing but the server's reply."""
    from sagittal.films import read_film, read_mask
    from sagittal.report import write_inspection
    from sagittal.report.read import inspection_from_json

    film = read_film(path)
    with tempfile.NamedTemporaryFile(suffix=".nrrd") as file:
        file.write(reply.label_map)
        file.flush()
        label_map = read_mask(Path(file.name), film.shape)
    paths = write_inspection(inspection_from_json(reply.params["result"], film, label_map), folder)
    console.print(f"{paths.overlay}\n{paths.json}\n{paths.label_map}\n", soft_wrap=True, markup=False)


def _print_next_steps(console: Console, out: Path) -> None:
    console.print(
        Panel(
            f"Overlays, JSON and label maps:  {out / 'results'}\n"
            "Your own film:                  make demo FILM=path/to/film.png\n"
            "A folder of your films:         make serve STUDIES=path/to/folder\n"
            "3D Slicer:  start the server with `make serve`; in Slicer add the folder\n"
            "            slicer_extension/ under Edit > Application Settings > Modules,\n"
            "            restart, open the SpinoPelvic module, enter http://127.0.0.1:8000,\n"
            '            load a film and press "Auto-segment spine".',
            title=f"What next ({NOT_FOR_CLINICAL_USE.lower()})",
            title_align="left",
        ),
        markup=False,
    )
