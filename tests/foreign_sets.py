"""Sets of films as others keep them, written from simulated films whose truth is known."""

from __future__ import annotations

import csv
import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from sagittal.anatomy.definitions import default_definitions
from sagittal.anatomy.landmarks import EndPlate, Landmarks
from sagittal.simulator import SimulatedFilm, load_simulator_config, simulate_film
from skimage.measure import find_contours

LUMBAR = ("L1", "L2", "L3", "L4", "L5")
CORNERS = ("superior_anterior", "superior_posterior", "inferior_anterior", "inferior_posterior")
COLOURS = np.array([[0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255], [0, 255, 255]], np.uint8)


@cache
def films(facing: str | None = None, heads: int | None = None, count: int = 3) -> tuple[SimulatedFilm, ...]:
    """The first simulated films that show L1 to S1, facing a side, with a number of heads on them."""
    config = load_simulator_config()
    found: list[SimulatedFilm] = []
    for seed in range(4000, 4100):
        film = simulate_film(config, seed, rows=480)
        landmarks = film.landmarks
        if (
            set(LUMBAR) <= set(landmarks.bodies)
            and landmarks.s1 is not None
            and (facing is None or landmarks.anterior == facing)
            and (heads is None or len(landmarks.femoral_heads) == heads)
        ):
            found.append(film)
        if len(found) == count:
            return tuple(found)
    raise AssertionError("too few simulated films of this kind")


def png(values: npt.NDArray[Any]) -> bytes:
    data = io.BytesIO()
    Image.fromarray(values).save(data, "PNG")
    return data.getvalue()


def pixels_of(film: SimulatedFilm) -> npt.NDArray[np.uint8]:
    return np.round(film.film.pixels * 255).astype(np.uint8)


def without_heads(landmarks: Landmarks) -> Landmarks:
    bodies = {level: landmarks.bodies[level] for level in LUMBAR}
    return Landmarks(bodies, landmarks.s1, (), landmarks.anterior)


def write_buu(folder: Path, sources: tuple[SimulatedFilm, ...], *, split: bool = False) -> None:
    """Films `0001-F-037Y1.jpg` with their tables; all must face left."""
    tables = folder / ("LA_CSV" if split else "LA")
    for path in (folder / "LA", tables):
        path.mkdir(parents=True, exist_ok=True)
    for number, film in enumerate(sources, start=1):
        name = f"{number:04d}-{'FM'[number % 2]}-{36 + number:03d}Y1"
        Image.fromarray(pixels_of(film)).save(folder / "LA" / f"{name}.jpg", quality=95)
        marks = film.landmarks
        assert marks.s1 is not None
        plates = [plate for level in LUMBAR for plate in (marks.bodies[level].superior, marks.bodies[level].inferior)]
        rows = [buu_row(plate, place % 5) for place, plate in enumerate([*plates, marks.s1])]
        (tables / f"{name}.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def buu_row(plate: EndPlate, class_: int) -> str:
    return f"{plate.anterior[0]},{plate.anterior[1]},{plate.posterior[0]},{plate.posterior[1]},{class_}"


def write_seed_table(folder: Path, sources: tuple[SimulatedFilm, ...]) -> Path:
    """`data_2020.csv` beside images/ and masks/, with true values, as paths of another machine."""
    rows = []
    for number, film in enumerate(sources):
        for kind, values in (("images", pixels_of(film)), ("masks", film.class_mask)):
            (folder / kind).mkdir(parents=True, exist_ok=True)
            (folder / kind / f"{number:04d}_o.png").write_bytes(png(values))
        values_18 = [film.parameters[name].value for name in default_definitions().value_branch]
        files = [f"/home/somebody/data/{kind}/{number:04d}_o.png" for kind in ("images", "masks")]
        rows.append([*files, *("" if value is None else repr(value) for value in values_18)])
    with (folder / "data_2020.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder / "data_2020.csv"


def write_authors_masks(folder: Path, sources: tuple[SimulatedFilm, ...]) -> None:
    """Films and colour masks whose edges are interpolated, as a viewer's scaling leaves them."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, film in enumerate(sources):
        name = f"{number:04d}_{'os'[number % 2]}"
        (folder / f"{name}.png").write_bytes(png(pixels_of(film)))
        colours = COLOURS[film.class_mask].astype(np.int16)
        # Pixels at an edge keep most of their own colour and take some of their neighbours'.
        soft = (colours * 6 + np.roll(colours, 1, axis=0) * 2 + np.roll(colours, 1, axis=1) * 2) // 10
        (folder / f"{name}_seg.png").write_bytes(png(soft.astype(np.uint8)))


def write_yolo(folder: Path, sources: tuple[SimulatedFilm, ...]) -> None:
    """images/train and labels/train, bodies in any order, S1 as a sixth without inferior corners."""
    for kind in ("images", "labels"):
        (folder / kind / "train").mkdir(parents=True, exist_ok=True)
    for number, film in enumerate(sources):
        (folder / "images" / "train" / f"case{number}.png").write_bytes(png(pixels_of(film)))
        lines = [yolo_line([getattr(film.landmarks.bodies[level], c) for c in CORNERS], film) for level in LUMBAR]
        s1 = film.landmarks.s1
        assert s1 is not None
        lines.insert(2, yolo_line([s1.anterior, s1.posterior, None, None], film))
        (folder / "labels" / "train" / f"case{number}.txt").write_text("\n".join(lines), encoding="utf-8")


def yolo_line(points: list[tuple[float, float] | None], film: SimulatedFilm) -> str:
    rows, columns = film.film.shape
    shares = [None if p is None else ((p[0] + 0.5) / columns, (p[1] + 0.5) / rows) for p in points]
    known = np.array([share for share in shares if share is not None])
    box = [*known.mean(axis=0), *np.ptp(known, axis=0)]
    cells = [*box, *(cell for share in shares for cell in ((0, 0, 0) if share is None else (*share, 2)))]
    return "0 " + " ".join(f"{cell:.8f}" for cell in cells)


def write_labelme(folder: Path, sources: tuple[SimulatedFilm, ...]) -> None:
    """Films with NAME.json: outlines of bodies and sacrum, heads as circles, corners and S1 as points."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, film in enumerate(sources):
        name = f"case {number}"
        (folder / f"{name}.png").write_bytes(png(pixels_of(film)))
        content = labelme_content(film, f"{name}.png")
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")


def labelme_content(film: SimulatedFilm, image: str) -> dict[str, Any]:
    structures = default_definitions().structures
    shapes = []
    for structure in structures.values():
        if structure.class_name in ("vertebra", "sacrum"):
            label = "Vertebral-Body" if structure.class_name == "vertebra" else "sacrum"
            shapes += [shape(label, "polygon", ring) for ring in outlines(film.label_map == structure.id)]
    for circle in film.landmarks.femoral_heads:
        x, y = circle.center
        shapes.append(shape("FH", "circle", [(x, y), (x + circle.radius, y)]))
    for level in LUMBAR:
        body = film.landmarks.bodies[level]
        shapes += [shape(f"{level}_{corner}", "point", [getattr(body, corner)]) for corner in CORNERS]
    s1 = film.landmarks.s1
    assert s1 is not None
    shapes += [shape("S1_anterior", "point", [s1.anterior]), shape("S1 posterior", "point", [s1.posterior])]
    rows, columns = film.film.shape
    return {
        "version": "5.5.0",
        "flags": {},
        "shapes": shapes,
        "imagePath": image,
        "imageData": None,
        "imageHeight": rows,
        "imageWidth": columns,
    }


def shape(label: str, kind: str, points: Any) -> dict[str, Any]:
    """A labelme shape of points in our frame."""
    moved = [[float(x) + 0.5, float(y) + 0.5] for x, y in points]
    return {"label": label, "shape_type": kind, "points": moved, "group_id": None, "flags": {}}


def outlines(region: npt.NDArray[np.bool_]) -> list[npt.NDArray[np.float64]]:
    """(x, y) outlines halfway between the pixels of a region and those beside it."""
    padded = np.pad(region, 1).astype(np.float64)
    return [ring[:, ::-1] - 1 for ring in find_contours(padded, 0.5)]
