"""A picture without symmetry, and a writer of DICOM films."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import (
    ComputedRadiographyImageStorage,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    SecondaryCaptureImageStorage,
    generate_uid,
)

SOP_CLASSES = {"CR": ComputedRadiographyImageStorage, "DX": DigitalXRayImageStorageForPresentation}

DicomWriter = Callable[..., Path]


@pytest.fixture
def picture() -> npt.NDArray[np.uint8]:
    """(40, 30) uint8 from 0 to 255: darkest top left, brightest bottom right, no two rows or columns alike."""
    rows, columns = np.mgrid[:40, :30]
    return np.round(255 * (rows * 31 + columns * 7) / (39 * 31 + 29 * 7)).astype(np.uint8)


@pytest.fixture
def write_dicom(tmp_path: Path) -> DicomWriter:
    """Writes a DICOM film with the given attributes over those that every film has."""

    def write(
        values: npt.NDArray[Any], *, name: str = "film.dcm", compress: str | None = None, **attributes: Any
    ) -> Path:
        meta = FileMetaDataset()
        modality = attributes.get("Modality", "CR")
        meta.MediaStorageSOPClassUID = SOP_CLASSES.get(modality, SecondaryCaptureImageStorage)
        meta.MediaStorageSOPInstanceUID = generate_uid()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset = FileDataset(name, {}, file_meta=meta, preamble=b"\0" * 128)
        dataset.is_little_endian, dataset.is_implicit_VR = True, False
        dataset.SOPClassUID, dataset.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
        dataset.Modality, dataset.PatientID = modality, "somebody"
        dataset.StudyInstanceUID, dataset.SeriesInstanceUID = generate_uid(), generate_uid()
        dataset.Rows, dataset.Columns = values.shape[-2:] if values.shape[-1] != 3 else values.shape[-3:-1]
        dataset.SamplesPerPixel = 3 if values.shape[-1] == 3 else 1
        if dataset.SamplesPerPixel == 3:
            dataset.PlanarConfiguration = 0
        dataset.PhotometricInterpretation = "RGB" if dataset.SamplesPerPixel == 3 else "MONOCHROME2"
        dataset.BitsAllocated = dataset.BitsStored = values.dtype.itemsize * 8
        dataset.PixelRepresentation = int(values.dtype.kind == "i")
        dataset.PixelData = values.tobytes()
        for keyword, value in attributes.items():
            setattr(dataset, keyword, value)
        dataset.HighBit = dataset.BitsStored - 1
        if compress is not None:
            dataset.compress(compress)
        path = tmp_path / name
        dataset.save_as(path)
        return path

    return write
