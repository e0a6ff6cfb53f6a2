"""`.seg.nrrd` holds every segment in the film's geometry, heads that overlap in layers of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nrrd
import numpy as np
import pytest
from sagittal.anatomy.definitions import default_definitions
from sagittal.anatomy.landmarks import Circle
from sagittal.films import write_label_map
from sagittal.inference import Inspection
from sagittal.report.segmentation_nrrd import write_segmentation_nrrd
from sagittal.report.segments import segments_of

Make = Callable[..., Inspection]
APART = (Circle((130.0, 500.0), 24.0), Circle((130.0, 560.0), 26.0))


def written(inspection: Inspection, path: Path) -> tuple[np.ndarray, dict]:
    segments = segments_of(inspection.measurement, inspection.film.pixel_aspect, default_definitions())
    write_segmentation_nrrd(path, segments, inspection.film, model=inspection.model)
    return nrrd.read(str(path), index_order="F")


def test_overlapping_heads_come_back_whole(make_inspection: Make, tmp_path: Path) -> None:
    inspection = make_inspection()
    voxels, header = written(inspection, tmp_path / "case.seg.nrrd")
    segments = segments_of(inspection.measurement, inspection.film.pixel_aspect, default_definitions())
    assert voxels.shape == (2, 360, 600, 1)
    for number, segment in enumerate(segments):
        layer, value = (int(header[f"Segment{number}_{key}"]) for key in ("Layer", "LabelValue"))
        assert np.array_equal(value == voxels[layer, :, :, 0].T, segment.mask), segment.structure.name
        assert header[f"Segment{number}_Name"] == segment.structure.name


def test_without_overlap_it_is_one_volume(make_inspection: Make, tmp_path: Path) -> None:
    inspection = make_inspection(heads=APART)
    voxels, header = written(inspection, tmp_path / "case.seg.nrrd")
    assert np.array_equal(voxels[:, :, 0].T, inspection.measurement.label_map)
    assert {header[f"Segment{number}_Layer"] for number in range(8)} == {"0"}


@pytest.mark.parametrize("heads", [APART, None])
def test_its_geometry_is_that_of_the_label_map(make_inspection: Make, tmp_path: Path, heads: object) -> None:
    inspection = make_inspection(**({} if heads is None else {"heads": heads}))
    inspection.film.affine[:] = [[0.3, 0, 0, -7], [0, 0.4, 0, 5], [0, 0, 1, 2], [0, 0, 0, 1]]
    _, header = written(inspection, tmp_path / "case.seg.nrrd")
    write_label_map(tmp_path / "labels.nrrd", inspection.measurement.label_map, inspection.film)
    _, expected = nrrd.read(str(tmp_path / "labels.nrrd"))
    assert header["space"] == expected["space"]
    np.testing.assert_array_equal(header["space directions"][-3:], expected["space directions"])
    np.testing.assert_array_equal(header["space origin"], expected["space origin"])


def test_a_segment_carries_colour_extent_and_terminology(make_inspection: Make, tmp_path: Path) -> None:
    inspection = make_inspection()
    _, header = written(inspection, tmp_path / "case.seg.nrrd")
    structure = default_definitions().structures["L1"]
    rows, columns = np.nonzero(inspection.measurement.label_map == structure.id)
    assert header["Segment0_Extent"] == f"{columns.min()} {columns.max()} {rows.min()} {rows.max()} 0 0"
    color = [float(channel) * 255 for channel in header["Segment0_Color"].split()]
    assert color == pytest.approx(structure.color, abs=0.01)
    assert f"~SCT^{structure.code}^{structure.meaning}~" in header["Segment0_Tags"]
    assert "Not for clinical use" in header["content"]


def test_a_film_on_which_nothing_was_found_has_no_segment(make_inspection: Make, tmp_path: Path) -> None:
    inspection = make_inspection()
    inspection.measurement.label_map[:] = 0
    voxels, header = written(inspection, tmp_path / "case.seg.nrrd")
    assert not voxels.any()
    assert not [key for key in header if key.startswith("Segment0")]
