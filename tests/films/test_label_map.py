"""Label maps overlay their film exactly."""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Callable
from pathlib import Path

import nrrd
import numpy as np
import numpy.typing as npt
import pytest
import SimpleITK
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sagittal.films import Film, FilmError, Identity, SpacingRule, read_film, read_mask, write_label_map
from scipy.spatial.transform import Rotation

ROWS, COLUMNS = 7, 5


def film_with(affine: npt.NDArray[np.float64], rows: int = ROWS, columns: int = COLUMNS) -> Film:
    column, row = (float(size) for size in np.linalg.norm(affine[:3, :2], axis=0))
    return Film(
        pixels=np.linspace(0, 1, rows * columns, dtype=np.float32).reshape(rows, columns),
        spacing_mm=(row, column),
        spacing_rule=SpacingRule.FILE_HEADER,
        pixel_aspect=(row, column),
        affine=affine,
        anterior=None,
        identity=Identity(name="film", path=None),
    )


@st.composite
def affines(draw: st.DrawFn) -> npt.NDArray[np.float64]:
    """Geometries that a film may have: any rotation, mirrored or not, spacings 0.05..5 mm."""
    affine = np.eye(4)
    rotation = Rotation.from_euler("xyz", [draw(st.floats(-180, 180)) for _ in range(3)], degrees=True)
    spacings = np.array([draw(st.floats(0.05, 5)) for _ in range(3)])
    affine[:3, :3] = rotation.as_matrix() @ np.diag(spacings * [draw(st.sampled_from([-1, 1])), 1, 1])
    affine[:3, 3] = [draw(st.floats(-500, 500)) for _ in range(3)]
    return affine


LABELS = arrays(np.uint8, (ROWS, COLUMNS), elements=st.sampled_from([0, 20, 24, 26, 41, 42, 255]))


@settings(max_examples=60, deadline=None)
@given(affine=affines(), labels=LABELS)
def test_geometry_and_ids_survive_to_the_last_digit(
    affine: npt.NDArray[np.float64], labels: npt.NDArray[np.uint8]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels.nrrd"
        write_label_map(path, labels, film_with(affine))
        voxels, header = nrrd.read(str(path))
        image = SimpleITK.ReadImage(str(path))
    assert voxels.shape == (COLUMNS, ROWS, 1)
    assert voxels.dtype == np.uint8
    assert header["space"] == "left-posterior-superior"
    np.testing.assert_array_equal(voxels[:, :, 0].T, labels)
    np.testing.assert_array_equal(np.array(header["space directions"]).T, affine[:3, :3])
    np.testing.assert_array_equal(header["space origin"], affine[:3, 3])
    np.testing.assert_array_equal(SimpleITK.GetArrayFromImage(image)[0], labels)
    if np.linalg.det(affine[:3, :3]) > 0:
        point = image.TransformIndexToPhysicalPoint((3, 6, 0))
        np.testing.assert_allclose(point, (affine @ [3, 6, 0, 1])[:3], atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(affine=affines(), labels=LABELS)
def test_a_label_map_read_back_lies_at_the_same_places(
    affine: npt.NDArray[np.float64], labels: npt.NDArray[np.uint8]
) -> None:
    """Reading may stand it upright; each id stays where it was in space."""
    labels[0, 0], labels[-1, -1] = 1, 2
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels.nrrd"
        write_label_map(path, labels, film_with(affine))
        film = read_film(path)
        ids = read_mask(path, film.shape)
    for value in (1, 2):
        row, column = np.argwhere(ids == value)[0]
        first_row, first_column = np.argwhere(labels == value)[0]
        expected = affine @ [first_column, first_row, 0, 1]
        np.testing.assert_allclose(film.affine @ [column, row, 0, 1], expected, atol=1e-9)


def test_a_spacing_of_0_15_is_kept(tmp_path: Path) -> None:
    labels = np.arange(35, dtype=np.uint8).reshape(ROWS, COLUMNS)
    write_label_map(tmp_path / "labels.nrrd", labels, film_with(np.diag([0.15, 0.15, 1, 1])))
    assert SimpleITK.ReadImage(str(tmp_path / "labels.nrrd")).GetSpacing() == (0.15, 0.15, 1)
    assert read_film(tmp_path / "labels.nrrd").spacing_mm == (0.15, 0.15)


def test_a_dicom_film_gives_its_spacing_to_its_label_map(tmp_path: Path, write_dicom: Callable[..., Path]) -> None:
    values = np.arange(1200, dtype=np.uint16).reshape(40, 30)
    film = read_film(write_dicom(values, PixelSpacing=[0.3, 0.15]))
    write_label_map(tmp_path / "labels.nrrd", np.full(film.shape, 26, np.int64), film)
    image = SimpleITK.ReadImage(str(tmp_path / "labels.nrrd"))
    assert image.GetSize() == (30, 40, 1)
    assert image.GetSpacing() == (0.15, 0.3, 1)


@pytest.mark.parametrize(
    "labels",
    [
        np.zeros((COLUMNS, ROWS), np.uint8),
        np.full((ROWS, COLUMNS), 256),
        np.full((ROWS, COLUMNS), -1),
        np.zeros((ROWS, COLUMNS), np.float32),
    ],
)
def test_what_is_no_label_map_of_the_film_is_refused(tmp_path: Path, labels: npt.NDArray[np.integer]) -> None:
    with pytest.raises(FilmError, match=r"labels\.nrrd: "):
        write_label_map(tmp_path / "labels.nrrd", labels, film_with(np.eye(4)))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(FilmError, match=r"labels\.nrrd: cannot be written: No such file or directory; choose"):
        write_label_map(tmp_path / "nowhere" / "labels.nrrd", np.zeros((ROWS, COLUMNS), np.uint8), film_with(np.eye(4)))


def test_a_full_disk_leaves_the_earlier_label_map(tmp_path: Path) -> None:
    path, film = tmp_path / "labels.nrrd", film_with(np.eye(4), 100, 100)
    write_label_map(path, np.ones(film.shape, np.uint8), film)
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(FilmError, match=r"labels\.nrrd: cannot be written: File too large"):
            write_label_map(path, np.random.default_rng(0).integers(0, 255, film.shape), film)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["labels.nrrd"]


def test_a_folder_in_the_place_of_the_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "labels.nrrd").mkdir()
    with pytest.raises(FilmError, match=r"labels\.nrrd: cannot be written: Is a directory"):
        write_label_map(tmp_path / "labels.nrrd", np.zeros((ROWS, COLUMNS), np.uint8), film_with(np.eye(4)))
    assert [entry.name for entry in tmp_path.iterdir()] == ["labels.nrrd"]


def test_writing_replaces_and_leaves_nothing_else_behind(tmp_path: Path) -> None:
    film = film_with(np.eye(4))
    for value in (1, 2):
        write_label_map(tmp_path / "labels.nrrd", np.full((ROWS, COLUMNS), value, np.uint8), film)
    assert (read_mask(tmp_path / "labels.nrrd", film.shape) == 2).all()
    assert [entry.name for entry in tmp_path.iterdir()] == ["labels.nrrd"]
