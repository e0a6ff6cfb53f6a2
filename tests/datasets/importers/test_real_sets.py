"""Real masks and marks of other people come over as they are; skipped where they are not on this machine."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from foreign_sets import buu_row, png
from PIL import Image
from sagittal.anatomy import parameters_from_landmarks
from sagittal.anatomy.landmarks import Body, EndPlate, Landmarks
from sagittal.datasets import read_dataset, read_landmarks
from sagittal.datasets.import_films import ImportSettings, import_films
from sagittal.datasets.importers import Kind

EVERYTHING_TRAINS = ImportSettings(validation=0)


def test_the_authors_own_masks_become_the_classes_that_they_publish(shared_data: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("0275_o", "0275_s", "0281_o"):
        shutil.copy(shared_data / "masks_authors" / f"{name}_seg.png", source)
        # Their films are not published: a ramp of the same size stands in.
        (source / f"{name}.png").write_bytes(
            png(np.tile(np.arange(2035, dtype=np.uint16) // 8, (3408, 1)).astype("u1"))
        )
    report = import_films(Kind.AUTHORS_MASKS, source, tmp_path / "ours", EVERYTHING_TRAINS)
    entries = {Path(entry.image).stem: entry for entry in read_dataset(tmp_path / "ours" / "dataset.json").training}
    assert (report.films, report.with_mask, report.skipped) == (3, 3, ())
    assert {name: entry.subject for name, entry in entries.items()} == {
        "0275_o": "0275",
        "0275_s": "0275",
        "0281_o": "0281",
    }
    label = entries["0275_o"].label
    assert label is not None
    ours = Image.open(label)
    published = np.asarray(Image.open(shared_data / "films_dev" / "a1_authors_mask.png"))
    small = np.asarray(ours.resize(published.shape[::-1], Image.Resampling.NEAREST))
    for class_id in range(1, 5):
        both = np.count_nonzero((small == class_id) & (published == class_id))
        either = np.count_nonzero((small == class_id) | (published == class_id))
        assert both / either > 0.97, class_id


def test_real_corner_chains_come_over_through_a_buu_table(shared_data: Path, tmp_path: Path) -> None:
    film = Image.open(shared_data / "films_dev" / "c1_overlay.jpg")
    chains = json.loads((shared_data / "priors" / "corner_chains.json").read_text(encoding="utf-8"))
    (tmp_path / "source" / "LA").mkdir(parents=True)
    truths: dict[str, Landmarks] = {}
    for number, chain in enumerate(chains[:8], start=1):
        name = f"{number:04d}-F-050Y1"
        truths[name] = landmarks_of(chain["polygons"], film.size)
        film.save(tmp_path / "source" / "LA" / f"{name}.jpg")
        write_table(tmp_path / "source" / "LA" / f"{name}.csv", truths[name])
    report = import_films(Kind.BUU_LSPINE, tmp_path / "source", tmp_path / "ours", EVERYTHING_TRAINS)
    assert report.skipped == ()
    for entry in read_dataset(tmp_path / "ours" / "dataset.json").training:
        truth = truths[Path(entry.image).stem]
        assert entry.landmarks is not None
        assert read_landmarks(Path(entry.landmarks)) == truth
        expected = parameters_from_landmarks(truth)
        assert entry.parameters is not None
        assert entry.parameters["LL"] == pytest.approx(expected["LL"].value)


def test_a_real_film_without_a_table_is_left_out(shared_data: Path, tmp_path: Path) -> None:
    (tmp_path / "source" / "LA").mkdir(parents=True)
    (tmp_path / "source" / "AP").mkdir()
    shutil.copy(shared_data / "films_dev" / "c1_overlay.jpg", tmp_path / "source" / "LA" / "0001-F-037Y1.jpg")
    shutil.copy(shared_data / "negative" / "ap_view.jpg", tmp_path / "source" / "AP" / "0001-F-037Y0.jpg")
    report = import_films(Kind.BUU_LSPINE, tmp_path / "source", tmp_path / "ours")
    assert {skipped.reason for skipped in report.skipped} == {"has no table of corners", "is a frontal (AP) film"}


def landmarks_of(polygons: list[list[list[float]]], size: tuple[int, int]) -> Landmarks:
    """A chain's polygons L1 to S1, mirrored to face left and fitted into a film of (columns, rows)."""
    points = np.array([point for ring in polygons for point in ring], np.float64)
    low, scale = points.min(axis=0), 0.8 * min(size) / np.ptp(points, axis=0).max()

    def corners(ring: list[list[float]]) -> np.ndarray:
        placed = (np.array(ring, np.float64) - low) * scale + 0.1 * min(size)
        placed[:, 0] = size[0] - placed[:, 0]
        return placed

    bodies = {}
    for level, ring in zip(("L1", "L2", "L3", "L4", "L5"), polygons, strict=False):
        placed = corners(ring)
        upper, lower = (pair[np.argsort(pair[:, 0])] for pair in np.split(placed[np.argsort(placed[:, 1])], 2))
        bodies[level] = Body(*(tuple(map(float, point)) for point in (*upper, *lower)))  # type: ignore[arg-type]
    # The plate is the first edge of the triangle; its posterior end lies to the right now.
    ends = corners(polygons[5])[:2]
    first, second = (tuple(map(float, point)) for point in ends[np.argsort(ends[:, 0])])
    return Landmarks(bodies, EndPlate(first, second), (), "left")  # type: ignore[arg-type]


def write_table(path: Path, landmarks: Landmarks) -> None:
    plates = [plate for body in landmarks.bodies.values() for plate in (body.superior, body.inferior)]
    assert landmarks.s1 is not None
    path.write_text("\n".join(buu_row(plate, 0) for plate in [*plates, landmarks.s1]), encoding="utf-8")
