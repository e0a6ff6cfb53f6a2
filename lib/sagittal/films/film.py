"""The film type."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sagittal.anatomy.landmarks import Side
from sagittal.header import SpacingRule


@dataclass(frozen=True)
class Identity:
    """Whose film it is. Only `name` (the file's stem) may appear in logs.

    `pseudonym` is what the user calls the patient, and only that may tell in results whose film it is.
    """

    name: str
    path: Path | None
    subject: str | None = None
    study_uid: str | None = None
    series_uid: str | None = None
    instance_uid: str | None = None
    age_years: float | None = None
    pseudonym: str | None = None


@dataclass(frozen=True, eq=False)
class Film:
    """One lateral X-ray.

    `pixels` is (rows, columns) float32, bone bright (MONOCHROME2 sense), in display values 0..1 after modality and
    VOI transforms. `spacing_mm` is (row, column) in mm, None where the film has none. `pixel_aspect` is
    (row, column) relative pixel size for angles: `spacing_mm` where there is one, else the file's aspect, else (1, 1).
    `affine` (4, 4) maps (column, row, slice) to mm in LPS, for label maps that overlay the film exactly.
    `anterior` is the side the patient faces where the file says so, else None (the anatomy finds it). `view_doubt` is
    why by its header the film is no lateral lumbar one, None where the header says nothing of the kind.
    """

    pixels: npt.NDArray[np.float32]
    spacing_mm: tuple[float, float] | None
    spacing_rule: SpacingRule
    pixel_aspect: tuple[float, float]
    affine: npt.NDArray[np.float64]
    anterior: Side | None
    identity: Identity
    warnings: tuple[str, ...] = ()
    view_doubt: str | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @property
    def length_spacing_mm(self) -> tuple[float, float] | None:
        """`spacing_mm` where lengths in mm can be trusted, else None."""
        return self.spacing_mm if self.spacing_rule.is_true_to_patient else None
