"""Films with the colour masks that the BiLuNet authors publish.

`NAME_seg.png` beside the film `NAME.*` (or in any folder of the source): red vertebra, green sacrum, blue femoral head
1, cyan femoral head 2, black background. Colours at edges are interpolated: each channel counts from half its range.
Which head is which follows no rule that their work states ("left" and "right" in its figures); the heads are put into
our order on import.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

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
from sagittal.films.error import damage_named
from sagittal.films.file_format import film_name

HEADS = "blue is head 1 and cyan head 2 in the source, which states no rule for them"
_MASK = re.compile(r"^(?P<film>.+)_seg$")
# Bits of red, green and blue.
_CLASS_OF_COLOUR = {
    0b000: CLASSES["background"],
    0b100: CLASSES["vertebra"],
    0b010: CLASSES["sacrum"],
    0b001: CLASSES["femoral_head_1"],
    0b011: CLASSES["femoral_head_2"],
}
# Of the pixels that are not black: more of another colour than ringing at edges makes, and it is no such mask.
OTHER_COLOURS = 0.01


def find(source: Path) -> Found:
    """Films of a folder that have a colour mask.

    Raises:
        SourceError: there is no `*_seg.png` in it.
    """
    masks: dict[str, Path] = {}
    films: dict[str, list[Path]] = defaultdict(list)
    for path in files_of(source):
        if not is_image(path):
            continue
        match = _MASK.match(path.stem)
        if match and path.suffix.lower() == ".png":
            masks[within(path, source)] = path
        else:
            films[film_name(path)].append(path)
    if not masks:
        raise SourceError(f"{source}: holds no mask NAME_seg.png")
    masked = set()
    for file, mask in masks.items():
        name = mask.stem.removesuffix("_seg")
        masked.add(name)
        beside = [path for path in films[name] if path.parent == mask.parent] or films[name]
        if len(beside) != 1:
            yield Skipped(file, f"{len(beside) or 'no'} film{'s' if len(beside) > 1 else ''} of its name in the source")
            continue
        image = beside[0]
        read = partial(_read, mask)
        yield SourceFilm(within(image, source), subject_of(name), (image, mask), image.read_bytes, read)
    for name, unmasked in films.items():
        if name not in masked:
            yield from (Skipped(within(path, source), "no mask NAME_seg.png of its name") for path in unmasked)


def _read(mask: Path, film: Film) -> Annotation:
    with damage_named(mask), Image.open(mask) as image:
        colours = np.asarray(image.convert("RGB"))
    if colours.shape[:2] != film.shape:
        rows, columns = colours.shape[:2]
        raise AnnotationError(
            f"the mask has {rows} rows x {columns} columns, the film {film.shape[0]} x {film.shape[1]}"
        )
    return Annotation(mask=classes_of_colours(colours), remarks=(HEADS,))


def classes_of_colours(colours: ClassMask) -> ClassMask:
    """(rows, columns, 3) RGB -> (rows, columns) class ids.

    Raises:
        AnnotationError: other colours than the five, or no red.
    """
    bits = (colours > 127) @ np.array([4, 2, 1], np.uint8)
    table = np.zeros(8, np.uint8)
    table[list(_CLASS_OF_COLOUR)] = list(_CLASS_OF_COLOUR.values())
    counts = np.bincount(bits.ravel(), minlength=8)
    other = sum(int(counts[colour]) for colour in range(8) if colour not in _CLASS_OF_COLOUR)
    if other > OTHER_COLOURS * max(1, int(counts[1:].sum())):
        raise AnnotationError("the mask has other colours than red, green, blue and cyan on black")
    if not counts[0b100]:
        raise AnnotationError("the mask holds no vertebra (red)")
    return np.asarray(table[bits])
