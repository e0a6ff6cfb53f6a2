"""A picture without symmetry, and a writer of DICOM films."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from dicom_films import write_dicom_film

DicomWriter = Callable[..., Path]


@pytest.fixture
def picture() -> npt.NDArray[np.uint8]:
    """(40, 30) uint8 from 0 to 255: darkest top left, brightest bottom right, no two rows or columns alike."""
    rows, columns = np.mgrid[:40, :30]
    return np.round(255 * (rows * 31 + columns * 7) / (39 * 31 + 29 * 7)).astype(np.uint8)


@pytest.fixture
def write_dicom(tmp_path: Path) -> DicomWriter:
    """Writes a DICOM film with the given attributes over those that every film has."""

    def write(values: npt.NDArray[Any], *, name: str = "film.dcm", **attributes: Any) -> Path:
        return write_dicom_film(tmp_path / name, values, **attributes)

    return write
