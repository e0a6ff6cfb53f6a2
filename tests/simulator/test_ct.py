"""Films projected from CT volumes: right path lengths, the simulator's label rule, clear refusals."""

from __future__ import annotations

from pathlib import Path

import nibabel
import numpy as np
import pytest
from sagittal.anatomy import measure_mask
from sagittal.simulator.ct import CtError, CtPose, CtVolume, load_label_schemes, project_ct, read_ct
from sagittal.simulator.ct.raycast import LateralView, cast

VERSE = load_label_schemes()["verse"]


def test_a_ray_through_a_block_is_as_long_as_the_block_is_thick() -> None:
    block = np.zeros((40, 30, 30), np.float32)
    block[10:30, 5:25, 5:25] = 1
    view = LateralView(2000.0, 100.0, (0.0, 0.0, 0.0), (40, 40), 2.0, (0.0, 0.0))
    film = cast(block, (2.0, 2.0, 2.0), view)
    # Twenty voxels of 2 mm; the ray caster runs from voxel centre to voxel centre.
    assert film[20, 20] == pytest.approx(40, rel=0.06)
    assert film[0, 0] == 0


def test_points_are_projected_where_the_ray_caster_shows_them() -> None:
    volume = np.zeros((40, 50, 60), np.float32)
    volume[8, 30, 12] = 1
    spacing = (2.0, 2.0, 2.0)
    view = LateralView(900.0, 250.0, (0.08, -0.06, 0.1), (160, 140), 1.0, (4.0, -3.0))
    film = cast(volume, spacing, view)
    rows, columns = np.nonzero(film > 0.3 * film.max())
    point = (np.array([[8, 30, 12]]) - (np.array(volume.shape) - 1) / 2) * 2.0
    x, y = view.project(point)[0]
    assert (columns.mean(), rows.mean()) == (pytest.approx(x, abs=1.0), pytest.approx(y, abs=1.0))


def test_bodies_are_labelled_without_what_lies_behind_the_canal() -> None:
    film = project_ct(_column(), VERSE, CtPose(), rows=300)
    found = np.unique(film.label_map)
    assert set(found) == {0, 20, 21, 22, 23, 24, 26}
    columns = np.nonzero(film.label_map == 22)[1]
    # 32 mm of body at a magnification of 1.27, the 12 mm behind the canal left out.
    assert np.ptp(columns) * film.pixel_mm == pytest.approx(32 * 1400 / 1100, abs=5)


def test_a_label_map_of_another_scheme_is_refused() -> None:
    ct = _column()
    with pytest.raises(CtError, match="scheme"):
        project_ct(ct, load_label_schemes()["totalsegmentator"], CtPose(), rows=100)


def test_volumes_on_different_grids_are_refused(tmp_path: Path) -> None:
    ct = _column()
    affine = np.diag([2.0, 2.0, 2.0, 1.0])
    nibabel.save(nibabel.Nifti1Image(ct.hounsfield, affine), tmp_path / "ct.nii.gz")
    nibabel.save(nibabel.Nifti1Image(ct.labels[1:].astype(np.int16), affine), tmp_path / "labels.nii.gz")
    with pytest.raises(CtError, match="one 3-D grid"):
        read_ct(tmp_path / "ct.nii.gz", tmp_path / "labels.nii.gz")
    (tmp_path / "broken.nii.gz").write_bytes(b"no volume")
    with pytest.raises(CtError, match=r"broken\.nii\.gz"):
        read_ct(tmp_path / "broken.nii.gz", tmp_path / "labels.nii.gz")


def test_a_real_ct_gives_a_film_that_the_anatomy_measures(shared_data: Path) -> None:
    ct = read_ct(shared_data / "ct" / "example_ct.nii.gz", shared_data / "ct" / "labels.nii.gz")
    film = project_ct(ct, load_label_schemes()["example"], CtPose(), rows=500)
    measured = measure_mask(film.label_map)
    assert measured.landmarks.anterior == "left"
    for name in ("SS", "LL", "L4S1"):
        assert measured.parameters[name].value is not None, measured.parameters[name].reason
    # Metal in the hip, bone less dense than the metal, and a trunk around both.
    assert film.metal.max() > 5 > film.metal[:100].max()
    assert 5 < film.bone.max() < 60 < film.soft.max()


def _column() -> CtVolume:
    """Five bodies 32 mm deep over a sacrum, each with a canal and a process behind it."""
    labels = np.zeros((50, 60, 120), np.int32)
    for number in range(5):
        bottom = 30 + 17 * number
        labels[15:35, 30:46, bottom : bottom + 13] = 24 - number
        labels[22:28, 18:24, bottom : bottom + 8] = 24 - number
    labels[15:35, 26:44, 8:26] = 26
    hounsfield = np.where(labels > 0, 400, 30).astype(np.float32)
    return CtVolume(hounsfield, labels, (2.0, 2.0, 2.0))
