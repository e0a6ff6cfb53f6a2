"""A writer of DICOM films."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy.typing as npt
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import (
    ComputedRadiographyImageStorage,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    SecondaryCaptureImageStorage,
    generate_uid,
)

SOP_CLASSES = {"CR": ComputedRadiographyImageStorage, "DX": DigitalXRayImageStorageForPresentation}


def write_dicom_film(path: Path, values: npt.NDArray[Any], *, compress: str | None = None, **attributes: Any) -> Path:
    """Write a DICOM film with the given attributes over those that every film has; a None leaves one out."""
    meta = FileMetaDataset()
    modality = attributes.get("Modality", "CR")
    meta.MediaStorageSOPClassUID = SOP_CLASSES.get(modality, SecondaryCaptureImageStorage)
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset(path.name, {}, file_meta=meta, preamble=b"\0" * 128)
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
    with warnings.catch_warnings():
        # Values that break their form are meant to.
        warnings.simplefilter("ignore")
        for keyword, value in attributes.items():
            if value is None:
                dataset.pop(keyword, None)
            else:
                setattr(dataset, keyword, value)
    dataset.HighBit = dataset.BitsStored - 1
    if compress is not None:
        dataset.compress(compress)
    dataset.save_as(path)
    return path
