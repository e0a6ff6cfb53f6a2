"""Masks on a film's grid."""

from __future__ import annotations

from pathlib import Path

import nibabel
import nrrd
import numpy as np
import numpy.typing as npt
import pytest
import SimpleITK
from PIL import Image
from sagittal.films import FilmError, read_film, read_mask, write_label_map

SHAPE = (40, 30)


@pytest.fixture
def mask() -> npt.NDArray[np.uint8]:
    ids = np.zeros(SHAPE, np.uint8)
    ids[4:10, 3:12], ids[20:26, 8:20], ids[30:36, 1:5], ids[33:39, 4:9] = 1, 2, 3, 4
    return ids


@pytest.mark.parametrize("suffix", [".png", ".tif", ".nrrd", ".nii", ".nii.gz"])
def test_every_format_keeps_the_ids(mask: npt.NDArray[np.uint8], tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"mask{suffix}"
    SimpleITK.WriteImage(
        SimpleITK.GetImageFromArray(mask if suffix in (".png", ".tif") else mask[np.newaxis]), str(path)
    )
    read = read_mask(path, SHAPE)
    np.testing.assert_array_equal(read, mask)
    assert read.dtype == np.uint8


def test_rgb_with_equal_channels_is_a_mask(mask: npt.NDArray[np.uint8], tmp_path: Path) -> None:
    for channels in (2, 3, 4):
        opaque = [np.full(SHAPE, 255, np.uint8)] if channels in (2, 4) else []
        colours = [mask] * (channels - len(opaque))
        Image.fromarray(np.stack([*colours, *opaque], axis=-1)).save(tmp_path / "mask.png")
        np.testing.assert_array_equal(read_mask(tmp_path / "mask.png", SHAPE), mask)


def test_a_coloured_mask_is_refused(mask: npt.NDArray[np.uint8], tmp_path: Path) -> None:
    Image.fromarray(np.stack([mask, 0 * mask, mask], axis=-1)).save(tmp_path / "mask.png")
    with pytest.raises(FilmError, match=r"mask\.png: is a colour picture; save"):
        read_mask(tmp_path / "mask.png", SHAPE)


def test_palette_indices_are_the_ids(mask: npt.NDArray[np.uint8], tmp_path: Path) -> None:
    image = Image.fromarray(mask).convert("P")
    image.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 255, 255])
    image.save(tmp_path / "mask.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "mask.png", SHAPE), mask)


def test_whole_numbers_of_other_types_are_ids(mask: npt.NDArray[np.uint8], tmp_path: Path) -> None:
    Image.fromarray(mask.astype(np.uint16) * 10).save(tmp_path / "mask.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "mask.png", SHAPE), mask * 10)
    affine = np.diag([-0.15, -0.15, 1, 1])
    nibabel.save(nibabel.Nifti1Image(mask.T[..., np.newaxis].astype(np.float32), affine), tmp_path / "mask.nii")
    np.testing.assert_array_equal(read_mask(tmp_path / "mask.nii", SHAPE), mask)


@pytest.mark.parametrize(
    ("value", "said"), [(0.5, "no whole numbers"), (np.nan, "no whole numbers"), (-1, "from -1"), (300, "to 300")]
)
def test_values_that_are_no_ids_are_refused(tmp_path: Path, value: float, said: str) -> None:
    nrrd.write(str(tmp_path / "mask.nrrd"), np.where(np.arange(30)[:, None] + np.zeros(40) > 20, value, 0.0))
    with pytest.raises(FilmError, match=said):
        read_mask(tmp_path / "mask.nrrd", SHAPE)


def test_another_grid_is_refused_with_both_shapes(mask: npt.NDArray[np.uint8], tmp_path: Path) -> None:
    Image.fromarray(mask).save(tmp_path / "mask.png")
    with pytest.raises(FilmError, match="has 40 rows x 30 columns, the film has 80 rows x 60 columns; draw"):
        read_mask(tmp_path / "mask.png", (80, 60))
    with pytest.raises(FilmError, match="transposed"):
        read_mask(tmp_path / "mask.png", (30, 40))


def test_a_lossy_picture_is_refused(mask: npt.NDArray[np.uint8], tmp_path: Path) -> None:
    Image.fromarray(mask).save(tmp_path / "mask.jpg")
    with pytest.raises(FilmError, match=r"is JPEG; save the mask as PNG"):
        read_mask(tmp_path / "mask.jpg", SHAPE)


def test_an_empty_mask_is_a_mask(tmp_path: Path) -> None:
    Image.fromarray(np.zeros(SHAPE, np.uint8)).save(tmp_path / "mask.png")
    assert not read_mask(tmp_path / "mask.png", SHAPE).any()


def test_a_truncated_mask_is_refused(mask: npt.NDArray[np.uint8], tmp_path: Path) -> None:
    Image.fromarray(mask).save(tmp_path / "mask.png")
    (tmp_path / "mask.png").write_bytes((tmp_path / "mask.png").read_bytes()[:60])
    with pytest.raises(FilmError, match="truncated"):
        read_mask(tmp_path / "mask.png", SHAPE)


def test_a_mask_on_a_slice_that_runs_upwards_is_turned_with_its_film(
    mask: npt.NDArray[np.uint8], tmp_path: Path
) -> None:
    affine = np.array([[0, 0, 1.0, 4], [0.2, 0, 0, -50], [0, 0.3, 0, -200], [0, 0, 0, 1]])
    for name in ("film.nii", "mask.nii"):
        nibabel.save(nibabel.Nifti1Image(mask[::-1].T[..., np.newaxis], affine), tmp_path / name)
    film = read_film(tmp_path / "film.nii")
    np.testing.assert_array_equal(read_mask(tmp_path / "mask.nii", film.shape), mask)
    write_label_map(tmp_path / "labels.nrrd", mask, film)
    np.testing.assert_array_equal(read_mask(tmp_path / "labels.nrrd", film.shape), mask)


def test_the_authors_masks_are_read(shared_data: Path) -> None:
    for name in ("a1", "a2"):
        film = read_film(shared_data / "films_dev" / f"{name}.png")
        mask = read_mask(shared_data / "films_dev" / f"{name}_authors_mask.png", film.shape)
        assert {0, 1, 2, 3} <= set(np.unique(mask)) <= {0, 1, 2, 3, 4}
