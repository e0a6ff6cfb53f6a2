"""The spacing rules of DICOM films, in their order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from sagittal.films import SpacingRule, read_film

DicomWriter = Callable[..., Path]
Picture = npt.NDArray[np.uint8]


@pytest.mark.parametrize(
    ("attributes", "rule", "spacing"),
    [
        (
            {"PixelSpacing": [0.14, 0.14], "PixelSpacingCalibrationType": "GEOMETRY"},
            SpacingRule.CALIBRATED,
            (0.14, 0.14),
        ),
        (
            {
                "PixelSpacing": [0.14, 0.14],
                "ImagerPixelSpacing": [0.14, 0.14],
                "PixelSpacingCalibrationType": "FIDUCIAL",
            },
            SpacingRule.CALIBRATED,
            (0.14, 0.14),
        ),
        ({"PixelSpacing": [0.13, 0.13], "ImagerPixelSpacing": [0.15, 0.15]}, SpacingRule.CALIBRATED, (0.13, 0.13)),
        ({"PixelSpacing": [0.15, 0.15], "ImagerPixelSpacing": [0.15, 0.15]}, SpacingRule.DETECTOR_PLANE, (0.15, 0.15)),
        (
            {"PixelSpacing": [0.143, 0.143], "ImagerPixelSpacing": [0.1431, 0.1431]},
            SpacingRule.DETECTOR_PLANE,
            (0.143,) * 2,
        ),
        (
            {"ImagerPixelSpacing": [0.15, 0.15], "EstimatedRadiographicMagnificationFactor": "1.25"},
            SpacingRule.MAGNIFICATION_CORRECTED,
            (0.12, 0.12),
        ),
        ({"ImagerPixelSpacing": [0.15, 0.15]}, SpacingRule.DETECTOR_PLANE, (0.15, 0.15)),
        ({"PixelSpacing": [0, 0], "ImagerPixelSpacing": [0.15, 0.15]}, SpacingRule.DETECTOR_PLANE, (0.15, 0.15)),
        ({"PixelSpacing": [0.2, 0.2]}, SpacingRule.UNCERTAIN, (0.2, 0.2)),
        ({"PixelSpacing": [0.2, 0.2], "Modality": "OT"}, SpacingRule.UNCERTAIN, (0.2, 0.2)),
        ({"PixelSpacing": [0.2, 0.2], "ImagerPixelSpacing": [0, 0]}, SpacingRule.UNCERTAIN, (0.2, 0.2)),
        ({"PixelSpacing": [0, 0]}, SpacingRule.NONE, None),
        ({"PixelSpacing": [-0.2, 0.2]}, SpacingRule.NONE, None),
        ({"PixelSpacing": [0, 0], "PixelSpacingCalibrationType": "GEOMETRY"}, SpacingRule.NONE, None),
        ({"PixelSpacing": None}, SpacingRule.NONE, None),
        ({}, SpacingRule.NONE, None),
    ],
)
def test_the_first_rule_that_applies_gives_the_spacing(
    picture: Picture,
    write_dicom: DicomWriter,
    attributes: dict[str, Any],
    rule: SpacingRule,
    spacing: tuple[float, float] | None,
) -> None:
    film = read_film(write_dicom(picture, **{"Modality": "DX", **attributes}))
    assert film.spacing_rule is rule
    assert film.spacing_mm == (None if spacing is None else pytest.approx(spacing))
    assert film.pixel_aspect == ((1.0, 1.0) if spacing is None else pytest.approx(spacing))


def test_the_spacing_is_row_then_column_and_the_affine_column_then_row(
    picture: Picture, write_dicom: DicomWriter
) -> None:
    film = read_film(write_dicom(picture, PixelSpacing=[0.3, 0.2]))
    assert film.spacing_mm == (0.3, 0.2)
    np.testing.assert_array_equal(film.affine, np.diag([0.2, 0.3, 1, 1]))


def test_an_impossible_magnification_is_left_out_and_said(picture: Picture, write_dicom: DicomWriter) -> None:
    film = read_film(
        write_dicom(picture, ImagerPixelSpacing=[0.15, 0.15], EstimatedRadiographicMagnificationFactor="0.5")
    )
    assert film.spacing_rule is SpacingRule.DETECTOR_PLANE
    assert film.spacing_mm == (0.15, 0.15)
    assert "impossible" in film.warnings[0]


def test_the_pixel_aspect_ratio_serves_angles_where_there_is_no_spacing(
    picture: Picture, write_dicom: DicomWriter
) -> None:
    film = read_film(write_dicom(picture, PixelAspectRatio=[4, 3]))
    assert film.spacing_mm is None
    assert film.pixel_aspect == pytest.approx((4 / 3, 1))
