"""Writes an inspection to a folder: JSON, label map and overlay, all three or none."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sagittal.films import FilmError, write_label_map
from sagittal.report.overlay import overlay_png
from sagittal.report.result import result_as_json

if TYPE_CHECKING:
    from sagittal.inference import Inspection


class ReportError(RuntimeError):
    """Results cannot be written where they were asked for."""


@dataclass(frozen=True)
class ReportPaths:
    """Where the files of one film lie."""

    json: Path
    label_map: Path
    overlay: Path


def report_paths(out: Path, name: str) -> ReportPaths:
    """The files that a film of this name gets in a folder."""
    return ReportPaths(out / f"{name}.json", out / f"{name}_labels.nrrd", out / f"{name}.png")


def write_inspection(
    inspection: Inspection, out: Path, *, name: str | None = None, keep: tuple[Path, ...] = ()
) -> ReportPaths:
    """Write `<name>.json`, `<name>_labels.nrrd` and `<name>.png` into `out`, which is made where it is missing.

    `name` is the film's own where none is given. Earlier results of that name are replaced; the film's own file and
    the paths in `keep` never are. The three files appear only when all of them are complete.

    Raises:
        ReportError: the folder cannot be written to, the disk is full, or a result would replace an input file.
    """
    paths = report_paths(out, name or inspection.film.identity.name)
    _refuse_to_replace(paths, [path for path in (inspection.film.identity.path, *keep) if path is not None])
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out, prefix=".sagittal-") as folder:
            parts = report_paths(Path(folder), "result")
            parts.json.write_text(
                json.dumps(result_as_json(inspection), indent=2, allow_nan=False, ensure_ascii=False) + "\n",
                encoding="utf-8",
            )
            write_label_map(parts.label_map, inspection.measurement.label_map, inspection.film)
            parts.overlay.write_bytes(overlay_png(inspection))
            parts.label_map.replace(paths.label_map)
            parts.overlay.replace(paths.overlay)
            parts.json.replace(paths.json)
    except (OSError, FilmError) as error:
        # The label map's own error names a temporary file that says nothing to the reader: what counts is its cause.
        cause = error.__cause__ or error
        why = (isinstance(cause, OSError) and cause.strerror) or cause
        raise ReportError(f"cannot write results to {out}: {why}; free space there or choose another folder") from error
    return paths


def _refuse_to_replace(paths: ReportPaths, inputs: list[Path]) -> None:
    taken = {path.resolve() for path in inputs}
    for path in (paths.json, paths.label_map, paths.overlay):
        if path.resolve() in taken:
            raise ReportError(f"{path} is an input and would be replaced by a result; choose another folder")
