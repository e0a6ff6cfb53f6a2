"""Writes an inspection to a folder: JSON, label map, overlay and what else was asked for, all of them or none."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sagittal.films import FilmError, write_label_map
from sagittal.report.error import ReportError
from sagittal.report.extra import ENDINGS, Extra, write_extra
from sagittal.report.overlay import overlay_png
from sagittal.report.result import result_as_json

if TYPE_CHECKING:
    from sagittal.inference import Inspection


@dataclass(frozen=True)
class ReportPaths:
    """Where the files of one film lie, and why an extra that was asked for is not among them."""

    json: Path
    label_map: Path
    overlay: Path
    extras: Mapping[Extra, Path] = field(default_factory=dict)
    left_out: Mapping[Extra, str] = field(default_factory=dict)

    @property
    def files(self) -> tuple[Path, ...]:
        """All of them."""
        return self.json, self.label_map, self.overlay, *self.extras.values()


def report_paths(out: Path, name: str, also: Iterable[Extra] = ()) -> ReportPaths:
    """The files that a film of this name gets in a folder."""
    extras = {extra: out / f"{name}{ENDINGS[extra]}" for extra in Extra if extra in set(also)}
    return ReportPaths(out / f"{name}.json", out / f"{name}_labels.nrrd", out / f"{name}.png", extras)


def write_inspection(
    inspection: Inspection,
    out: Path,
    *,
    name: str | None = None,
    keep: tuple[Path, ...] = (),
    also: Iterable[Extra] = (),
    earlier: Mapping[str, Any] | None = None,
) -> ReportPaths:
    """Write `<name>.json`, `<name>_labels.nrrd` and `<name>.png` into `out`, which is made where it is missing.

    `also` adds `<name>.pdf`, `<name>.seg.nrrd`, `<name>_seg.dcm` or `<name>_sr.dcm`. `name` is the film's own where
    none is given. `earlier` is the JSON of an earlier film of the same patient, for the PDF. Earlier results of that
    name are replaced; the film's own file and the paths in `keep` never are. The files appear only when all of them
    are complete.

    Raises:
        ReportError: the folder cannot be written to, the disk is full, a result would replace an input file, or DICOM
            results are asked for of a film that is no DICOM.
    """
    paths = report_paths(out, name or inspection.film.identity.name, also)
    _refuse_to_replace(paths, [path for path in (inspection.film.identity.path, *keep) if path is not None])
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out, prefix=".sagittal-") as folder:
            parts = report_paths(Path(folder), "result", paths.extras)
            parts.json.write_text(
                json.dumps(result_as_json(inspection), indent=2, allow_nan=False, ensure_ascii=False) + "\n",
                encoding="utf-8",
            )
            write_label_map(parts.label_map, inspection.measurement.label_map, inspection.film)
            parts.overlay.write_bytes(overlay_png(inspection))
            left_out = {
                extra: write_extra(extra, path, inspection, earlier=earlier) for extra, path in parts.extras.items()
            }
            written = ReportPaths(
                paths.json,
                paths.label_map,
                paths.overlay,
                {extra: path for extra, path in paths.extras.items() if left_out[extra] is None},
                {extra: reason for extra, reason in left_out.items() if reason is not None},
            )
            for extra, path in written.extras.items():
                parts.extras[extra].replace(path)
            parts.label_map.replace(paths.label_map)
            parts.overlay.replace(paths.overlay)
            parts.json.replace(paths.json)
    except (OSError, FilmError) as error:
        # The label map's own error names a temporary file that says nothing to the reader: what counts is its cause.
        cause = error.__cause__ or error
        why = (isinstance(cause, OSError) and cause.strerror) or cause
        raise ReportError(f"cannot write results to {out}: {why}; free space there or choose another folder") from error
    return written


def _refuse_to_replace(paths: ReportPaths, inputs: list[Path]) -> None:
    taken = {path.resolve() for path in inputs}
    for path in paths.files:
        if path.resolve() in taken:
            raise ReportError(f"{path} is an input and would be replaced by a result; choose another folder")
