"""What a simulated dataset looks like: a contact sheet and its statistics, beside the datalist."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from sagittal.anatomy.definitions import default_definitions
from sagittal.datasets.landmark_file import read_landmarks
from sagittal.datasets.layout import PARTS
from sagittal.simulator.contact_sheet import contact_sheet
from sagittal.simulator.statistics import film_statistics, statistics_report

SHEET, REPORT = "contact_sheet.png", "statistics.md"
SHOWN, MEASURED = 18, 100


def write_report(datalist: Path) -> tuple[Path, Path]:
    """Write contact_sheet.png of the first films and statistics.md of up to MEASURED films beside a dataset.json.

    Returns:
        The paths of both.

    Raises:
        OSError: a file of the dataset cannot be read, or none can be written there.
    """
    content = json.loads(datalist.read_text(encoding="utf-8"))
    entries = [entry for part in PARTS for entry in content.get(part, ())]
    every = -(-len(entries) // MEASURED)
    figures = [
        film_statistics(_pixels(datalist, entry), read_landmarks(datalist.parent / entry["landmarks"]))
        for entry in entries[::every]
    ]
    sheet, report = datalist.with_name(SHEET), datalist.with_name(REPORT)
    films = [(Path(entry["image"]).stem, _pixels(datalist, entry)) for entry in entries[:SHOWN]]
    cv2.imwrite(str(sheet), contact_sheet(films))
    lines = [
        "# Simulated films",
        "",
        f"{len(entries)} films, {len(figures)} of them measured: median [5th, 95th percentile]. Not for clinical use.",
        f"Instrumented: {np.mean([entry['instrumented'] for entry in entries]):.2f} of them.",
        "",
        *statistics_report({"films": figures}, default_definitions().value_branch),
        "",
    ]
    report.write_text("\n".join(lines), encoding="utf-8")
    return sheet, report


def _pixels(datalist: Path, entry: Mapping[str, Any]) -> npt.NDArray[np.float32]:
    with Image.open(datalist.parent / entry["image"]) as picture:
        return np.asarray(picture, dtype=np.float32) / 255
