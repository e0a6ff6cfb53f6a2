"""Films from PNG, JPEG and TIFF."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
import SimpleITK
from PIL import Image
from sagittal.films import FilmError, SpacingRule, read_film, write_label_map

Picture = npt.NDArray[np.uint8]


@pytest.mark.parametrize("suffix", [".png", ".tif", ".jpg"])
def test_a_grey_film_keeps_its_values(picture: Picture, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"film{suffix}"
    Image.fromarray(picture).save(path, quality=100)
    film = read_film(path)
    np.testing.assert_allclose(film.pixels, picture / 255, atol=0.01 if suffix == ".jpg" else 1e-7)
    assert film.pixels.dtype == np.float32
    assert film.spacing_mm is None
    assert film.spacing_rule is SpacingRule.NONE
    assert film.identity.name == "film"
    assert film.warnings == ()


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_a_16_bit_film_keeps_its_depth(tmp_path: Path, suffix: str) -> None:
    values = np.linspace(20000, 24000, 4000).astype(np.uint16).reshape(80, 50)
    path = tmp_path / f"film{suffix}"
    Image.fromarray(values).save(path)
    film = read_film(path)
    assert len(np.unique(film.pixels)) > 3900
    assert (film.pixels.min(), film.pixels.max()) == (0, 1)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_a_16_bit_rgb_film_keeps_its_depth(tmp_path: Path, suffix: str) -> None:
    values = np.linspace(20000, 24000, 4000).astype(np.uint16).reshape(80, 50)
    path = tmp_path / f"film{suffix}"
    assert cv2.imwrite(str(path), np.stack([values] * 3, axis=-1))
    film = read_film(path)
    assert len(np.unique(film.pixels)) > 3900
    assert film.warnings == ()


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_a_tiff_whose_zero_is_white_is_inverted(picture: Picture, tmp_path: Path, depth: type) -> None:
    values = picture.astype(depth) * (257 if depth is np.uint16 else 1)
    Image.fromarray(values).save(tmp_path / "film.tif", tiffinfo={262: 0})
    with Image.open(tmp_path / "film.tif") as image:
        assert image.tag_v2[262] == 0
    film = read_film(tmp_path / "film.tif")
    stored = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(tmp_path / "film.tif")))
    assert stored.shape == picture.shape
    # Pillow writes 8-bit values inverted under this tag, 16-bit values as they are.
    expected = picture / 255 if depth is np.uint8 else 1 - picture / 255
    np.testing.assert_allclose(film.pixels, expected, atol=0.02)


def test_float_values_that_are_no_numbers_are_dark_and_said(tmp_path: Path) -> None:
    values = np.linspace(-3, 5, 4000, dtype=np.float32).reshape(80, 50)
    values[10, 10] = np.nan
    Image.fromarray(values).save(tmp_path / "film.tif")
    film = read_film(tmp_path / "film.tif")
    assert np.isfinite(film.pixels).all()
    assert film.pixels[10, 10] == 0
    assert "1 pixels are no finite number" in film.warnings[0]


def test_grey_stored_as_rgb_is_no_colour_film(picture: Picture, tmp_path: Path) -> None:
    Image.fromarray(np.stack([picture] * 3, axis=-1)).save(tmp_path / "film.png")
    film = read_film(tmp_path / "film.png")
    np.testing.assert_allclose(film.pixels, picture / 255, atol=1e-6)
    assert film.warnings == ()


def test_a_colour_overlay_is_said(picture: Picture, tmp_path: Path) -> None:
    colour = np.stack([picture] * 3, axis=-1)
    colour[5:10, 5:10] = (255, 0, 0)
    Image.fromarray(colour).save(tmp_path / "film.png")
    film = read_film(tmp_path / "film.png")
    assert film.pixels[7, 7] == pytest.approx(0.2125, abs=1e-3)
    assert "luminance" in film.warnings[0]


def test_what_is_transparent_is_black(picture: Picture, tmp_path: Path) -> None:
    opaque = np.full_like(picture, 255)
    opaque[:, :5] = 0
    Image.fromarray(np.stack([picture] * 3 + [opaque], axis=-1)).save(tmp_path / "film.png")
    film = read_film(tmp_path / "film.png")
    assert (film.pixels[:, :5] == 0).all()
    np.testing.assert_allclose(film.pixels[:, 5:], picture[:, 5:] / 255, atol=1e-6)


def test_a_palette_is_looked_up(picture: Picture, tmp_path: Path) -> None:
    image = Image.fromarray(255 - picture).convert("P")
    image.putpalette([255 - level for level in range(256) for _ in range(3)])
    image.save(tmp_path / "film.png")
    np.testing.assert_allclose(read_film(tmp_path / "film.png").pixels, picture / 255, atol=1e-6)


def test_a_1_bit_film_is_read_with_a_warning(picture: Picture, tmp_path: Path) -> None:
    Image.fromarray(picture > 100).save(tmp_path / "film.png")
    film = read_film(tmp_path / "film.png")
    np.testing.assert_array_equal(film.pixels, (picture > 100).astype(np.float32))
    assert "1-bit" in film.warnings[0]


def test_a_cmyk_jpeg_is_read(picture: Picture, tmp_path: Path) -> None:
    Image.fromarray(np.stack([picture] * 3, axis=-1)).convert("CMYK").save(tmp_path / "film.jpg", quality=100)
    np.testing.assert_allclose(read_film(tmp_path / "film.jpg").pixels, picture / 255, atol=0.03)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_an_exif_orientation_turns_the_film_and_its_label_map_still_overlays_it(
    picture: Picture, tmp_path: Path, orientation: int, suffix: str
) -> None:
    path, stored = tmp_path / f"film{suffix}", Image.fromarray(picture)
    exif = stored.getexif()
    exif[274] = orientation
    stored.save(path, exif=exif, quality=100)
    film = read_film(path)
    assert film.shape == (picture.shape if orientation < 5 else picture.shape[::-1])

    # ITK, and viewers on it, show the file as it is stored: the label map must find the same place there.
    write_label_map(tmp_path / "labels.nrrd", np.round(film.pixels * 255).astype(np.uint8), film)
    raw = SimpleITK.ReadImage(str(path))
    labels = SimpleITK.ReadImage(str(tmp_path / "labels.nrrd"))
    for column, row in ((3, 5), (20, 5), (3, 33)):
        index = labels.TransformPhysicalPointToIndex((*raw.TransformIndexToPhysicalPoint((column, row)), 0.0))
        assert labels[index] == pytest.approx(raw[column, row], abs=1)


@pytest.mark.parametrize("orientation", range(1, 5))
def test_a_tiff_is_turned_once(picture: Picture, tmp_path: Path, orientation: int) -> None:
    stored = Image.fromarray(picture)
    exif = stored.getexif()
    exif[274] = orientation
    stored.save(tmp_path / "film.png", exif=exif)
    stored.save(tmp_path / "film.tif", exif=exif)
    as_png, as_tiff = (read_film(tmp_path / name) for name in ("film.png", "film.tif"))
    np.testing.assert_array_equal(as_tiff.pixels, as_png.pixels)


@pytest.mark.parametrize("orientation", range(5, 9))
def test_a_tiff_turned_by_a_quarter_is_refused(picture: Picture, tmp_path: Path, orientation: int) -> None:
    stored = Image.fromarray(picture)
    exif = stored.getexif()
    exif[274] = orientation
    stored.save(tmp_path / "film.tif", exif=exif)
    with pytest.raises(FilmError, match=r"turned by a quarter.*export"):
        read_film(tmp_path / "film.tif")


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
def test_dots_per_inch_give_the_aspect_but_no_spacing(picture: Picture, tmp_path: Path, suffix: str) -> None:
    Image.fromarray(picture).save(tmp_path / f"film{suffix}", dpi=(200, 100))
    film = read_film(tmp_path / f"film{suffix}")
    assert film.spacing_mm is None
    assert film.pixel_aspect == pytest.approx((2, 1), rel=1e-3)
    assert "not square" in film.warnings[0]


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
def test_the_affine_is_the_geometry_that_viewers_give_the_file(picture: Picture, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"film{suffix}"
    Image.fromarray(picture).save(path, dpi=(72, 72))
    film = read_film(path)
    spacing = SimpleITK.ReadImage(str(path)).GetSpacing()[:2]
    np.testing.assert_allclose(film.affine, np.diag([*spacing, 1, 1]))
    assert film.pixel_aspect == (1, 1)


def test_the_first_page_is_read_and_others_are_said(picture: Picture, tmp_path: Path) -> None:
    pages = [Image.fromarray(picture), Image.fromarray(255 - picture)]
    pages[0].save(tmp_path / "film.tif", save_all=True, append_images=pages[1:])
    film = read_film(tmp_path / "film.tif")
    np.testing.assert_allclose(film.pixels, picture / 255, atol=1e-6)
    assert "2 pages" in film.warnings[0]
