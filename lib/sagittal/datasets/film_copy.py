"""A film's file as it goes into a dataset: the very bytes, or a lossless PNG where we do not read its format."""

from __future__ import annotations

import io
import os
from pathlib import Path

from PIL import Image

from sagittal.datasets.importers.source import AnnotationError
from sagittal.films import FilmError
from sagittal.films.file_format import FileFormat, detect_format

_LOSSLESS_AS_PNG = ("1", "L", "P", "RGB", "RGBA", "LA", "I;16")
_EXIF_ORIENTATION = 274
_RASTERS = (FileFormat.PNG, FileFormat.JPEG, FileFormat.TIFF)


def stage_film(content: bytes, suffix: str, staging: Path) -> Path:
    """Write a film's bytes to `staging`, under a suffix that fits them.

    Raises:
        AnnotationError: it cannot be kept without loss, or it is stored turned.
        OSError: it cannot be written.
    """
    path = _write(staging / f"film{suffix.lower()}", content)
    try:
        file_format = detect_format(path)
    except FilmError:
        return _write(staging / "film.png", _as_png(content))
    if file_format in _RASTERS:
        _refuse_turned(path)
    if path.suffix not in {Path(known).suffix for known in file_format.value}:
        return path.rename(path.with_suffix(file_format.value[0]))
    return path


def _write(path: Path, content: bytes) -> Path:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return path


def _as_png(content: bytes) -> bytes:
    """The same pixels as PNG, of a format that Pillow knows and we do not (BMP, WebP, GIF, JPEG 2000)."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            if getattr(image, "n_frames", 1) > 1:
                raise AnnotationError("holds several pictures; export the film alone")
            image.load()
            if image.mode not in _LOSSLESS_AS_PNG:
                raise AnnotationError(f"is a {image.format} of mode {image.mode}, which PNG cannot hold without loss")
            png = io.BytesIO()
            image.save(png, "PNG")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        if isinstance(error, AnnotationError):
            raise
        raise AnnotationError("is no image that can be read, or is damaged") from error
    return png.getvalue()


def _refuse_turned(path: Path) -> None:
    """Marks on a film that viewers turn may be meant for either way up: nothing tells which."""
    try:
        with Image.open(path) as image:
            orientation = image.getexif().get(_EXIF_ORIENTATION, 1)
    except Exception:
        return  # The reader says what is wrong with the file.
    if orientation not in (0, 1):
        raise AnnotationError(f"is stored turned (EXIF orientation {orientation}); save film and marks upright")
