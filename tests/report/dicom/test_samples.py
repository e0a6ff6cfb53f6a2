"""DICOM results of films as hospitals have them: compressions, polarities, spacings and gaps of every kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
import pytest
from dicom_cases import drawn_mask, with_intervals
from pydicom import dcmread
from sagittal.anatomy.definitions import default_definitions
from sagittal.films import read_film
from sagittal.inference import inspect_mask
from sagittal.report import Extra, write_inspection
from sagittal.report.segments import segments_of
from skimage.transform import resize

# MONOCHROME1 with both spacings; RLE; spacing of zero, lossy without a method; JPEG Extended of 12 bits; no spacing.
SAMPLES = ["dx_image.dcm", "RG2_RLE", "RG1_J2KI", "RG3_JPLY", "RG3_J2KR", "SC_rgb.dcm"]


@pytest.mark.parametrize("name", SAMPLES)
def test_every_pixel_comes_back_and_the_validators_find_no_error(
    shared_data: Path, tmp_path: Path, dciodvfy: Callable, dsrdump: Callable, name: str
) -> None:
    film = read_film(shared_data / "dicom" / name)
    mask = resize(drawn_mask(), film.shape, order=0, preserve_range=True, anti_aliasing=False).astype(np.uint8)
    inspection = replace(with_intervals(inspect_mask(film, mask), 1.5), model="bilunet")
    paths = write_inspection(inspection, tmp_path, also=(Extra.DICOM_SEG, Extra.DICOM_SR)).extras

    source: Any = dcmread(film.identity.path, stop_before_pixels=True)
    read = hd.seg.segread(paths[Extra.DICOM_SEG])
    masks = read.get_pixels_by_source_instance([source.SOPInstanceUID], combine_segments=False)[0]
    segments = segments_of(inspection.measurement, film.pixel_aspect, default_definitions())
    # Squeezed into a film of another shape a head may lie where none can.
    assert len(segments) >= 6
    for number, segment in enumerate(segments):
        np.testing.assert_array_equal(masks[..., number], segment.mask)
    assert hd.sr.srread(paths[Extra.DICOM_SR]).StudyInstanceUID == source.StudyInstanceUID
    assert dciodvfy(paths[Extra.DICOM_SEG]) == []
    assert dciodvfy(paths[Extra.DICOM_SR]) == []
    assert "Imaging Measurement Report" in dsrdump(paths[Extra.DICOM_SR])
