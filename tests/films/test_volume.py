"""Films from NRRD and NIfTI."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel
import nrrd
import numpy as np
import numpy.typing as npt
import pytest
import SimpleITK
from sagittal.films import FilmError, SpacingRule, read_film

Picture = npt.NDArray[np.uint8]


def in_space(film_affine: npt.NDArray[np.float64], column: int, row: int) -> npt.NDArray[np.float64]:
    return (film_affine @ [column, row, 0, 1])[:3]


@pytest.mark.parametrize("suffix", [".nrrd", ".nii", ".nii.gz"])
def test_a_one_slice_volume_keeps_values_and_geometry(picture: Picture, tmp_path: Path, suffix: str) -> None:
    image = SimpleITK.GetImageFromArray(picture[np.newaxis])
    image.SetSpacing((0.15, 0.2, 3))
    image.SetOrigin((-12.5, 30.25, 7))
    SimpleITK.WriteImage(image, str(tmp_path / f"film{suffix}"))
    film = read_film(tmp_path / f"film{suffix}")
    np.testing.assert_array_equal(film.pixels, picture.astype(np.float32) / 255)
    assert film.spacing_rule is SpacingRule.FILE_HEADER
    assert film.spacing_mm == pytest.approx((0.2, 0.15), rel=1e-6)
    assert film.pixel_aspect == film.spacing_mm
    assert film.identity.name == "film"
    expected = image.TransformIndexToPhysicalPoint((11, 23, 0))
    np.testing.assert_allclose(in_space(film.affine, 11, 23), expected, rtol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(film.affine[:3, 2]), 3, rtol=1e-6)


@pytest.mark.parametrize("suffix", [".nrrd", ".nii.gz"])
def test_a_two_dimensional_file_is_read(picture: Picture, tmp_path: Path, suffix: str) -> None:
    image = SimpleITK.GetImageFromArray(picture)
    image.SetSpacing((0.15, 0.2))
    SimpleITK.WriteImage(image, str(tmp_path / f"film{suffix}"))
    film = read_film(tmp_path / f"film{suffix}")
    np.testing.assert_array_equal(film.pixels, picture.astype(np.float32) / 255)
    assert film.spacing_mm == pytest.approx((0.2, 0.15), rel=1e-6)
    assert np.linalg.matrix_rank(film.affine) == 4


@pytest.mark.parametrize("shape", [(1, 30, 40), (30, 1, 40), (30, 40, 1)])
def test_the_slice_may_lie_along_any_axis(picture: Picture, tmp_path: Path, shape: tuple[int, ...]) -> None:
    nrrd.write(str(tmp_path / "film.nrrd"), picture.T.reshape(shape), {"spacings": [0.2, 0.2, 0.2]})
    film = read_film(tmp_path / "film.nrrd")
    np.testing.assert_array_equal(film.pixels, picture.astype(np.float32) / 255)
    assert film.spacing_mm == pytest.approx((0.2, 0.2))


@pytest.mark.parametrize(
    ("header", "spacing"),
    [({}, None), ({"spacings": [0.15, 0.2]}, (0.2, 0.15)), ({"spacings": [float("nan")] * 2}, None)],
)
def test_a_plain_nrrd_has_a_spacing_only_where_it_says_so(
    picture: Picture, tmp_path: Path, header: dict[str, Any], spacing: tuple[float, float] | None
) -> None:
    nrrd.write(str(tmp_path / "film.nrrd"), picture.T, header)
    film = read_film(tmp_path / "film.nrrd")
    assert film.spacing_mm == (None if spacing is None else pytest.approx(spacing))
    assert film.spacing_rule is (SpacingRule.NONE if spacing is None else SpacingRule.FILE_HEADER)


@pytest.mark.parametrize(
    ("space", "signs"),
    [
        ("left-posterior-superior", (1, 1, 1)),
        ("right-anterior-superior", (-1, -1, 1)),
        ("left-anterior-superior", (1, -1, 1)),
    ],
)
def test_every_nrrd_space_becomes_lps(
    picture: Picture, tmp_path: Path, space: str, signs: tuple[int, int, int]
) -> None:
    directions = np.array([[0.1, 0.02, 0], [-0.02, 0.1, 0], [0, 0, 1.0]])
    header = {"space": space, "space directions": directions, "space origin": [5.0, 6, 7]}
    nrrd.write(str(tmp_path / "film.nrrd"), picture.T[..., np.newaxis], header)
    film = read_film(tmp_path / "film.nrrd")
    np.testing.assert_allclose(film.affine[:3, :3], np.diag(signs) @ directions.T, atol=1e-12)
    np.testing.assert_allclose(film.affine[:3, 3], np.array([5, 6, 7]) * signs)


def test_nifti_in_ras_becomes_lps(picture: Picture, tmp_path: Path) -> None:
    affine = np.diag([-0.15, -0.2, 2, 1])
    affine[:3, 3] = 10, 20, 30
    nibabel.save(nibabel.Nifti1Image(picture.T[..., np.newaxis], affine), tmp_path / "film.nii")
    film = read_film(tmp_path / "film.nii")
    np.testing.assert_allclose(film.affine[:3, :3], np.diag([0.15, 0.2, 2]), rtol=1e-6)
    np.testing.assert_allclose(film.affine[:3, 3], [-10, -20, 30])


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_a_second_generation_nifti_is_read(picture: Picture, tmp_path: Path, suffix: str) -> None:
    image = nibabel.Nifti2Image(picture.T[..., np.newaxis], np.diag([-0.15, -0.15, 1, 1]))
    nibabel.save(image, tmp_path / f"film{suffix}")
    np.testing.assert_array_equal(read_film(tmp_path / f"film{suffix}").pixels, picture.astype(np.float32) / 255)


@pytest.mark.parametrize(("unit", "mm"), [("mm", 1), ("micron", 0.001), ("meter", 1000)])
def test_nifti_units_become_millimetres(picture: Picture, tmp_path: Path, unit: str, mm: float) -> None:
    image = nibabel.Nifti1Image(picture.T[..., np.newaxis], np.diag([-0.15 / mm, -0.15 / mm, 1 / mm, 1]))
    image.header.set_xyzt_units(xyz=unit)
    nibabel.save(image, tmp_path / "film.nii")
    assert read_film(tmp_path / "film.nii").spacing_mm == pytest.approx((0.15, 0.15), rel=1e-5)


def test_a_sagittal_slice_that_runs_upwards_is_stood_upright(picture: Picture, tmp_path: Path) -> None:
    # NIfTI of one sagittal slice: x from back to front (+A), y upwards (+S).
    affine = np.array([[0, 0, 1.0, 4], [0.2, 0, 0, -50], [0, 0.3, 0, -200], [0, 0, 0, 1]])
    nibabel.save(nibabel.Nifti1Image(picture[::-1].T[..., np.newaxis], affine), tmp_path / "film.nii")
    film = read_film(tmp_path / "film.nii")
    np.testing.assert_array_equal(film.pixels, picture.astype(np.float32) / 255)
    assert film.anterior == "right"
    assert film.spacing_mm == pytest.approx((0.3, 0.2), rel=1e-6)
    # The lowest row is the file's first: at S -200; the first column at A -50, that is P +50.
    np.testing.assert_allclose(in_space(film.affine, 0, 39), [-4, 50, -200], rtol=1e-6)
    np.testing.assert_allclose(in_space(film.affine, 29, 0), [-4, 50 - 29 * 0.2, -200 + 39 * 0.3], rtol=1e-6)


def test_a_sagittal_slice_stored_by_columns_is_stood_upright(picture: Picture, tmp_path: Path) -> None:
    # First axis downwards, second from front to back.
    header = {
        "space": "left-posterior-superior",
        "space directions": np.array([[0, 0, -0.3], [0, 0.2, 0], [1.0, 0, 0]]),
        "space origin": [0.0, 0, 100],
    }
    nrrd.write(str(tmp_path / "film.nrrd"), picture[..., np.newaxis], header)
    film = read_film(tmp_path / "film.nrrd")
    np.testing.assert_array_equal(film.pixels, picture.astype(np.float32) / 255)
    assert film.anterior == "left"
    np.testing.assert_allclose(in_space(film.affine, 10, 20), [0, 2, 94])


def test_rgb_of_both_formats_becomes_luminance(picture: Picture, tmp_path: Path) -> None:
    colour = np.stack([picture, picture, np.zeros_like(picture)], axis=-1)
    image = SimpleITK.GetImageFromArray(colour[np.newaxis], isVector=True)
    for suffix in (".nrrd", ".nii"):
        SimpleITK.WriteImage(image, str(tmp_path / f"film{suffix}"))
        film = read_film(tmp_path / f"film{suffix}")
        np.testing.assert_allclose(film.pixels, 0.9278 * picture / 255, atol=1e-3)
        assert any("luminance" in warning for warning in film.warnings)


@pytest.mark.parametrize("suffix", [".nrrd", ".nii"])
def test_values_that_are_no_numbers_are_dark_and_said(tmp_path: Path, suffix: str) -> None:
    values = np.linspace(-3, 5, 4000, dtype=np.float32).reshape(80, 50)
    values[10, 10], values[11, 11] = np.nan, np.inf
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(values[np.newaxis]), str(tmp_path / f"film{suffix}"))
    film = read_film(tmp_path / f"film{suffix}")
    assert film.pixels[10, 10] == film.pixels[11, 11] == 0
    assert film.pixels.max() == 1
    assert any("2 pixels are no finite number" in warning for warning in film.warnings)


def test_nothing_but_nan_is_refused(tmp_path: Path) -> None:
    nrrd.write(str(tmp_path / "film.nrrd"), np.full((30, 40), np.nan, np.float32))
    with pytest.raises(FilmError, match="no contrast"):
        read_film(tmp_path / "film.nrrd")


def test_a_spacing_of_one_millimetre_is_doubted(picture: Picture, tmp_path: Path) -> None:
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(picture[np.newaxis]), str(tmp_path / "film.nrrd"))
    film = read_film(tmp_path / "film.nrrd")
    assert film.spacing_mm == (1, 1)
    assert "default" in film.warnings[0]


@pytest.mark.parametrize("suffix", [".nrrd", ".nii.gz"])
def test_a_volume_is_refused(tmp_path: Path, suffix: str) -> None:
    volume = SimpleITK.GetImageFromArray(np.arange(24, dtype=np.int16).reshape(2, 3, 4))
    SimpleITK.WriteImage(volume, str(tmp_path / f"film{suffix}"))
    with pytest.raises(FilmError, match=rf"film{suffix}: is a volume of 4 x 3 x 2 voxels, not a lateral film"):
        read_film(tmp_path / f"film{suffix}")


def test_the_shared_ct_is_refused(shared_data: Path) -> None:
    with pytest.raises(FilmError, match="is a volume"):
        read_film(shared_data / "ct" / "example_ct.nii.gz")
