"""Simulated films for a first try, offered by Slicer's Sample Data module."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from .translation import _

CATEGORY = "SpinoPelvic"
_FOLDER = Path(__file__).parents[1] / "Resources" / "SampleData"
# Made by the project's own simulator (seeds 8 and 10, 720 rows): nobody's film.
FILMS = {
    "SimulatedLateralFilmFacingLeft": _FOLDER / "SimulatedFacingLeft.jpg",
    "SimulatedLateralFilmFacingRight": _FOLDER / "SimulatedFacingRight.jpg",
}


def registerSampleData(loadFilm: Callable[[Path, str], Any]) -> None:
    """Offer the films; `loadFilm(path, name)` adds one to the scene. Nothing where there is no Sample Data module."""
    try:
        from SampleData import SampleDataLogic
    except ImportError:
        return
    for name, path in FILMS.items():
        SampleDataLogic.registerCustomSampleDataSource(
            category=CATEGORY,
            sampleName=name,
            sampleDescription=_("A simulated lateral X-ray of the lumbar spine. Not for clinical use."),
            thumbnailFileName=str(path),
            uris=path.as_uri(),
            fileNames=path.name,
            nodeNames=name,
            customDownloader=_loader(loadFilm, path, name),
        )


def _loader(loadFilm: Callable[[Path, str], Any], path: Path, name: str) -> Callable[[Any], list[Any]]:
    return lambda _source: [loadFilm(path, name)]
