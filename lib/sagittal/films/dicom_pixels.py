"""Display values of a DICOM film: decoding, modality transform, VOI transform, polarity."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import SimpleITK
from pydicom.dataset import FileDataset
from pydicom.pixel_data_handlers.util import (
    apply_color_lut,
    apply_modality_lut,
    apply_voi,
    apply_windowing,
    convert_color_space,
)
from pydicom.uid import JPEGExtended12Bit

from sagittal.films.error import FilmError
from sagittal.films.pixels import Pixels, Values, check_contrast, display_values, stretch
from sagittal.header import is_inverted

_GRAY = ("MONOCHROME1", "MONOCHROME2")
_WITHOUT_CONTRAST = 1.5 / 255


def dicom_display_values(path: Path, dataset: FileDataset) -> tuple[Pixels, tuple[str, ...]]:
    """(rows, columns) float32 in 0..1 with bone bright, and warnings.

    The first VOI LUT counts, else the first window, else the values are stretched between percentiles. MONOCHROME1
    and PresentationLUTShape INVERSE say the same thing (DICOM PS3.3, C.8.11.3.1.2), so both together invert once.

    Raises:
        FilmError: the pixels are missing or damaged, their compression cannot be decoded, or they have no contrast.
    """
    stored = _stored_values(path, dataset)
    try:
        if str(dataset.get("PhotometricInterpretation")) not in _GRAY:
            return display_values(_as_rgb(stored, dataset))
        return _gray_display_values(path, stored, dataset)
    except FilmError:
        raise
    except Exception as error:  # Broken LUTs and attributes make pydicom raise almost anything.
        raise FilmError(
            f"{path}: has pixel attributes that do not fit together ({error}); send or export the film again"
        ) from error


def _stored_values(path: Path, dataset: FileDataset) -> Values:
    """Stored values (rows, columns[, channels]), without what lies in unused bits (old overlays, missing signs)."""
    if "TransferSyntaxUID" not in getattr(dataset, "file_meta", {}):
        raise FilmError(f"{path}: does not say how its pixels are stored (no transfer syntax); export the film again")
    try:
        values: Values = dataset.pixel_array
    except Exception as first:  # Decoders raise almost anything.
        values = _decoded_by_gdcm(path, dataset, first)
    if values.dtype.kind not in "iu" or "PixelData" not in dataset:
        return values
    allocated, bits = values.dtype.itemsize * 8, int(dataset.BitsStored)
    high = int(dataset.get("HighBit", bits - 1))
    if not 0 < bits <= high + 1 <= allocated:
        return values
    if dataset.file_meta.TransferSyntaxUID.is_encapsulated and dataset.PixelRepresentation == 0:
        # Lossy decoders overshoot; cutting bits off would turn the brightest pixels black.
        return np.minimum(values, 2**bits - 1)
    return (values << (allocated - 1 - high)) >> (allocated - bits)


def _decoded_by_gdcm(path: Path, dataset: FileDataset, first: Exception) -> Values:
    """Second decoder, for JPEG of 12 bits above all.

    It inverts MONOCHROME1 and applies the rescale by itself, so it is given a copy with neither.
    """
    syntax = dataset.file_meta.TransferSyntaxUID
    fault = f"{path}: its pixels ({syntax.name}) are damaged or cannot be decoded ({first})"
    advice = "send the film again, or uncompressed (Explicit VR Little Endian)"
    if not syntax.is_compressed:
        raise FilmError(f"{fault}; {advice}") from first
    keywords = ("Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "SamplesPerPixel")
    bare = FileDataset("bare", {}, file_meta=dataset.file_meta, preamble=b"\0" * 128)
    bare.is_little_endian, bare.is_implicit_VR = True, False
    for keyword in (*keywords, "SOPClassUID", "SOPInstanceUID", "PixelData"):
        if keyword in dataset:
            bare[keyword] = dataset[keyword]
    bare.PhotometricInterpretation = "MONOCHROME2"
    if syntax == JPEGExtended12Bit and dataset.get("BitsAllocated") == 16:
        # GDCM cuts to the stored bits, and lossy values may lie above them.
        bare.BitsStored, bare.HighBit = 12, 11
    try:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "bare.dcm"
            bare.save_as(copy)
            values: Values = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(copy), imageIO="GDCMImageIO"))
    except Exception as second:
        raise FilmError(f"{fault}; {advice}") from second
    if values.shape != (1, dataset.Rows, dataset.Columns):
        raise FilmError(f"{fault}; {advice}") from first
    return values[0]


def _as_rgb(stored: Values, dataset: FileDataset) -> Values:
    interpretation = str(dataset.PhotometricInterpretation)
    if interpretation == "PALETTE COLOR":
        return apply_color_lut(stored, dataset)
    if interpretation.startswith("YBR_FULL"):
        return convert_color_space(stored, interpretation, "RGB")
    return stored


def _gray_display_values(path: Path, stored: Values, dataset: FileDataset) -> tuple[Pixels, tuple[str, ...]]:
    if stored.ndim != 2:
        raise FilmError(f"{path}: is a grey film with several values a pixel; export the film again")
    warnings: tuple[str, ...] = ()
    values = apply_modality_lut(stored, dataset)
    pixels = _by_voi(values, dataset)
    if pixels is None or np.ptp(pixels) < _WITHOUT_CONTRAST:
        if pixels is not None:
            warnings += ("the file's window leaves no contrast; values were stretched instead",)
        pixels = _stretched(stored, values, dataset)
    check_contrast(path, pixels)
    inverse = str(dataset.get("PresentationLUTShape") or "").upper()
    white_is_low = dataset.PhotometricInterpretation == "MONOCHROME1"
    if inverse and (inverse == "INVERSE") != white_is_low:
        warnings += (
            f"{dataset.PhotometricInterpretation} contradicts PresentationLUTShape {inverse}: taken as inverted",
        )
    if is_inverted(dataset):
        pixels = 1 - pixels
    padding = _padding(stored, dataset)
    # Padding lies outside the exposed field, which is black on a film.
    return np.where(padding, np.float32(0), pixels), warnings


def _by_voi(values: Values, dataset: FileDataset) -> Pixels | None:
    """Values through the first VOI LUT or window, scaled by its own output range; None where there is none."""
    if dataset.get("VOILUTSequence"):
        entries, first = (int(number) for number in dataset.VOILUTSequence[0].LUTDescriptor[:2])
        whole = apply_voi(np.arange(first, first + (entries or 2**16)), dataset).astype(np.float64)
        inputs = np.rint(np.asarray(values, np.float64)).astype(np.int64)
        # pydicom subtracts in the LUT's own unsigned type: inputs beyond its ends would wrap around.
        inputs = np.clip(inputs, first, first + (entries or 2**16) - 1)
        return _scaled(apply_voi(inputs, dataset), float(whole.min()), float(whole.max()))
    if _has_window(dataset):
        low, high = apply_windowing(np.array([-np.inf, np.inf]), dataset)
        return _scaled(apply_windowing(values, dataset), float(low), float(high))
    return None


def _has_window(dataset: FileDataset) -> bool:
    def first(keyword: str) -> float | None:
        value = dataset.get(keyword)
        if value is None or value == "":
            return None
        return float(value[0] if hasattr(value, "__len__") else value)

    center, width = first("WindowCenter"), first("WindowWidth")
    function = str(dataset.get("VOILUTFunction") or "LINEAR").upper()
    return center is not None and width is not None and width > (1 if function == "LINEAR" else 0)


def _scaled(values: Values, low: float, high: float) -> Pixels:
    if high == low:
        return np.zeros(values.shape, np.float32)
    return np.clip((values.astype(np.float64) - low) / (high - low), 0, 1).astype(np.float32)


def _stretched(stored: Values, values: Values, dataset: FileDataset) -> Pixels:
    if dataset.BitsStored == 8 and values is stored and stored.dtype == np.uint8:
        return display_values(values)[0]
    numbers = values.astype(np.float64)
    exposed = ~_padding(stored, dataset)
    lowest = float(numbers[exposed].min()) if exposed.any() else 0.0
    return stretch(np.where(exposed, numbers, lowest))


def _padding(stored: Values, dataset: FileDataset) -> npt.NDArray[np.bool_]:
    padding = dataset.get("PixelPaddingValue")
    if padding is None:
        return np.zeros(stored.shape, np.bool_)
    limit = dataset.get("PixelPaddingRangeLimit")
    low, high = sorted((int(padding), int(padding if limit is None else limit)))
    return (stored >= low) & (stored <= high)
