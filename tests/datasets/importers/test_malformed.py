"""What is malformed in a foreign set is left out, with a reason that says what and where."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from foreign_sets import (
    films,
    labelme_content,
    outlines,
    pixels_of,
    png,
    shape,
    write_authors_masks,
    write_buu,
    write_labelme,
    write_seed_table,
    write_yolo,
)
from PIL import Image
from sagittal.anatomy.definitions import default_definitions
from sagittal.configuration import ConfigurationError
from sagittal.datasets import read_dataset, read_landmarks
from sagittal.datasets.import_films import ImportSettings, import_films
from sagittal.datasets.import_report import ImportReport
from sagittal.datasets.importers import Kind
from sagittal.datasets.importers.source import SourceError
from sagittal.datasets.layout import Entry


def imported(kind: Kind, folder: Path, **settings: Any) -> tuple[ImportReport, list[Entry]]:
    report = import_films(kind, folder / "source", folder / "ours", ImportSettings(**settings))
    dataset = read_dataset(folder / "ours" / "dataset.json")
    return report, sorted([*dataset.training, *dataset.validation], key=lambda entry: entry.image)


def reason_of(kind: Kind, folder: Path) -> str:
    report, _ = imported(kind, folder)
    (skipped,) = report.skipped
    return skipped.reason


@pytest.mark.parametrize(
    ("line", "text", "reason"),
    [
        (3, "1,2,3", "line 3 of its table has 3 cells"),
        (3, "1,2,x,4", "line 3 of its table holds what is no number"),
        (3, "1,2,nan,4", "line 3 of its table lies outside the film"),
        (3, "1,2,99999,4", "line 3 of its table lies outside the film"),
        (3, "10,20,10,20", "line 3 of its table is a point"),
        (4, "10,200,50,200,7", "line 4 of its table has the class '7'"),
        (9, "10,20,50,20,0", "L5 superior does not lie below the end plate before it"),
        (11, None, "its table has 10 rows, expected 11"),
    ],
)
def test_a_malformed_row_of_buu(tmp_path: Path, line: int, text: str | None, reason: str) -> None:
    write_buu(tmp_path / "source", films(facing="left", count=2))
    table = tmp_path / "source" / "LA" / "0001-M-037Y1.csv"
    rows = table.read_text().splitlines()
    rows[line - 1 : line] = [] if text is None else [text]
    table.write_text("\n".join(rows))
    assert reason in reason_of(Kind.BUU_LSPINE, tmp_path)


def test_frontal_films_strangers_and_films_without_a_table_of_buu(tmp_path: Path) -> None:
    source = tmp_path / "source"
    write_buu(source, films(facing="left", count=2))
    (source / "AP").mkdir()
    film = next((source / "LA").glob("*.jpg")).read_bytes()
    for name in ("AP/0001-M-037Y0.jpg", "LA/scan.jpg", "LA/0009-F-040Y1.jpg"):
        (source / name).write_bytes(film)
    report, entries = imported(Kind.BUU_LSPINE, tmp_path)
    assert len(entries) == 2
    assert {skipped.file: skipped.reason for skipped in report.skipped} == {
        "AP/0001-M-037Y0.jpg": "is a frontal (AP) film",
        "LA/scan.jpg": "is not named like 0001-F-037Y1",
        "LA/0009-F-040Y1.jpg": "has no table of corners",
    }


def test_points_of_buu_in_the_wrong_order_are_exchanged_and_that_is_said(tmp_path: Path) -> None:
    truth = films(facing="left", count=1)
    write_buu(tmp_path / "source", truth)
    table = tmp_path / "source" / "LA" / "0001-M-037Y1.csv"
    rows = table.read_text().splitlines()
    x1, y1, x2, y2, class_ = rows[2].split(",")
    rows[2] = ",".join([x2, y2, x1, y1, class_])
    table.write_text("\n".join(rows))
    report, (entry,) = imported(Kind.BUU_LSPINE, tmp_path)
    assert list(report.remarks) == ["L2 superior: the first point is not the left one; they were exchanged"]
    assert entry.landmarks is not None
    found = read_landmarks(Path(entry.landmarks)).bodies["L2"].superior_anterior
    assert found == pytest.approx(truth[0].landmarks.bodies["L2"].superior_anterior)


def test_rows_of_the_seeds_table_that_cannot_be_used(tmp_path: Path) -> None:
    table = write_seed_table(tmp_path / "source", films(heads=2))
    first, second, third = table.read_text().splitlines()
    outside = second.replace("/home/somebody/data/images", "../../private")
    wordy = ",".join([*third.split(",")[:-1], "steep"])
    lost = third.replace("0002_o", "0099_o")
    table.write_text("\n".join([first, outside, wordy, lost, first, "image,mask,PI"]))
    report, entries = imported(Kind.SEED_TABLE, tmp_path)
    assert len(entries) == 1
    assert [(skipped.file, skipped.reason) for skipped in report.skipped] == [
        ("data_2020.csv, line 2", "'0001_o.png' lies outside the table's folder, or has no name"),
        ("data_2020.csv, line 3", "'steep' is no number"),
        ("data_2020.csv, line 4", "there is no file 0099_o.png beside the table"),
        ("data_2020.csv, line 5", "the film 0000_o.png is in the table twice; the first row was taken"),
        ("data_2020.csv, line 6", "has 3 columns, expected 20"),
    ]


def test_a_table_that_is_another_one_stops_the_import(tmp_path: Path) -> None:
    (tmp_path / "data_2020.csv").write_text("a,b\n1,2\n")
    with pytest.raises(SourceError, match="no row has 20 columns"):
        import_films(Kind.SEED_TABLE, tmp_path, tmp_path.parent / "ours")
    (tmp_path / "data_2020.csv").write_bytes(b"\xff\xfe\0\x01")
    with pytest.raises(SourceError, match="cannot be read as a table"):
        import_films(Kind.SEED_TABLE, tmp_path, tmp_path.parent / "ours")


@pytest.mark.parametrize("greys", [[0, 63, 127, 191, 255], [0, 64, 128, 191, 255]])
def test_masks_spread_over_the_greys_are_understood(tmp_path: Path, greys: list[int]) -> None:
    (film,) = films(heads=2, count=1)
    write_seed_table(tmp_path / "source", (film,))
    path = tmp_path / "source" / "masks" / "0000_o.png"
    path.write_bytes(png(np.array(greys, np.uint8)[film.class_mask]))
    report, (entry,) = imported(Kind.SEED_TABLE, tmp_path)
    assert list(report.remarks) == ["class ids were spread over 0..255 in the source's mask"]
    assert entry.label is not None
    np.testing.assert_array_equal(np.asarray(Image.open(entry.label)), film.class_mask)


@pytest.mark.parametrize(
    ("greys", "reason"),
    [
        ([0, 255, 255, 255, 255], r"the mask holds the values \[0, 255\]; expected the class ids 0 to 4"),
        ([0, 50, 100, 150, 200], r"the mask holds the values \[0, 50, 100, 150, 200\]"),
        ([0, 0, 2, 3, 4], "the mask holds no vertebra"),
        ([0, 0, 0, 0, 0], "the mask holds no vertebra"),
    ],
)
def test_masks_of_other_values_are_refused(tmp_path: Path, greys: list[int], reason: str) -> None:
    (film,) = films(heads=2, count=1)
    write_seed_table(tmp_path / "source", (film,))
    path = tmp_path / "source" / "masks" / "0000_o.png"
    path.write_bytes(png(np.array(greys, np.uint8)[film.class_mask]))
    report, _ = imported(Kind.SEED_TABLE, tmp_path)
    assert re.search(reason, report.skipped[0].reason)


def test_colour_masks_without_film_of_another_size_or_of_other_colours(tmp_path: Path) -> None:
    source = tmp_path / "source"
    write_authors_masks(source, films(heads=2))
    (source / "0000_o.png").unlink()
    Image.open(source / "0001_s_seg.png").crop((0, 0, 50, 60)).save(source / "0001_s_seg.png")
    yellow = np.asarray(Image.open(source / "0002_o_seg.png")).copy()
    yellow[yellow[..., 0] > 200] = [255, 255, 0]
    Image.fromarray(yellow).save(source / "0002_o_seg.png")
    (source / "0003_o.png").write_bytes((source / "0001_s.png").read_bytes())
    report, _ = imported(Kind.AUTHORS_MASKS, tmp_path)
    reasons = {skipped.file: skipped.reason for skipped in report.skipped}
    assert reasons["0000_o_seg.png"] == "no film of its name in the source"
    assert reasons["0001_s.png"].startswith("the mask has 60 rows x 50 columns, the film")
    assert "other colours" in reasons["0002_o.png"]
    assert reasons["0003_o.png"] == "no mask NAME_seg.png of its name"


def yolo_lines(folder: Path) -> list[str]:
    return (folder / "source" / "labels" / "train" / "case0.txt").read_text().splitlines()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda lines: [], "its label file is empty"),
        (lambda lines: lines[1:3], "2 bodies without names"),
        (lambda lines: ["0 1 2", *lines[1:]], "line 1 of its label file has 3 cells, expected 17"),
        (lambda lines: [lines[0].replace("0.", "x."), *lines[1:]], "line 1 of its label file holds what is no number"),
        (lambda lines: [lines[0].replace("0.", "7."), *lines[1:]], "its points must be shares of it"),
        (lambda lines: [exchanged(lines[0], (1, 0, 3, 2)), *lines[1:]], "do not all lie on one side"),
        (lambda lines: [exchanged(lines[0], (2, 3, 0, 1)), *lines[1:]], "do not lie above the inferior ones"),
    ],
)
def test_a_malformed_label_of_yolo(tmp_path: Path, change: Any, reason: str) -> None:
    write_yolo(tmp_path / "source", films(count=2))
    path = tmp_path / "source" / "labels" / "train" / "case0.txt"
    path.write_text("\n".join(change(yolo_lines(tmp_path))))
    assert reason in reason_of(Kind.YOLO_POSE, tmp_path)


def exchanged(line: str, order: tuple[int, ...]) -> str:
    cells = line.split()
    points = [cells[5 + 3 * i : 8 + 3 * i] for i in range(4)]
    return " ".join([*cells[:5], *(cell for i in order for cell in points[i])])


def test_five_bodies_of_yolo_are_the_lumbar_ones_and_names_are_taken_at_their_word(tmp_path: Path) -> None:
    truth = films(count=1)
    write_yolo(tmp_path / "source", truth)
    path = tmp_path / "source" / "labels" / "train" / "case0.txt"
    lines = yolo_lines(tmp_path)
    # The third line is S1, the others L1 to L5.
    path.write_text("\n".join(lines[:2] + lines[3:]))
    _, (entry,) = imported(Kind.YOLO_POSE, tmp_path)
    assert entry.landmarks is not None
    found = read_landmarks(Path(entry.landmarks))
    assert (set(found.bodies), found.s1) == ({"L1", "L2", "L3", "L4", "L5"}, None)
    (tmp_path / "source" / "data.yaml").write_text("names: {0: L3, 1: L4}\n")
    path.write_text("\n".join([lines[3], "1" + lines[4][1:]]))
    _, (entry,) = imported(Kind.YOLO_POSE, tmp_path)
    assert entry.landmarks is not None
    bodies = read_landmarks(Path(entry.landmarks)).bodies
    assert set(bodies) == {"L3", "L4"}
    assert bodies["L4"].superior_anterior == pytest.approx(truth[0].landmarks.bodies["L4"].superior_anterior, abs=1e-4)


def write_one_labelme(folder: Path, change: Any) -> None:
    write_labelme(folder / "source", films(heads=2, count=1))
    path = folder / "source" / "case 0.json"
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda c: c["shapes"][0].update(label="rib"), "label 'rib' is not in the mapping"),
        (lambda c: c["shapes"][0].update(points=[[1, 2]]), "is a polygon of 1 points, which cannot be used"),
        (lambda c: c["shapes"][0].update(points="here"), "is no labelme file: shapes[0].points"),
        (lambda c: c.update(imageHeight=10), "was drawn on 10 rows x"),
        (lambda c: c.update(shapes=[]), "neither a mask nor landmarks can be made of it"),
        (lambda c: c["shapes"].extend(s for s in list(c["shapes"]) if s["label"] == "FH"), "4 femoral heads are drawn"),
    ],
)
def test_a_malformed_labelme_file(tmp_path: Path, change: Any, reason: str) -> None:
    write_one_labelme(tmp_path, change)
    report, _ = imported(Kind.LABELME, tmp_path)
    assert reason in report.skipped[0].reason


def test_a_labelme_file_that_names_a_film_outside_the_source_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(png(pixels_of(films()[0])))
    write_one_labelme(tmp_path, lambda content: content.update(imagePath="../secret.png"))
    report, entries = imported(Kind.LABELME, tmp_path)
    assert entries == []
    assert "case 0.json" in {skipped.file for skipped in report.skipped}


def test_a_labelme_film_inside_its_file_is_taken_out(tmp_path: Path) -> None:
    (film,) = films(heads=2, count=1)
    data = base64.b64encode(png(pixels_of(film))).decode()
    write_one_labelme(tmp_path, lambda content: content.update(imageData=data))
    (tmp_path / "source" / "case 0.png").unlink()
    _, (entry,) = imported(Kind.LABELME, tmp_path)
    assert Path(entry.image).name == "case_0.png"
    np.testing.assert_array_equal(np.asarray(Image.open(entry.image)), pixels_of(film))


def test_a_labelme_mask_without_a_sacrum_is_not_written(tmp_path: Path) -> None:
    def remove_sacrum(content: dict[str, Any]) -> None:
        content["shapes"] = [s for s in content["shapes"] if s["label"] != "sacrum"]

    write_one_labelme(tmp_path, remove_sacrum)
    report, (entry,) = imported(Kind.LABELME, tmp_path)
    assert entry.label is None
    assert entry.landmarks_from == "marks"
    assert list(report.remarks) == ["no mask: no sacrum is drawn"]


def test_labelme_polygons_of_four_points_are_corners_in_whatever_order(tmp_path: Path) -> None:
    (film,) = films(facing="right", count=1)
    rng = np.random.default_rng(5)
    content = labelme_content(film, "case.png")
    shapes = []
    for level in ("L1", "L2", "L3", "L4", "L5"):
        body = film.landmarks.bodies[level]
        ring = np.array(
            [body.superior_anterior, body.superior_posterior, body.inferior_posterior, body.inferior_anterior]
        )
        shapes.append(shape(level, "polygon", np.roll(ring, rng.integers(4), axis=0)[:: rng.choice([-1, 1])]))
    s1 = film.landmarks.s1
    assert s1 is not None
    shapes.append(shape("S1", "line", [s1.posterior, s1.anterior]))
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "case.png").write_bytes(png(pixels_of(film)))
    (tmp_path / "source" / "case.json").write_text(json.dumps({**content, "shapes": shapes}))
    report, (entry,) = imported(Kind.LABELME, tmp_path)
    assert entry.landmarks is not None
    found = read_landmarks(Path(entry.landmarks))
    assert found.anterior == "right"
    for level, body in found.bodies.items():
        for corner, point in vars(body).items():
            assert point == pytest.approx(getattr(film.landmarks.bodies[level], corner)), (level, corner)
    assert found.s1 is not None
    assert found.s1.anterior == pytest.approx(s1.anterior)
    assert "the side that the patient faces was told from the slope of S1" in report.remarks


def test_labelme_masks_and_drawn_heads_give_the_same_class_mask(tmp_path: Path) -> None:
    (film,) = films(heads=2, count=1)
    content = labelme_content(film, "case.png")
    shapes = []
    for structure in default_definitions().structures.values():
        region = film.label_map == structure.id
        if not region.any():
            continue
        if structure.class_name == "vertebra":
            rows, columns = np.nonzero(region)
            top, left, bottom, right = rows.min(), columns.min(), rows.max(), columns.max()
            patch = base64.b64encode(png(region[top : bottom + 1, left : right + 1].astype(np.uint8) * 255)).decode()
            corners = [[float(left), float(top)], [float(right), float(bottom)]]
            shapes.append({"label": structure.name, "shape_type": "mask", "points": corners, "mask": patch})
        else:
            label = "sacrum" if structure.name == "sacrum" else "femoral head"
            pieces = [shape(label, "polygon", ring) for ring in outlines(region)]
            # Of the head behind there are two pieces.
            shapes += [{**piece, "group_id": structure.id} for piece in pieces]
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "case.png").write_bytes(png(pixels_of(film)))
    (tmp_path / "source" / "case.json").write_text(json.dumps({**content, "shapes": shapes}))
    _, (entry,) = imported(Kind.LABELME, tmp_path)
    assert entry.label is not None
    assert entry.landmarks_from == "mask"
    np.testing.assert_array_equal(np.asarray(Image.open(entry.label)), film.class_mask)


def test_a_mapping_of_ones_own_and_a_wrong_one(tmp_path: Path) -> None:
    write_one_labelme(tmp_path, lambda content: content["shapes"][0].update(label="Wirbelkörper"))
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        "labelme: {vertebra: [Wirbelkörper, vertebral body], sacrum: [sacrum], femoral_head: [FH]}\n", encoding="utf-8"
    )
    _, entries = imported(Kind.LABELME, tmp_path, labels=mine)
    assert len(entries) == 1
    mine.write_text("labelme: {rib: [rib]}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="unknown targets"):
        imported(Kind.LABELME, tmp_path, labels=mine)
