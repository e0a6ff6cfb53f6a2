"""What an importer finds in a foreign set, and what it reads of each film."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sagittal.anatomy.landmarks import Landmarks
from sagittal.films import Film

RASTERS = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".gif", ".jp2"})
VOLUMES = frozenset({".nrrd", ".nii", ".gz", ".dcm"})


class AnnotationError(ValueError):
    """What a foreign set says of a film cannot be used; the text says why and never holds a folder's name."""


class SourceError(ValueError):
    """A source is not of its kind at all: nothing is imported."""


@dataclass(frozen=True, eq=False)
class Annotation:
    """What a foreign set says of one film.

    `mask` is (rows, columns) uint8 of class ids on the film's grid; `landmarks` are in its pixels (pixel centres at
    integers); None where the set has none. `parameters` are the set's own values by our names. `spacing_mm` (row,
    column) comes with its source. `facts` is kept as it is.
    """

    mask: npt.NDArray[np.uint8] | None = None
    landmarks: Landmarks | None = None
    parameters: Mapping[str, float | None] = field(default_factory=dict)
    spacing_mm: tuple[float, float] | None = None
    spacing_source: str | None = None
    sex: str | None = None
    age_years: float | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class SourceFilm:
    """A film that was found but not yet read.

    `file` names it within the source, `files` are all that it is made from, `detail` what else it depends on. `image`
    gives the bytes of its image file. `read` takes the decoded film; it raises AnnotationError or FilmError.
    """

    file: str
    subject: str
    files: tuple[Path, ...]
    image: Callable[[], bytes]
    read: Callable[[Film], Annotation]
    detail: str = ""


@dataclass(frozen=True)
class Skipped:
    """What was left out (a file within the source, a row of a table), and why."""

    file: str
    reason: str


Found = Iterator[SourceFilm | Skipped]


def files_of(folder: Path) -> list[Path]:
    """All visible files under a folder, in an order that does not depend on the disk.

    Raises:
        SourceError: the folder cannot be listed.
    """
    try:
        found = [path for path in folder.rglob("*") if path.is_file()]
    except OSError as error:
        raise SourceError(f"{folder}: cannot be listed: {error.strerror}") from error
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))


def is_image(path: Path) -> bool:
    """Whether a file is named like an image."""
    return path.suffix.lower() in RASTERS | VOLUMES


def within(path: Path, folder: Path) -> str:
    """A file's name within the source, the same on every system."""
    return path.relative_to(folder).as_posix()


_VISIT = re.compile(r"^(\d+)_[os]$")


def subject_of(stem: str) -> str:
    """Whose film it is: `0271_o` before and `0271_s` after surgery are one subject's, any other name its own."""
    match = _VISIT.match(stem)
    return match.group(1) if match else stem
