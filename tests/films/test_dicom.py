"""DICOM films written here: polarity, depth, transforms, identity, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.pixel_data_handlers.util import apply_windowing
from pydicom.sequence import Sequence
from pydicom.uid import JPEGBaseline8Bit, RLELossless
from sagittal.films import FilmError, SpacingRule, read_film

DicomWriter = Callable[..., Path]
Picture = npt.NDArray[np.uint8]


def test_an_8_bit_film_keeps_its_values(picture: Picture, write_dicom: DicomWriter) -> None:
    film = read_film(write_dicom(picture))
    np.testing.assert_array_equal(film.pixels, picture.astype(np.float32) / 255)
    assert film.pixels.dtype == np.float32
    assert film.spacing_rule is SpacingRule.NONE
    assert film.spacing_mm is None
    assert film.warnings == ()


@pytest.mark.parametrize(
    ("interpretation", "shape", "inverted", "warned"),
    [
        ("MONOCHROME2", None, False, False),
        ("MONOCHROME2", "IDENTITY", False, False),
        ("MONOCHROME1", None, True, False),
        ("MONOCHROME1", "INVERSE", True, False),
        ("MONOCHROME2", "INVERSE", True, True),
        ("MONOCHROME1", "IDENTITY", True, True),
    ],
)
def test_bone_is_bright_whatever_the_polarity(
    picture: Picture, write_dicom: DicomWriter, interpretation: str, shape: str | None, inverted: bool, warned: bool
) -> None:
    attributes: dict[str, Any] = {"PhotometricInterpretation": interpretation}
    if shape is not None:
        attributes["PresentationLUTShape"] = shape
    film = read_film(write_dicom(255 - picture if inverted else picture, **attributes))
    np.testing.assert_allclose(film.pixels, picture / 255, atol=1e-6)
    assert bool(film.warnings) == warned


@pytest.mark.parametrize("bits", [10, 12, 16])
@pytest.mark.parametrize("compress", [None, RLELossless])
def test_a_deep_film_keeps_its_depth(write_dicom: DicomWriter, bits: int, compress: str | None) -> None:
    values = np.linspace(0, 2**bits - 1, 4000).astype(np.uint16).reshape(80, 50)
    film = read_film(write_dicom(values, BitsStored=bits, compress=compress))
    assert len(np.unique(film.pixels)) > 0.9 * len(np.unique(values))
    assert (np.diff(film.pixels.ravel()) >= 0).all()
    assert (film.pixels.min(), film.pixels.max()) == (0, 1)


def test_a_few_dead_pixels_do_not_set_the_contrast(write_dicom: DicomWriter) -> None:
    values = np.linspace(1000, 2000, 40000).astype(np.uint16).reshape(200, 200)
    values[0, 0], values[5, 5] = 65535, 0
    film = read_film(write_dicom(values))
    assert film.pixels[100, 100] == pytest.approx(0.5, abs=0.01)


def test_the_window_maps_its_ends_to_black_and_white(write_dicom: DicomWriter) -> None:
    values = np.arange(4000, dtype=np.uint16).reshape(80, 50)
    path = write_dicom(values, BitsStored=12, WindowCenter=["2000.5", "300"], WindowWidth=["1001", "10"])
    film = read_film(path)
    assert film.pixels.ravel()[1500] == 0
    assert film.pixels.ravel()[2000] == pytest.approx(0.5, abs=1e-6)
    assert film.pixels.ravel()[2500] == 1
    np.testing.assert_allclose(film.pixels, apply_windowing(values, dcmread(path)) / 4095, atol=1e-6)


@pytest.mark.parametrize("function", ["LINEAR_EXACT", "SIGMOID"])
def test_other_window_functions_follow_the_standard(write_dicom: DicomWriter, function: str) -> None:
    values = np.arange(4000, dtype=np.uint16).reshape(80, 50)
    film = read_film(write_dicom(values, WindowCenter="2000", WindowWidth="1000", VOILUTFunction=function))
    x = (values - 2000.0) / 1000
    expected = np.clip(x + 0.5, 0, 1) if function == "LINEAR_EXACT" else 1 / (1 + np.exp(-4 * x))
    np.testing.assert_allclose(film.pixels, expected, atol=1e-6)


def test_the_rescale_comes_before_the_window(write_dicom: DicomWriter) -> None:
    values = np.arange(4000, dtype=np.uint16).reshape(80, 50)
    film = read_film(
        write_dicom(
            values,
            RescaleSlope="-2",
            RescaleIntercept="1000",
            RescaleType="US",
            WindowCenter="-2999.5",
            WindowWidth=2001,
        )
    )
    # -2 v + 1000 reaches the window's ends -4000 and -2000 at v = 2500 and v = 1500.
    assert film.pixels.ravel()[2500] == 0
    assert film.pixels.ravel()[2000] == pytest.approx(0.5, abs=1e-6)
    assert film.pixels.ravel()[1500] == 1


def test_a_window_without_contrast_is_left_out(picture: Picture, write_dicom: DicomWriter) -> None:
    film = read_film(write_dicom(picture, WindowCenter="9000", WindowWidth="100"))
    np.testing.assert_allclose(film.pixels, picture / 255, atol=1e-6)
    assert "window" in film.warnings[0]


def test_a_voi_lut_wins_over_a_window(picture: Picture, write_dicom: DicomWriter) -> None:
    item = Dataset()
    item.LUTDescriptor = [101, 50, 12]
    item.add_new("LUTData", "US", [int(4095 * (k / 100) ** 2) for k in range(101)])
    path = write_dicom(picture, VOILUTSequence=Sequence([item]), WindowCenter="128", WindowWidth="256")
    expected = np.clip((picture.astype(float) - 50) / 100, 0, 1) ** 2
    np.testing.assert_allclose(read_film(path).pixels, expected, atol=1 / 4095)


def test_a_modality_lut_is_applied(picture: Picture, write_dicom: DicomWriter) -> None:
    item = Dataset()
    item.LUTDescriptor, item.ModalityLUTType = [256, 0, 16], "US"
    item.add_new("LUTData", "US", [65535 - 257 * k for k in range(256)])
    film = read_film(write_dicom(picture, ModalityLUTSequence=Sequence([item])))
    assert np.corrcoef(film.pixels.ravel(), 255.0 - picture.ravel())[0, 1] > 0.999


def test_signed_values_and_old_overlay_bits_are_told_from_pixels(write_dicom: DicomWriter) -> None:
    values = np.linspace(-2000, 2000, 4000).astype(np.int16).reshape(80, 50)
    plain = read_film(write_dicom(values, BitsStored=12))
    # Twelve bits of two's complement, with an overlay in a bit above them.
    with_overlay = (values.view(np.uint16) & 0x0FFF) | np.where(np.arange(50) > 20, 0x4000, 0).astype(np.uint16)
    film = read_film(write_dicom(with_overlay, BitsStored=12, PixelRepresentation=1))
    np.testing.assert_array_equal(film.pixels, plain.pixels)
    assert (np.diff(film.pixels.ravel()) >= 0).all()


def test_padding_is_black_and_does_not_set_the_contrast(write_dicom: DicomWriter) -> None:
    values = np.linspace(1000, 2000, 4000).astype(np.uint16).reshape(80, 50)
    values[:, :10] = 65535
    film = read_film(write_dicom(values, PixelPaddingValue=65535, PhotometricInterpretation="MONOCHROME1"))
    assert (film.pixels[:, :10] == 0).all()
    assert film.pixels[1, 10] > 0.95
    assert film.pixels[-1, -1] < 0.05


@pytest.mark.parametrize(
    ("orientation", "anterior", "warning"),
    [
        (["A", "F"], "right", None),
        (["P", "F"], "left", None),
        (["PR", "F"], "left", None),
        (["A", "H"], "right", "upside down"),
        (["L", "F"], None, None),
        (["", ""], None, None),
        (None, None, None),
    ],
)
def test_patient_orientation_tells_the_anterior_side(
    picture: Picture, write_dicom: DicomWriter, orientation: list[str] | None, anterior: str | None, warning: str | None
) -> None:
    film = read_film(write_dicom(picture, PatientOrientation=orientation))
    assert film.anterior == anterior
    assert [w for w in film.warnings if warning is None or warning not in w] == []


@pytest.mark.filterwarnings("ignore:Invalid value for VR AS")
@pytest.mark.parametrize(
    ("attributes", "age"),
    [
        ({"PatientAge": "058Y"}, 58),
        ({"PatientAge": "018M"}, 1.5),
        ({"PatientAge": "22Y"}, 22),  # against the standard, but common
        ({"PatientAge": "000Y"}, None),
        ({"PatientAge": "old"}, None),
        ({"PatientBirthDate": "19600630", "StudyDate": "20200630"}, 60),
        ({"PatientBirthDate": "", "StudyDate": "20200630"}, None),
        ({}, None),
    ],
)
def test_the_age_is_that_at_the_study(
    picture: Picture, write_dicom: DicomWriter, attributes: dict[str, str], age: float | None
) -> None:
    assert read_film(write_dicom(picture, **attributes)).identity.age_years == (
        None if age is None else pytest.approx(age, abs=0.01)
    )


def test_the_identity_is_that_of_the_file(picture: Picture, write_dicom: DicomWriter) -> None:
    path = write_dicom(picture, name="1.2.840.4")
    dataset, identity = dcmread(path), read_film(path).identity
    assert identity.name == "1.2.840.4"
    assert identity.path == path
    assert identity.subject == "somebody"
    assert identity.study_uid == dataset.StudyInstanceUID
    assert identity.series_uid == dataset.SeriesInstanceUID
    assert identity.instance_uid == dataset.SOPInstanceUID


def test_colour_becomes_luminance_with_a_warning(picture: Picture, write_dicom: DicomWriter) -> None:
    colour = np.stack([picture, picture, np.zeros_like(picture)], axis=-1)
    film = read_film(write_dicom(colour, Modality="OT"))
    np.testing.assert_allclose(film.pixels, 0.9278 * picture / 255, atol=1e-3)
    assert "luminance" in film.warnings[0]


def test_a_baseline_jpeg_in_ybr_keeps_its_brightness(picture: Picture, write_dicom: DicomWriter) -> None:
    stream = BytesIO()
    Image.fromarray(np.stack([picture] * 3, axis=-1)).save(stream, "JPEG", quality=95)
    path = write_dicom(np.stack([picture] * 3, axis=-1), Modality="OT", PhotometricInterpretation="YBR_FULL_422")
    dataset = dcmread(path)
    dataset.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    dataset.PixelData = encapsulate([stream.getvalue()])
    dataset["PixelData"].is_undefined_length = True
    dataset.save_as(path)
    film = read_film(path)
    np.testing.assert_allclose(film.pixels, picture / 255, atol=0.03)
    assert film.warnings == ()


@pytest.mark.parametrize(("modality", "word"), [("RF", "radiofluoroscopy"), ("XA", "angiography")])
def test_fluoroscopy_is_read_with_a_warning(
    picture: Picture, write_dicom: DicomWriter, modality: str, word: str
) -> None:
    assert word in read_film(write_dicom(picture, Modality=modality)).warnings[0]


def test_a_raw_film_is_flagged(picture: Picture, write_dicom: DicomWriter) -> None:
    assert "raw film" in read_film(write_dicom(picture, PresentationIntentType="FOR PROCESSING")).warnings[0]


def view_code(meaning: str) -> Sequence:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "1", "99TEST", meaning
    return Sequence([item])


@pytest.mark.parametrize(
    ("attributes", "doubt"),
    [
        ({"ViewPosition": "AP"}, "view AP, not lateral"),
        ({"ViewPosition": "PA"}, "view PA, not lateral"),
        ({"ViewPosition": "LPO"}, "view oblique, not lateral"),
        ({"ViewCodeSequence": view_code("antero-posterior")}, "view antero-posterior, not lateral"),
        ({"PatientOrientation": ["L", "F"]}, "from the front or back"),
        ({"BodyPartExamined": "CHEST"}, "body part CHEST"),
        ({"BodyPartExamined": "Knee"}, "body part KNEE"),
        ({"ViewPosition": "LL", "BodyPartExamined": "LSPINE", "PatientOrientation": ["A", "F"]}, None),
        ({"ViewCodeSequence": view_code("left lateral")}, None),
        # Beside the lumbar spine, and often entered by mistake.
        ({"BodyPartExamined": "PELVIS"}, None),
        ({}, None),
    ],
)
def test_a_header_that_tells_another_view_is_a_doubt(
    picture: Picture, write_dicom: DicomWriter, attributes: dict[str, Any], doubt: str | None
) -> None:
    film = read_film(write_dicom(picture, **attributes))
    if doubt is None:
        assert film.view_doubt is None
    else:
        assert doubt in (film.view_doubt or "")


@pytest.mark.parametrize(
    ("modality", "kind"),
    [("CT", "a CT slice"), ("MR", "an MR slice"), ("SEG", "a segmentation"), ("EEG", "modality EEG")],
)
def test_what_is_no_film_is_refused(picture: Picture, write_dicom: DicomWriter, modality: str, kind: str) -> None:
    with pytest.raises(FilmError, match=rf"film\.dcm: is .*{kind}.*not a lateral X-ray"):
        read_film(write_dicom(picture, Modality=modality))


def test_several_frames_are_refused_and_one_is_not(picture: Picture, write_dicom: DicomWriter) -> None:
    assert read_film(write_dicom(picture, NumberOfFrames=1)).shape == picture.shape
    with pytest.raises(FilmError, match="holds 3 frames"):
        read_film(write_dicom(np.stack([picture] * 3), NumberOfFrames=3, Modality="XA"))


def test_truncated_pixels_are_refused(picture: Picture, write_dicom: DicomWriter) -> None:
    path = write_dicom(picture)
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(FilmError, match=r"film\.dcm: .*(damaged|truncated).*send"):
        read_film(path)


def test_a_header_cut_off_before_the_pixels_is_refused(picture: Picture, write_dicom: DicomWriter) -> None:
    path = write_dicom(picture)
    path.write_bytes(path.read_bytes()[:400])
    with pytest.raises(FilmError, match=r"film\.dcm: "):
        read_film(path)


def test_damaged_compressed_pixels_are_refused(picture: Picture, write_dicom: DicomWriter) -> None:
    path = write_dicom(picture)
    dataset = dcmread(path)
    dataset.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    dataset.PixelData = encapsulate([b"\xff\xd8no picture"])
    dataset["PixelData"].is_undefined_length = True
    dataset.save_as(path)
    with pytest.raises(FilmError, match=r"JPEG Baseline.*uncompressed"):
        read_film(path)


@pytest.mark.parametrize(("rows", "columns", "what"), [(0, 30, "no pixels"), (40000, 40000, "megapixels")])
def test_a_size_without_sense_is_refused(
    picture: Picture, write_dicom: DicomWriter, rows: int, columns: int, what: str
) -> None:
    with pytest.raises(FilmError, match=what):
        read_film(write_dicom(picture, Rows=rows, Columns=columns))


def test_a_black_film_is_refused(picture: Picture, write_dicom: DicomWriter) -> None:
    for values in (np.zeros_like(picture), np.full(picture.shape, 777, np.uint16)):
        with pytest.raises(FilmError, match="no contrast"):
            read_film(write_dicom(values))


def test_a_file_without_preamble_is_still_dicom(picture: Picture, write_dicom: DicomWriter, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.write_bytes(write_dicom(picture).read_bytes()[132:])
    np.testing.assert_array_equal(read_film(bare).pixels, picture.astype(np.float32) / 255)
