"""A film's three result files appear together or not at all, and never in place of an input."""

from __future__ import annotations

import json
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import nrrd
import numpy as np
import pytest
from PIL import Image
from sagittal.inference import Inspection
from sagittal.report import ReportError, result_as_json, write_inspection

Make = Callable[..., Inspection]


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size in bytes, as on a disk that is nearly full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_it_writes_json_label_map_and_overlay(make_inspection: Make, tmp_path: Path) -> None:
    inspection = make_inspection()
    paths = write_inspection(inspection, tmp_path / "new" / "folder")
    assert {path.name for path in (tmp_path / "new" / "folder").iterdir()} == {
        "case one.json",
        "case one_labels.nrrd",
        "case one.png",
    }
    assert json.loads(paths.json.read_text(encoding="utf-8")) == result_as_json(inspection)
    voxels, header = nrrd.read(str(paths.label_map))
    assert voxels.shape == (360, 600, 1)
    assert np.array_equal(voxels[:, :, 0].T, inspection.measurement.label_map)
    assert header["space"] == "left-posterior-superior"
    assert Image.open(paths.overlay).size[1] == 1600


def test_earlier_results_are_replaced(make_inspection: Make, tmp_path: Path) -> None:
    write_inspection(make_inspection(heads=()), tmp_path)
    paths = write_inspection(make_inspection(), tmp_path)
    assert len(json.loads(paths.json.read_text(encoding="utf-8"))["landmarks"]["femoral_heads"]) == 2
    assert len(list(tmp_path.iterdir())) == 3


def test_the_film_itself_is_never_replaced(make_inspection: Make, tmp_path: Path) -> None:
    film = tmp_path / "case one.png"
    film.write_bytes(b"the film")
    with pytest.raises(ReportError, match=r"case one\.png is an input"):
        write_inspection(make_inspection(path=film), tmp_path)
    assert film.read_bytes() == b"the film"
    assert list(tmp_path.iterdir()) == [film]


def test_nor_is_any_other_input(make_inspection: Make, tmp_path: Path) -> None:
    mask = tmp_path / "case one_labels.nrrd"
    mask.write_bytes(b"the mask")
    with pytest.raises(ReportError, match=r"_labels\.nrrd is an input"):
        write_inspection(make_inspection(), tmp_path, keep=(tmp_path / "." / "case one_labels.nrrd",))
    assert mask.read_bytes() == b"the mask"


def test_a_full_disk_leaves_nothing_behind(make_inspection: Make, tmp_path: Path) -> None:
    with largest_file(4096), pytest.raises(ReportError, match=r"cannot write results to .*: File too large; free"):
        write_inspection(make_inspection(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(make_inspection: Make, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ReportError, match=r"cannot write results to .*file/results: Not a directory"):
        write_inspection(make_inspection(), tmp_path / "file" / "results")
