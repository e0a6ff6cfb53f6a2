"""Bad files: each gets an error that names it, says what is wrong and what to do."""

from __future__ import annotations

import gzip
import os
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import nibabel
import nrrd
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from sagittal.films import Film, FilmError, read_film

Picture = npt.NDArray[np.uint8]


@pytest.fixture
def unprivileged() -> Iterator[None]:
    """Root may read everything: such a test runs as nobody."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def whole_films(picture: Picture, tmp_path: Path, write_dicom: Callable[..., Path]) -> dict[str, bytes]:
    """The same film in every format."""
    for suffix in (".png", ".jpg", ".tif"):
        Image.fromarray(picture).save(tmp_path / f"whole{suffix}")
    nrrd.write(str(tmp_path / "whole.nrrd"), picture.T)
    nibabel.save(nibabel.Nifti1Image(picture.T[..., np.newaxis], np.eye(4)), tmp_path / "whole.nii")
    write_dicom(picture, name="whole.dcm", PixelSpacing=[0.2, 0.2], WindowCenter="128", WindowWidth="256")
    return {path.suffix: path.read_bytes() for path in tmp_path.glob("whole.*")}


def png_header(columns: int, rows: int) -> bytes:
    """A PNG that claims a size and holds nothing."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    size = struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("film.png", b"", r"is empty \(0 bytes\)"),
        ("film.png", "L1 bis S1, seitlich, Größe\n".encode() * 40, r"is named \.png but is text, not an image"),
        ("film.dcm", b"just text", r"is named \.dcm but is text"),
        ("film", b"just text", r"film: is text, not an image"),
        ("film.png", b"%PDF-1.7 \xff\xfe", r"is named \.png but is a PDF document"),
        ("film.jpg", b"GIF89a\x00\x01", r"is named \.jpg but is a GIF image"),
        ("film.tif", b"\x00\x9f\x01\xfe" * 99, r"is named \.tif but holds no known image format"),
        ("film.nii.gz", gzip.compress(b"no volume"), r"holds no known image format"),
        ("film.nii.gz", gzip.compress(b"no volume")[:12], r"holds no known image format"),
    ],
)
def test_content_that_is_no_film_is_named(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FilmError, match=said + r".*export|" + said + r".*copy") as error:
        read_film(tmp_path / name)
    assert str(tmp_path / name) in str(error.value)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".nrrd", ".nii", ".nii.gz"])
@pytest.mark.parametrize("part", [0.2, 0.6, 0.95])
def test_a_truncated_file_is_refused(tmp_path: Path, suffix: str, part: float) -> None:
    path = tmp_path / f"film{suffix}"
    values = np.random.default_rng(0).integers(0, 255, (60, 50, 1), np.uint8)
    if suffix == ".nrrd":
        nrrd.write(str(path), values)
    elif suffix.startswith(".nii"):
        nibabel.save(nibabel.Nifti1Image(values, np.eye(4)), path)
    else:
        Image.fromarray(values[..., 0]).save(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(part * len(content))])
    with pytest.raises(FilmError, match=r"film\.\S+: is truncated or damaged .*again"):
        read_film(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FilmError, match=r"nowhere\.png: does not exist; check the path"):
        read_film(tmp_path / "nowhere.png")


def test_a_folder_is_no_film(tmp_path: Path) -> None:
    with pytest.raises(FilmError, match="is a folder"):
        read_film(tmp_path)


def test_a_device_is_no_film() -> None:
    with pytest.raises(FilmError, match="is not an ordinary file"):
        read_film(Path("/dev/zero"))


@pytest.mark.usefixtures("unprivileged")
def test_a_file_without_permission_is_named() -> None:
    # Made by nobody in the common temporary folder, as nobody may not enter root's.
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.png"
        path.write_bytes(b"content")
        path.chmod(0)
        with pytest.raises(FilmError, match=r"film\.png: cannot be read: Permission denied; check its permissions"):
            read_film(path)


@pytest.mark.parametrize(("columns", "rows"), [(20000, 8000), (60000, 60000)])
def test_a_pixel_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, columns: int, rows: int) -> None:
    path = tmp_path / "film.png"
    path.write_bytes(png_header(columns, rows))
    with pytest.raises(FilmError, match=r"(megapixels|too large).*crop or shrink"):
        read_film(path)


def test_a_volume_header_that_claims_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "film.nrrd"
    path.write_bytes(b"NRRD0004\ntype: uint8\ndimension: 2\nsizes: 90000 90000\nencoding: raw\n\nxx")
    with pytest.raises(FilmError, match="megapixels"):
        read_film(path)


def test_a_volume_without_pixels_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "film.nrrd"
    path.write_bytes(b"NRRD0004\ntype: uint8\ndimension: 2\nsizes: 0 40\nencoding: raw\n\n")
    with pytest.raises(FilmError, match="no pixels"):
        read_film(path)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_constant_film_is_refused(tmp_path: Path, level: int) -> None:
    Image.fromarray(np.full((40, 30), level, np.uint8)).save(tmp_path / "film.png")
    with pytest.raises(FilmError, match="no contrast"):
        read_film(tmp_path / "film.png")


def test_a_film_under_another_name_is_read_by_its_content_and_said(picture: Picture, tmp_path: Path) -> None:
    Image.fromarray(picture).save(tmp_path / "film.png")
    (tmp_path / "film.png").rename(tmp_path / "film.dcm")
    film = read_film(tmp_path / "film.dcm")
    np.testing.assert_allclose(film.pixels, picture / 255, atol=1e-6)
    assert film.warnings == ("named .dcm but is PNG",)


def test_the_path_may_be_a_string_with_blanks(picture: Picture, tmp_path: Path) -> None:
    Image.fromarray(picture).save(tmp_path / "a film.PNG")
    film = read_film(str(tmp_path / "a film.PNG"))
    assert film.identity.name == "a film"
    assert film.warnings == ()


def film_or_error(path: Path) -> Film | FilmError:
    try:
        return read_film(path)
    except FilmError as error:
        return error


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    suffix=st.sampled_from([".png", ".jpg", ".tif", ".nrrd", ".nii", ".dcm"]),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6),
)
@pytest.mark.filterwarnings("ignore")
def test_a_damaged_file_gives_a_film_or_an_error_that_names_it(
    whole_films: dict[str, bytes], tmp_path: Path, suffix: str, changes: list[tuple[float, int]]
) -> None:
    content = bytearray(whole_films[suffix])
    for place, value in changes:
        # Mostly the header, where the damage does the most.
        content[int(place**3 * len(content))] = value
    path = tmp_path / f"film{suffix}"
    path.write_bytes(content)
    film = film_or_error(path)
    if isinstance(film, FilmError):
        assert str(path) in str(film)
    else:
        assert film.pixels.ndim == 2
        assert np.isfinite(film.pixels).all()
        assert film.pixels.min() >= 0
        assert film.pixels.max() <= 1
        assert np.isfinite(film.affine).all()
