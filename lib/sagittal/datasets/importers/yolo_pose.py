"""Films with YOLO-pose labels: `images/../NAME.jpg` and `labels/../NAME.txt`, or both in one folder.

A line is `class cx cy w h` and four times `x y v`, shares of the film's width and height from its outer edges, in the
order superior anterior, superior posterior, inferior anterior, inferior posterior; v 0 is a corner that was not set.
Which side is anterior follows from the points. Classes that `data.yaml` names as levels (L1, .., S1) are taken at their
word; else the bodies are counted from the bottom: six are L1 to L5 and S1, five are L1 to L5, or L2 to S1 where the
lowest has no inferior corners. Of S1 the superior end plate alone is used.

No masks: these films get landmarks alone.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import yaml

from sagittal.anatomy.definitions import default_definitions
from sagittal.anatomy.landmarks import Body, EndPlate, Landmarks, Point, Side
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

CELLS = 5 + 4 * 3
LEVELS = ("S1", *default_definitions().levels_from_sacrum)
NOT_LABELS = frozenset({"classes.txt", "train.txt", "val.txt", "test.txt", "readme.txt"})


@dataclass(frozen=True)
class _Box:
    """Corners in pixels in the order of the format, None where not set."""

    class_id: int
    corners: tuple[Point | None, ...]

    @property
    def superior(self) -> tuple[Point | None, Point | None]:
        return self.corners[0], self.corners[1]

    @property
    def height(self) -> float:
        set_ = [corner[1] for corner in self.corners if corner is not None]
        return sum(set_) / len(set_)


def find(source: Path) -> Found:
    """Films of a folder that have a label file.

    Raises:
        SourceError: no film in it has one, or data.yaml cannot be read.
    """
    files = files_of(source)
    labels: dict[tuple[str, ...], Path] = {}
    for path in files:
        if path.suffix.lower() == ".txt" and path.name.lower() not in NOT_LABELS:
            labels[_key(path, source)] = path
    films = [path for path in files if is_image(path)]
    if not any(_key(path, source) in labels for path in films):
        raise SourceError(f"{source}: no film in it has a label NAME.txt (images/NAME.jpg and labels/NAME.txt)")
    names = _class_names(source / "data.yaml")
    taken: dict[Path, int] = defaultdict(int)
    for path in films:
        file, label = within(path, source), labels.get(_key(path, source))
        if label is None:
            yield Skipped(file, "has no label file")
            continue
        taken[label] += 1
        if taken[label] > 1:
            yield Skipped(file, f"its label file {label.name} belongs to another film of the same name")
            continue
        subject = subject_of(film_name(path))
        read = partial(_read, label, names)
        yield SourceFilm(file, subject, (path, label), path.read_bytes, read, detail=str(names))
    for path in labels.values():
        if not taken[path]:
            yield Skipped(within(path, source), "no film of its name in the source")


def _key(path: Path, source: Path) -> tuple[str, ...]:
    """Place without the folders `images` and `labels`, by which a film and its label agree."""
    folders = [part for part in path.parent.relative_to(source).parts if part not in ("images", "labels")]
    return (*folders, path.stem)


def _class_names(path: Path) -> dict[int, str]:
    """Class id -> level, of those that data.yaml names as levels."""
    if not path.is_file():
        return {}
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        names = content.get("names", {}) if isinstance(content, dict) else {}
        pairs = names.items() if isinstance(names, dict) else enumerate(names)
        return {int(number): str(name).upper() for number, name in pairs if str(name).upper() in LEVELS}
    except (OSError, ValueError, TypeError, yaml.YAMLError) as error:
        raise SourceError(f"{path}: cannot be read: {type(error).__name__}") from error


def _read(label: Path, names: dict[int, str], film: Film) -> Annotation:
    text = label.read_text(encoding="utf-8-sig")
    lines = [(number, line.split()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    boxes = [_box(number, cells, film.shape) for number, cells in lines]
    if not boxes:
        raise AnnotationError("its label file is empty")
    boxes.sort(key=lambda box: box.height, reverse=True)
    levels = _levels(boxes, names)
    side = _anterior(boxes)
    bodies, remarks = {}, []
    for level, box in levels.items():
        if level == "S1":
            continue
        if None in box.corners:
            remarks.append(f"{level}: not all four corners are set; left out")
            continue
        bodies[level] = _body(level, box)
    s1 = None
    if "S1" in levels:
        anterior, posterior = levels["S1"].superior
        if anterior is None or posterior is None:
            remarks.append("S1: the end plate is not set; left out")
        else:
            s1 = EndPlate(anterior, posterior)
    return Annotation(landmarks=Landmarks(bodies, s1, (), side), remarks=tuple(remarks))


def _box(line: int, cells: list[str], shape: tuple[int, int]) -> _Box:
    if len(cells) != CELLS:
        raise AnnotationError(f"line {line} of its label file has {len(cells)} cells, expected {CELLS}")
    try:
        numbers = [float(cell) for cell in cells]
    except ValueError as error:
        raise AnnotationError(f"line {line} of its label file holds what is no number") from error
    if not all(-0.1 <= number <= 1.1 for i in range(4) for number in numbers[5 + 3 * i : 7 + 3 * i]):
        raise AnnotationError(f"line {line} of its label file lies outside the film; its points must be shares of it")
    rows, columns = shape
    corners = [
        (x * columns - 0.5, y * rows - 0.5) if visible > 0 else None
        for x, y, visible in zip(numbers[5::3], numbers[6::3], numbers[7::3], strict=True)
    ]
    if not any(corners):
        raise AnnotationError(f"line {line} of its label file has no corner that is set")
    return _Box(int(numbers[0]), tuple(corners))


def _levels(boxes: list[_Box], names: dict[int, str]) -> dict[str, _Box]:
    """Level -> box, of boxes from the bottom upwards."""
    if all(box.class_id in names for box in boxes) and len({box.class_id for box in boxes}) == len(boxes):
        return {names[box.class_id]: box for box in boxes}
    lowest_is_plate = boxes[0].corners[2:] == (None, None)
    if len(boxes) == 6 or (len(boxes) == 5 and lowest_is_plate):
        return dict(zip(LEVELS, boxes, strict=False))
    if len(boxes) == 5:
        return dict(zip(LEVELS[1:], boxes, strict=False))
    raise AnnotationError(f"{len(boxes)} bodies without names: levels can be counted for 5 (L1 to L5) or 6 (L1 to S1)")


def _anterior(boxes: list[_Box]) -> Side:
    """The side on which the points called anterior lie."""
    sides = {
        a[0] < p[0]
        for box in boxes
        for a, p in (box.corners[:2], box.corners[2:])
        if a is not None and p is not None and a[0] != p[0]
    }
    if len(sides) != 1:
        raise AnnotationError("its anterior corners do not all lie on one side of the posterior ones")
    return "left" if sides.pop() else "right"


def _body(level: str, box: _Box) -> Body:
    sa, sp, ia, ip = (corner for corner in box.corners if corner is not None)
    if sa[1] + sp[1] >= ia[1] + ip[1]:
        raise AnnotationError(f"{level}: its superior corners do not lie above the inferior ones")
    return Body(sa, sp, ia, ip)
