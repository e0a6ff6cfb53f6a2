"""Every DICOM sample of the shared folder: a right image, or a refusal that says why."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from sagittal.films import FilmError, SpacingRule, read_film

Pair = tuple[float, float]
NONE, UNCERTAIN, DETECTOR = SpacingRule.NONE, SpacingRule.UNCERTAIN, SpacingRule.DETECTOR_PLANE

# Per scene: grid, rule, spacing, then a point that is bright and one that is dark on a film with bright bone, both as
# (row, column) parts of the size. The points were chosen by looking at each picture.
CHEST = ((1955, 1841), NONE, None, (0.5, 0.5), (0.35, 0.65))  # spine against lung
HIP = ((2140, 1760), UNCERTAIN, (0.2, 0.2), (0.5, 0.65), (0.9, 0.5))  # femoral neck against air
LEG = ((1760, 1760), NONE, None, (0.4, 0.5), (0.4, 0.35))  # tibia against air
PATTERN = ((512, 512), NONE, None, (0.6, 0.7), (0.6, 0.25))  # 100 % field against 0 % field
VERTEBRA = ((128, 128), NONE, None, (0.5, 0.45), (0.2, 0.1))  # lamina against lung
DOG = ((169, 211), DETECTOR, (1.2, 1.201199999999), (0.3, 0.15), (0.95, 0.05))  # muscle against air
STRIPES = ((100, 100), UNCERTAIN, (1.0, 1.0), (0.95, 0.5), (0.6, 0.5))  # white against black stripe

READ = {
    "RG1_J2KI": CHEST,
    "RG1_JLSN": CHEST,
    **{f"RG2_{syntax}": HIP for syntax in ("J2KI", "J2KR", "JLSL", "JLSN", "JPLL", "JPLY", "RLE")},
    **{f"RG3_{syntax}": LEG for syntax in ("J2KI", "J2KR", "JLSL", "JLSN", "JPLL", "JPLY", "RLE")},
    "JLSL_08_07_0_1F.dcm": VERTEBRA,
    "JLSL_16_15_1_1F.dcm": VERTEBRA,
    "SC_rgb.dcm": STRIPES,
    "dx_image.dcm": DOG,
    "mlut_18.dcm": PATTERN,
    "vlut_04.dcm": PATTERN,
}
REFUSED = {
    "CT1_RLE": "is a CT slice, not a lateral X-ray",
    "bad_sequence.dcm": "is a CT slice, not a lateral X-ray",
    "MR-SIEMENS-DICOM-WithOverlays.dcm": "is an MR slice, not a lateral X-ray",
    "color-pl.dcm": "is an ultrasound image, not a lateral X-ray",
    "seg_image_cr_binary.dcm": "is a segmentation, not a lateral X-ray",
}

# How the pixels of each are stored: by the suffix of the NEMA samples, and of all others by name.
SYNTAXES = {
    "_J2KI": "JPEG 2000 Image Compression",
    "_J2KR": "JPEG 2000 Image Compression (Lossless Only)",
    "_JLSL": "JPEG-LS Lossless Image Compression",
    "_JLSN": "JPEG-LS Lossy (Near-Lossless) Image Compression",
    "_JPLL": "JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14 [Selection Value 1])",
    # 12 bits: the second decoder's.
    "_JPLY": "JPEG Extended (Process 2 and 4)",
    "_RLE": "RLE Lossless",
    "JLSL_08_07_0_1F.dcm": "JPEG-LS Lossless Image Compression",
    "JLSL_16_15_1_1F.dcm": "JPEG-LS Lossless Image Compression",
    "bad_sequence.dcm": "JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14 [Selection Value 1])",
}
UNCOMPRESSED = "Explicit VR Little Endian"


@pytest.fixture
def samples(shared_data: Path) -> Path:
    return shared_data / "dicom"


def test_the_table_names_every_sample(samples: Path) -> None:
    assert {path.name for path in samples.iterdir()} == READ.keys() | REFUSED.keys()


@pytest.mark.parametrize("name", READ | REFUSED)
def test_the_table_has_the_transfer_syntax_right(samples: Path, name: str) -> None:
    expected = next((syntax for ending, syntax in SYNTAXES.items() if name.endswith(ending)), UNCOMPRESSED)
    assert dcmread(samples / name, stop_before_pixels=True).file_meta.TransferSyntaxUID.name == expected


@pytest.mark.parametrize("name", READ)
def test_a_film_is_read_with_its_grid_spacing_and_bright_bone(samples: Path, name: str) -> None:
    shape, rule, spacing, bright, dark = READ[name]
    film = read_film(samples / name)
    assert film.shape == shape
    assert (film.spacing_rule, film.spacing_mm) == (rule, spacing)
    assert film.pixels.dtype == np.float32
    assert film.pixels.min() >= 0
    assert film.pixels.max() <= 1

    def brightness(point: Pair) -> float:
        row, column = (round(part * size) for part, size in zip(point, shape, strict=True))
        return float(film.pixels[row - 2 : row + 3, column - 2 : column + 3].mean())

    assert brightness(bright) > brightness(dark) + 0.2


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_film_is_refused(samples: Path, name: str) -> None:
    with pytest.raises(FilmError, match=REFUSED[name]):
        read_film(samples / name)


@pytest.mark.parametrize("scene", ["RG2", "RG3"])
def test_all_compressions_of_a_film_give_the_same_picture(samples: Path, scene: str) -> None:
    reference = read_film(samples / f"{scene}_RLE").pixels
    for syntax in ("J2KR", "JLSL", "JPLL"):
        np.testing.assert_array_equal(read_film(samples / f"{scene}_{syntax}").pixels, reference, syntax)
    for syntax in ("J2KI", "JLSN", "JPLY"):
        difference = np.abs(read_film(samples / f"{scene}_{syntax}").pixels - reference)
        assert difference.mean() < 0.005, syntax
        assert difference.max() < 0.1, syntax


def test_the_modality_lut_and_the_voi_lut_of_the_test_pattern_agree(samples: Path) -> None:
    """The same pattern, once through 12 signed bits and a modality LUT, once through 8 bits and a VOI LUT."""
    by_modality, by_voi = (read_film(samples / name).pixels for name in ("mlut_18.dcm", "vlut_04.dcm"))
    np.testing.assert_allclose(by_modality, by_voi, atol=0.01)


def test_a_header_that_tells_another_view_or_part_is_a_doubt(samples: Path) -> None:
    doubted = {name for name in READ if read_film(samples / name).view_doubt}
    # Chest, hip and leg, and the dog; the others say nothing.
    assert doubted == {name for name in READ if name.startswith("RG") or name == "dx_image.dcm"}
