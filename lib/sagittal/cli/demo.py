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
from sagittal.cli.table import result_table, values_of

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
    from sagittal.films.file_format import detect_format, film_name

    read_film(film)
    # The server tells films by their endings, and DICOM files often have none.
    copy = studies / (film_name(film) + detect_format(film).value[0])
    return [DemonstrationFilm(Path(shutil.copy(film, copy)), truth=None)]


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
    """Ask both models; one table holds the geometry of both, MBNet's own values and the true ones."""
    from sagittal.films.file_format import film_name

    # The server's id of a film is its file name without the ending.
    replies = {model: server.infer(model, film_name(shown.path)) for model in ("spine", "mbnet")}
    result, other = (reply.params["result"] for reply in replies.values())
    beside = {"MBNet": values_of(other["parameters"]), "MBNet's own": values_of(other["value_branch"] or {})}
    if shown.truth is not None:
        beside["True"] = shown.truth
    console.print(result_table(result, shown.path.name, name="SpineNet", beside=beside))
    for model, reply in replies.items():
        _write(console, shown.path, reply, results / model)
    console.print()


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
    console.print(str(paths.overlay), soft_wrap=True, markup=False)


def _print_next_steps(console: Console, out: Path) -> None:
    console.print(
        Panel(
            f"Overlays, label maps and JSON:  {out / 'results'}\n"
            "Your own film:                  make demo FILM=path/to/film.png\n"
            "A folder of your films:         make serve STUDIES=path/to/folder\n"
            "3D Slicer: run `cmake -S . -B build/slicer`, add build/slicer/SpinoPelvic to\n"
            "  Edit > Application Settings > Modules > Additional module paths, restart,\n"
            "  open SpinoPelvic while `make serve` runs, connect to http://127.0.0.1:8000\n"
            "  and press Auto-segment spine. More: slicer_extension/README.md",
            title=f"What next ({NOT_FOR_CLINICAL_USE.lower()})",
            title_align="left",
        ),
        markup=False,
    )
