"""Films with labelme's JSON: `NAME.json` beside the film, or with the film in it.

Which label means what is a mapping (configs/importers.yaml, or the user's own). Polygons, rectangles, circles and
labelme's masks of vertebrae, sacrum and femoral heads make the class mask, which is written where both a vertebra and
the sacrum are drawn: a mask that lacks one of them would teach that it is background. Polygons of four points that are
named by their level, lines along S1, corner points and circles make the landmarks. A head given as a point has no
radius and is left out. labelme counts from the outer corner of the first pixel, we count from its centre.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError, model_validator
from skimage.draw import disk, polygon

from sagittal.anatomy import measure_mask
from sagittal.anatomy.definitions import default_definitions
from sagittal.anatomy.landmarks import Body, Circle, EndPlate, Landmarks, Point, Side
from sagittal.configuration import config_folder, load_checked
from sagittal.configuration.load import Checked
from sagittal.datasets.fault import faults_of
from sagittal.datasets.importers.class_masks import CLASSES, ClassMask
from sagittal.datasets.importers.source import (
    Annotation,
    AnnotationError,
    Found,
    Skipped,
    SourceError,
    SourceFilm,
    files_of,
    is_image,
    subject_of,
    within,
)
from sagittal.films import Film
from sagittal.films.file_format import film_name

LEVELS = ("L6", *default_definitions().levels_from_sacrum)
CORNERS = ("superior_anterior", "superior_posterior", "inferior_anterior", "inferior_posterior")
S1_ENDS = ("S1_anterior", "S1_posterior")
NAMED = {*LEVELS, *S1_ENDS, *(f"{level}_{corner}" for level in LEVELS for corner in CORNERS)}
TARGETS = NAMED | {"vertebra", "sacrum", "femoral_head", "S1", "ignore"}

Points = npt.NDArray[np.float64]
# labelme's own label -> one of TARGETS.
Labels = Mapping[str, str]


class _Mapping(RootModel[dict[str, list[str]]]):
    @model_validator(mode="after")
    def _knows_its_targets(self) -> _Mapping:
        unknown = sorted(set(self.root) - TARGETS)
        if unknown:
            raise ValueError(f"unknown targets {unknown}")
        return self


class _Importers(Checked):
    labelme: _Mapping


def load_labels(path: Path | None = None) -> Labels:
    """The mapping of labels, from importers.yaml or a file like it.

    Raises:
        ConfigurationError: the file does not fit the schema.
    """
    content = load_checked(path or config_folder() / "importers.yaml", _Importers).labelme.root
    own = {_plain(name): name for name in NAMED}
    return own | {_plain(label): target for target, labels in content.items() for label in labels}


def _plain(label: str) -> str:
    return " ".join(label.casefold().replace("_", " ").replace("-", " ").split())


class _Shape(BaseModel):
    model_config = ConfigDict(extra="ignore")

    label: str
    points: list[tuple[float, float]] = Field(min_length=1)
    shape_type: str | None = "polygon"
    mask: str | None = None
    group_id: int | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore")

    shapes: list[_Shape]
    imagePath: str | None = None  # noqa: N815 - labelme's name
    imageData: str | None = None  # noqa: N815
    imageWidth: int | None = None  # noqa: N815
    imageHeight: int | None = None  # noqa: N815


def find(labels: Labels, source: Path) -> Found:
    """Films of a folder that have a labelme file.

    Raises:
        SourceError: there is no labelme file in it.
    """
    files = files_of(source)
    texts = [path for path in files if path.suffix.lower() == ".json"]
    if not texts:
        raise SourceError(f"{source}: holds no labelme file NAME.json")
    used: set[Path] = set()
    for text in texts:
        try:
            image = _image(text, _content(text), source)
        except AnnotationError as error:
            yield Skipped(within(text, source), str(error))
            continue
        if image in used:
            yield Skipped(within(text, source), f"the film {image.name} has several labelme files; the first was taken")
            continue
        # Nothing of the content is kept: it may hold the whole film.
        read, detail = partial(_read, text, labels), str(sorted(labels.items()))
        if image is None:
            subject, inside = subject_of(text.stem), partial(_embedded, text)
            yield SourceFilm(within(text, source), subject, (text,), inside, read, detail)
            continue
        used.add(image)
        subject = subject_of(film_name(image))
        yield SourceFilm(within(image, source), subject, (image, text), image.read_bytes, read, detail)
    for path in files:
        if is_image(path) and path not in used:
            yield Skipped(within(path, source), "has no labelme file")


def _content(text: Path) -> _File:
    try:
        return _File.model_validate(json.loads(text.read_text(encoding="utf-8-sig")))
    except ValidationError as error:
        raise AnnotationError(f"is no labelme file: {faults_of(error)[:200]}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise AnnotationError(f"cannot be read as JSON ({type(error).__name__})") from error


def _image(text: Path, content: _File, source: Path) -> Path | None:
    """The film's file, None where the film is inside the labelme file."""
    if content.imagePath:
        steps = content.imagePath.replace("\\", "/").split("/")
        place = _walked(text.parent.relative_to(source).parts, steps)
        for image in ((source.joinpath(*place),) if place else ()) + (text.parent / steps[-1],):
            if image.is_file():
                return image
    if content.imageData:
        return None
    raise AnnotationError("its film is not beside it and not in it")


def _embedded(text: Path) -> bytes:
    return _decoded(_content(text).imageData or "")


def _walked(folder: tuple[str, ...], steps: list[str]) -> tuple[str, ...] | None:
    """The place that `steps` lead to from a folder of the source, None where that is outside."""
    place = list(folder)
    for step in steps:
        if step == "..":
            if not place:
                return None
            place.pop()
        elif step == "":
            return None
        elif step != ".":
            place.append(step)
    return tuple(place)


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise AnnotationError("the film inside it is damaged") from error


@dataclass(frozen=True)
class _Drawn:
    """A shape with its meaning; points in pixels of the film, pixel centres at integers."""

    target: str
    kind: str
    points: Points
    mask: str | None
    group: int | None

    @property
    def is_area(self) -> bool:
        return self.kind in ("polygon", "rectangle", "circle", "mask")


@dataclass(frozen=True)
class _Head:
    """A femoral head: one shape, or the pieces that labelme's group id joins; its circle where one can be told."""

    pieces: tuple[_Drawn, ...]

    @property
    def circle(self) -> Circle | None:
        """The circle as drawn, or the one that fits the polygons' points best."""
        for piece in self.pieces:
            if piece.kind == "circle":
                (x, y), rim = piece.points[:2]
                return Circle((float(x), float(y)), float(math.dist((x, y), rim)))
        outline = [piece.points for piece in self.pieces if piece.kind == "polygon"]
        points = np.concatenate(outline) if outline else np.empty((0, 2))
        if len(points) < 5:
            return None
        # (x - a)^2 + (y - b)^2 = r^2 is linear in a, b and r^2 - a^2 - b^2.
        matrix = np.column_stack([2 * points, np.ones(len(points))])
        (a, b, c), *_ = np.linalg.lstsq(matrix, (points**2).sum(axis=1), rcond=None)
        return Circle((float(a), float(b)), math.sqrt(c + a**2 + b**2))

    @property
    def height(self) -> float:
        circle = self.circle
        return circle.center[1] if circle else float(np.mean([piece.points[:, 1].mean() for piece in self.pieces]))


def _read(text: Path, labels: Labels, film: Film) -> Annotation:
    content = _content(text)
    size = (content.imageHeight or film.shape[0], content.imageWidth or film.shape[1])
    if size != film.shape:
        drawn_on, on_film = (f"{rows} rows x {columns} columns" for rows, columns in (size, film.shape))
        raise AnnotationError(f"was drawn on {drawn_on}, the film has {on_film}")
    shapes = [drawn for shape in content.shapes if (drawn := _drawn(shape, labels)).target != "ignore"]
    remarks: list[str] = []
    heads = _heads(shapes, remarks)
    mask = _mask(shapes, heads, film.shape, remarks)
    landmarks = _landmarks(shapes, heads, mask, remarks)
    if mask is None and landmarks is None:
        why = "; ".join(remarks) or "it holds nothing of ours"
        raise AnnotationError(f"neither a mask nor landmarks can be made of it: {why}")
    return Annotation(mask=mask, landmarks=landmarks, remarks=tuple(remarks))


def _drawn(shape: _Shape, labels: Labels) -> _Drawn:
    target = labels.get(_plain(shape.label))
    if target is None:
        raise AnnotationError(f"label '{shape.label[:40]}' is not in the mapping; add it there, or to 'ignore'")
    points = np.array(shape.points, np.float64) - 0.5
    kind = shape.shape_type or "polygon"
    if not np.isfinite(points).all():
        raise AnnotationError(f"a point of '{shape.label[:40]}' is no finite number")
    least = {"polygon": 3, "rectangle": 2, "circle": 2, "line": 2, "linestrip": 2, "point": 1, "mask": 2}.get(kind)
    if least is None or len(points) < least:
        raise AnnotationError(f"'{shape.label[:40]}' is a {kind} of {len(points)} points, which cannot be used")
    if kind == "circle" and math.dist(*points[:2]) == 0:
        raise AnnotationError(f"'{shape.label[:40]}' is a circle without a radius")
    if kind == "rectangle":
        (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
        points = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    return _Drawn(target, kind, points, shape.mask, shape.group_id)


def _heads(shapes: list[_Drawn], remarks: list[str]) -> list[_Head]:
    """The drawn heads, the more cranial centre first."""
    pieces: dict[object, list[_Drawn]] = {}
    for place, shape in enumerate(shapes):
        if shape.target != "femoral_head":
            continue
        if shape.is_area:
            key = ("alone", place) if shape.group is None else ("group", shape.group)
            pieces.setdefault(key, []).append(shape)
        else:
            remarks.append("a femoral head is given without a radius and was left out; draw it as a circle")
    if len(pieces) > 2:
        raise AnnotationError(f"{len(pieces)} femoral heads are drawn; give the pieces of one head the same group id")
    return sorted((_Head(tuple(group)) for group in pieces.values()), key=lambda head: head.height)


def _mask(
    shapes: list[_Drawn],
    heads: list[_Head],
    shape: tuple[int, int],
    remarks: list[str],
) -> ClassMask | None:
    """Vertebrae, the sacrum over them, the heads over both, head 1 last."""
    areas = {
        "vertebra": [drawn for drawn in shapes if drawn.is_area and drawn.target in ("vertebra", *LEVELS)],
        "sacrum": [drawn for drawn in shapes if drawn.is_area and drawn.target == "sacrum"],
    }
    missing = [name for name, drawn in areas.items() if not drawn]
    if missing:
        if len(missing) < len(areas):
            remarks.append(f"no mask: no {missing[0]} is drawn")
        return None
    mask = np.zeros(shape, np.uint8)
    for name, group in areas.items():
        for drawn in group:
            _fill(mask, drawn, CLASSES[name])
    for number, head in reversed(list(enumerate(heads, start=1))):
        for drawn in head.pieces:
            _fill(mask, drawn, CLASSES[f"femoral_head_{number}"])
    return mask


def _fill(mask: ClassMask, drawn: _Drawn, value: int) -> None:
    if drawn.kind == "mask":
        left, top = np.rint(drawn.points[0] + 0.5).astype(int)
        patch = _patch(drawn.mask)
        window = mask[max(top, 0) : top + patch.shape[0], max(left, 0) : left + patch.shape[1]]
        if top < 0 or left < 0 or window.shape != patch.shape:
            raise AnnotationError("a mask shape reaches outside the film")
        window[patch] = value
    elif drawn.kind == "circle":
        (x, y), rim = drawn.points[:2]
        mask[disk((y, x), math.dist((x, y), rim), shape=mask.shape)] = value
    else:
        mask[polygon(drawn.points[:, 1], drawn.points[:, 0], mask.shape)] = value


def _patch(data: str | None) -> npt.NDArray[np.bool_]:
    try:
        with Image.open(io.BytesIO(_decoded(data or ""))) as image:
            return np.asarray(image.convert("L")) > 0
    except OSError as error:
        raise AnnotationError("a mask shape holds no image") from error


def _landmarks(
    shapes: list[_Drawn], heads: list[_Head], mask: ClassMask | None, remarks: list[str]
) -> Landmarks | None:
    """Landmarks as they were marked; None where they are fewer than the mask gives."""
    quads = {d.target: d.points for d in shapes if d.target in LEVELS and d.kind == "polygon" and len(d.points) == 4}
    plates = [d.points for d in shapes if d.target == "S1" and len(d.points) == 2 and not d.is_area]
    single = {d.target: _point(d.points[0]) for d in shapes if d.kind == "point" and d.target in NAMED}
    marked = _marked_bodies(single)
    s1 = EndPlate(single[S1_ENDS[0]], single[S1_ENDS[1]]) if all(end in single for end in S1_ENDS) else None
    if mask is not None and not ((marked or quads) and (s1 or plates)):
        return None
    side = _side(marked, s1, plates, mask, remarks)
    if side is None:
        remarks.append("no landmarks: the side that the patient faces cannot be told")
        return None
    bodies = _bodies_of(quads, side) | marked
    if s1 is None and plates:
        first, second = map(_point, sorted(plates[0].tolist(), reverse=side == "right"))
        s1 = EndPlate(first, second)
    circles = tuple(circle for head in heads if (circle := head.circle) is not None)
    if mask is not None and any(piece.kind != "circle" for head in heads for piece in head.pieces):
        # Outlines may follow the film's edge, where no head ends; the anatomy knows that.
        circles = measure_mask(mask).landmarks.femoral_heads
    return Landmarks(bodies, s1, circles, side) if bodies or s1 else None


def _marked_bodies(single: Mapping[str, Point]) -> dict[str, Body]:
    """Bodies of which all four corners are set."""
    corners = {level: [single.get(f"{level}_{corner}") for corner in CORNERS] for level in LEVELS}
    return {level: Body(*found) for level, found in corners.items() if None not in found}  # type: ignore[arg-type]


def _side(
    marked: Mapping[str, Body],
    s1: EndPlate | None,
    plates: list[Points],
    mask: ClassMask | None,
    remarks: list[str],
) -> Side | None:
    """From corners named anterior, else from the mask, else from the slope of S1, whose anterior end is the lower."""
    named = [plate for body in marked.values() for plate in (body.superior, body.inferior)] + ([s1] if s1 else [])
    if named:
        offset = sum(plate.posterior[0] - plate.anterior[0] for plate in named)
        return "left" if offset > 0 else "right"
    if mask is not None and (side := measure_mask(mask).landmarks.anterior) is not None:
        return side
    if not plates:
        return None
    remarks.append("the side that the patient faces was told from the slope of S1")
    (x1, y1), (x2, y2) = plates[0]
    return "left" if (x1 < x2) == (y1 > y2) else "right"


def _bodies_of(quads: Mapping[str, Points], side: Side) -> dict[str, Body]:
    """Corners of four-sided polygons in any order: the upper two along the spine are the superior ones."""
    levels = [level for level in reversed(LEVELS) if level in quads]
    centers = np.array([quads[level].mean(axis=0) for level in levels])
    bodies = {}
    for i, level in enumerate(levels):
        down = centers[min(i + 1, len(levels) - 1)] - centers[max(i - 1, 0)] if len(levels) > 1 else np.array([0, 1])
        along = quads[level][np.argsort(quads[level] @ down)]
        pairs = (sorted(pair.tolist(), reverse=side == "right") for pair in (along[:2], along[2:]))
        bodies[level] = Body(*(_point(point) for pair in pairs for point in pair))
    return bodies


def _point(values: Any) -> Point:
    x, y = values
    return float(x), float(y)
