"""Others' sets become ours without loss, however often the import is cut off; what cannot be used is said."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from foreign_sets import (
    films,
    pixels_of,
    without_heads,
    write_authors_masks,
    write_buu,
    write_labelme,
    write_seed_table,
    write_yolo,
)
from PIL import Image
from sagittal.anatomy import parameters_from_landmarks
from sagittal.anatomy.landmarks import Landmarks
from sagittal.datasets import DatalistError, Dataset, Entry, read_dataset, read_landmarks
from sagittal.datasets import import_films as import_module
from sagittal.datasets.import_films import ImportSettings, import_films
from sagittal.datasets.importers import Kind
from sagittal.datasets.importers.source import SourceError

Write = Callable[..., object]

LEFT = films(facing="left")
SOURCES: dict[Kind, tuple[Write, Any]] = {
    Kind.BUU_LSPINE: (write_buu, LEFT),
    Kind.SEED_TABLE: (write_seed_table, films(heads=2)),
    Kind.AUTHORS_MASKS: (write_authors_masks, films(heads=2)),
    Kind.YOLO_POSE: (write_yolo, films()),
    Kind.LABELME: (write_labelme, films()),
}


def written(kind: Kind, folder: Path) -> Path:
    write, sources = SOURCES[kind]
    write(folder, sources)
    return folder


def entries_of(folder: Path) -> list[Entry]:
    dataset: Dataset = read_dataset(folder / "dataset.json")
    entries = [*dataset.training, *dataset.validation]
    return sorted(entries, key=lambda entry: entry.image)


def tree(folder: Path) -> dict[str, str]:
    """Digest of every visible file by its place."""
    files = [p for p in folder.rglob("*") if p.is_file() and ".import" not in p.relative_to(folder).parts]
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def assert_same_landmarks(found: Landmarks, truth: Landmarks, within: float = 1e-4) -> None:
    assert found.anterior == truth.anterior
    assert found.bodies.keys() == truth.bodies.keys()
    pairs = [(vars(found.bodies[level]), vars(body)) for level, body in truth.bodies.items()]
    assert found.s1 is not None
    assert truth.s1 is not None
    for ours, theirs in [*pairs, (vars(found.s1), vars(truth.s1))]:
        for name, point in theirs.items():
            assert ours[name] == pytest.approx(point, abs=within), name
    assert len(found.femoral_heads) == len(truth.femoral_heads)
    for head, true_head in zip(found.femoral_heads, truth.femoral_heads, strict=True):
        assert head.center == pytest.approx(true_head.center, abs=within)
        assert head.radius == pytest.approx(true_head.radius, abs=within)


def assert_same_parameters(entry: Entry, truth: Landmarks, within: float = 1e-3) -> None:
    expected = {name: p.value for name, p in parameters_from_landmarks(truth).items()}
    assert entry.parameters is not None
    assert entry.parameters.keys() == expected.keys()
    for name, value in expected.items():
        assert entry.parameters[name] == (None if value is None else pytest.approx(value, abs=within)), name


@pytest.mark.parametrize("kind", list(Kind))
def test_films_come_over_byte_for_byte_and_the_source_is_left_alone(kind: Kind, tmp_path: Path) -> None:
    source = written(kind, tmp_path / "source")
    before = tree(source)
    report = import_films(kind, source, tmp_path / "ours")
    assert tree(source) == before
    assert (report.films, report.skipped) == (3, ())
    copies = {hashlib.sha256(Path(entry.image).read_bytes()).hexdigest() for entry in entries_of(tmp_path / "ours")}
    originals = {digest for name, digest in before.items() if name.endswith((".jpg", ".png"))}
    assert len(copies) == 3
    assert copies <= originals


@pytest.mark.parametrize("split", [False, True])
def test_a_buu_tree_gives_its_landmarks_facts_and_classes(tmp_path: Path, split: bool) -> None:
    write_buu(tmp_path / "source", LEFT, split=split)
    (tmp_path / "source" / "pixel_spacing.csv").write_text("filename,pixel_spacing_mm\n0001-M-037Y1.jpg,0.143\n")
    import_films(Kind.BUU_LSPINE, tmp_path / "source", tmp_path / "ours")
    for number, (entry, film) in enumerate(zip(entries_of(tmp_path / "ours"), LEFT, strict=True), start=1):
        truth = without_heads(film.landmarks)
        assert entry.label is None
        assert entry.landmarks is not None
        assert_same_landmarks(read_landmarks(Path(entry.landmarks)), truth)
        assert_same_parameters(entry, truth)
        assert entry.parameters is not None
        assert entry.parameters["PI"] is None
        assert entry.subject == f"{number:04d}"
        assert entry.source is not None
        assert entry.source["classes"]["L3 superior"] == 4
        assert entry.film is not None
        assert (entry.film.sex, entry.film.age_years) == ("FM"[number % 2], 36 + number)
        assert entry.film.spacing_mm == ((0.143, 0.143) if number == 1 else None)


def test_the_seeds_table_keeps_its_masks_exactly_and_its_values_beside_ours(tmp_path: Path) -> None:
    source = written(Kind.SEED_TABLE, tmp_path / "source")
    report = import_films(Kind.SEED_TABLE, source, tmp_path / "ours")
    for number, (entry, film) in enumerate(zip(entries_of(tmp_path / "ours"), films(heads=2), strict=True)):
        assert entry.label is not None
        np.testing.assert_array_equal(np.asarray(Image.open(entry.label)), film.class_mask)
        assert (entry.subject, entry.landmarks_from) == (f"{number:04d}", "mask")
        assert entry.source_parameters is not None
        for name, value in entry.source_parameters.items():
            assert value == film.parameters[name].value
        # Measured on the mask: near the truth, and not the table's value again.
        assert entry.parameters is not None
        assert entry.parameters["SS"] == pytest.approx(film.parameters["SS"].value, abs=5)
        assert entry.parameters["SS"] != film.parameters["SS"].value
    assert report.disagreement["SS"].films == 3
    errors = [
        abs(entry.parameters["SS"] - entry.source_parameters["SS"])  # type: ignore[operator,index]
        for entry in entries_of(tmp_path / "ours")
    ]
    assert report.disagreement["SS"].mean_absolute == pytest.approx(np.mean(errors))
    assert report.disagreement["SS"].largest == pytest.approx(max(errors))


def test_colour_masks_are_thresholded_to_the_classes_they_were_drawn_from(tmp_path: Path) -> None:
    source = written(Kind.AUTHORS_MASKS, tmp_path / "source")
    soft = np.asarray(Image.open(source / "0000_o_seg.png"))
    assert len(np.unique(soft.reshape(-1, 3), axis=0)) > 20
    import_films(Kind.AUTHORS_MASKS, source, tmp_path / "ours")
    for entry, film in zip(entries_of(tmp_path / "ours"), films(heads=2), strict=True):
        assert entry.label is not None
        np.testing.assert_array_equal(np.asarray(Image.open(entry.label)), film.class_mask)


def test_a_yolo_set_gives_its_corners_on_the_side_they_show(tmp_path: Path) -> None:
    source = tmp_path / "source"
    both = (*films(facing="left", count=1), *films(facing="right", count=1))
    write_yolo(source, both)
    import_films(Kind.YOLO_POSE, source, tmp_path / "ours")
    for entry, film in zip(entries_of(tmp_path / "ours"), both, strict=True):
        assert entry.landmarks is not None
        assert_same_landmarks(read_landmarks(Path(entry.landmarks)), without_heads(film.landmarks))
        assert_same_parameters(entry, without_heads(film.landmarks))


def test_a_labelme_set_gives_masks_and_landmarks_exactly(tmp_path: Path) -> None:
    source = written(Kind.LABELME, tmp_path / "source")
    import_films(Kind.LABELME, source, tmp_path / "ours")
    for entry, film in zip(entries_of(tmp_path / "ours"), films(), strict=True):
        bodies = {level: film.landmarks.bodies[level] for level in ("L1", "L2", "L3", "L4", "L5")}
        truth = Landmarks(bodies, film.landmarks.s1, film.landmarks.femoral_heads, film.landmarks.anterior)
        assert entry.label is not None
        assert entry.landmarks is not None
        np.testing.assert_array_equal(np.asarray(Image.open(entry.label)), film.class_mask)
        assert_same_landmarks(read_landmarks(Path(entry.landmarks)), truth)
        assert_same_parameters(entry, truth)
        assert entry.landmarks_from == "marks"


def test_heads_in_the_other_order_are_exchanged_and_that_is_said(tmp_path: Path) -> None:
    source = written(Kind.SEED_TABLE, tmp_path / "source")
    path = source / "masks" / "0000_o.png"
    mask = np.asarray(Image.open(path))
    Image.fromarray(np.array([0, 1, 2, 4, 3], np.uint8)[mask]).save(path)
    import_films(Kind.SEED_TABLE, source, tmp_path / "ours")
    entry = entries_of(tmp_path / "ours")[0]
    assert entry.label is not None
    np.testing.assert_array_equal(np.asarray(Image.open(entry.label)), mask)
    assert any("exchanged" in remark for remark in entry.remarks)


class Stopped(BaseException):
    """Ends an import as a killed process does: nothing is tidied."""


@pytest.mark.parametrize("kind", list(Kind))
def test_a_resumed_import_equals_an_uninterrupted_one(
    kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = written(kind, tmp_path / "source")
    whole = import_films(kind, source, tmp_path / "whole")
    writes, limit = 0, 0
    real = import_module.replace_file

    def cut_off(path: Path, content: bytes, **where: Any) -> None:
        nonlocal writes
        writes += 1
        if writes > limit:
            raise Stopped
        real(path, content, **where)

    monkeypatch.setattr(import_module, "replace_file", cut_off)
    # Each run gets one write further than the one before: it is cut off at every place there is.
    for runs in range(60):
        writes, limit = 0, runs
        try:
            resumed = import_films(kind, source, tmp_path / "parts")
            break
        except Stopped:
            assert not (tmp_path / "parts" / "dataset.json").exists()
    else:
        pytest.fail("the import never came to its end")
    assert runs > 3
    assert resumed == whole
    assert tree(tmp_path / "parts") == tree(tmp_path / "whole")


def test_a_killed_process_leaves_no_half_file_and_is_continued(tmp_path: Path) -> None:
    source = written(Kind.SEED_TABLE, tmp_path / "source")
    for number in range(3, 40):
        for kind in ("images", "masks"):
            shutil.copy(source / kind / f"{number % 3:04d}_o.png", source / kind / f"{number:04d}_o.png")
    rows = (source / "data_2020.csv").read_text().splitlines()
    extra = [rows[n % 3].replace(f"{n % 3:04d}_o", f"{n:04d}_o") for n in range(3, 40)]
    (source / "data_2020.csv").write_text("\n".join(rows + extra) + "\n")
    command = [sys.executable, "-m", "sagittal.cli", "import", "seed-table", str(source), str(tmp_path / "ours")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    records = tmp_path / "ours" / ".import" / "films"
    while len(list(records.glob("*.json"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert 3 <= len(list(records.glob("*.json"))) < 40
    for path in (tmp_path / "ours").glob("*/*.*"):
        if path.suffix == ".png":
            Image.open(path).load()
        elif path.suffix == ".json":
            json.loads(path.read_text())
    report = import_films(Kind.SEED_TABLE, source, tmp_path / "ours")
    assert report.films == 40
    assert import_films(Kind.SEED_TABLE, source, tmp_path / "whole") == report
    assert tree(tmp_path / "ours") == tree(tmp_path / "whole")


def test_only_what_changed_is_imported_again(tmp_path: Path) -> None:
    source = written(Kind.SEED_TABLE, tmp_path / "source")
    import_films(Kind.SEED_TABLE, source, tmp_path / "ours")
    times = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "ours" / "labels").iterdir()}
    mask = source / "masks" / "0001_o.png"
    changed = np.asarray(Image.open(mask)).copy()
    changed[0, 0] = 1
    Image.fromarray(changed).save(mask)
    os.utime(mask, ns=(1, 1))
    import_films(Kind.SEED_TABLE, source, tmp_path / "ours")
    now = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "ours" / "labels").iterdir()}
    assert {name for name in times if times[name] != now[name]} == {"0001_o.png"}
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "ours" / "labels" / "0001_o.png")), changed)


def test_a_full_disk_stops_the_import_with_advice_and_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = written(Kind.LABELME, tmp_path / "source")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(import_module, "replace_file", full)
        with pytest.raises(DatalistError, match=r"No space left on device\); mend that and run the same command again"):
            import_films(Kind.LABELME, source, tmp_path / "ours")
    assert import_films(Kind.LABELME, source, tmp_path / "ours").films == 3


def test_films_that_cannot_be_used_are_left_out_with_their_reason_and_without_folders(tmp_path: Path) -> None:
    source = written(Kind.SEED_TABLE, tmp_path / "a patient's folder")
    cut = source / "images" / "0000_o.png"
    cut.write_bytes(cut.read_bytes()[:2000])
    small = source / "masks" / "0001_o.png"
    Image.fromarray(np.asarray(Image.open(small))[:-5]).save(small)
    report = import_films(Kind.SEED_TABLE, source, tmp_path / "ours")
    assert report.films == 1
    reasons = {skipped.file: skipped.reason for skipped in report.skipped}
    assert "truncated or damaged" in reasons["images/0000_o.png"]
    assert "475 rows x" in reasons["images/0001_o.png"]
    told = (tmp_path / "ours" / "import_report.json").read_text()
    assert str(tmp_path) not in told
    assert not (tmp_path / "ours" / "images" / "0000_o.png").exists()


def test_odd_image_types_become_png_of_the_same_pixels(tmp_path: Path) -> None:
    source = written(Kind.LABELME, tmp_path / "source")
    for path in sorted(source.glob("*.png")):
        with Image.open(path) as image:
            image.save(path.with_suffix(".bmp"))
        path.unlink()
        text = path.with_suffix(".json")
        text.write_text(text.read_text().replace(".png", ".bmp"))
    import_films(Kind.LABELME, source, tmp_path / "ours")
    for entry, film in zip(entries_of(tmp_path / "ours"), films(), strict=True):
        assert entry.image.endswith(".png")
        np.testing.assert_array_equal(np.asarray(Image.open(entry.image)), pixels_of(film))


def test_a_film_that_viewers_turn_is_left_out(tmp_path: Path) -> None:
    source = written(Kind.BUU_LSPINE, tmp_path / "source")
    path = sorted((source / "LA").glob("*.jpg"))[0]
    with Image.open(path) as image:
        exif = image.getexif()
        exif[274] = 3
        image.save(path, exif=exif)
    report = import_films(Kind.BUU_LSPINE, source, tmp_path / "ours")
    assert [skipped.reason for skipped in report.skipped] == [
        "is stored turned (EXIF orientation 3); save film and marks upright"
    ]


def test_subjects_are_taken_from_names_and_never_split(tmp_path: Path) -> None:
    source = written(Kind.LABELME, tmp_path / "source")
    settings = ImportSettings(validation=0.5, subject="^(case)")
    report = import_films(Kind.LABELME, source, tmp_path / "ours", settings)
    assert 0 in (report.training, report.validation)
    assert {entry.subject for entry in entries_of(tmp_path / "ours")} == {"case"}
    with pytest.raises(ValueError, match="must have one group"):
        import_films(Kind.LABELME, source, tmp_path / "other", ImportSettings(subject="case"))


def test_names_stay_in_our_folders_and_apart(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for number, folder in enumerate(("a", "A b", "..c")):
        write_labelme(source / folder, films()[number : number + 1])
        for path in list((source / folder).iterdir()):
            text = path.read_text().replace("case 0", "..Fall ä") if path.suffix == ".json" else None
            moved = path.rename(path.with_name(f"..Fall ä{path.suffix}".lstrip(".")))
            if text is not None:
                moved.write_text(text.replace("..Fall", "Fall"))
    import_films(Kind.LABELME, source, tmp_path / "ours")
    names = {path.name for path in (tmp_path / "ours" / "images").iterdir()}
    # A folder whose name begins with a dot is hidden and not looked into.
    assert names == {"Fall.png", "Fall_2.png"}


def test_places_that_would_harm_are_refused(tmp_path: Path) -> None:
    source = written(Kind.LABELME, tmp_path / "source")
    for target in (source, source / "ours", tmp_path):
        with pytest.raises(DatalistError, match="must lie outside the source"):
            import_films(Kind.LABELME, source, target)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    with pytest.raises(DatalistError, match="holds other files"):
        import_films(Kind.LABELME, source, tmp_path / "full")
    (tmp_path / "file").write_text("mine")
    with pytest.raises(DatalistError, match="is a file"):
        import_films(Kind.LABELME, source, tmp_path / "file")
    import_films(Kind.LABELME, source, tmp_path / "ours")
    other = written(Kind.YOLO_POSE, tmp_path / "other")
    with pytest.raises(DatalistError, match="another kind"):
        import_films(Kind.YOLO_POSE, other, tmp_path / "ours")


@pytest.mark.parametrize("kind", list(Kind))
def test_a_source_that_is_none_stops_at_once(kind: Kind, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for source in (tmp_path / "empty", tmp_path / "none"):
        with pytest.raises(SourceError):
            import_films(kind, source, tmp_path / "ours")
        assert not (tmp_path / "ours").exists()
