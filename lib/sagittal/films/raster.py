"""Films from PNG, JPEG and TIFF."""

from __future__ import annotations

import warnings as python_warnings
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import SimpleITK
from PIL import Image, ImageOps

from sagittal.films.error import FilmError, damage_named
from sagittal.films.file_format import film_name
from sagittal.films.film import Film, Identity
from sagittal.films.pixels import Values, check_contrast, check_size, display_values
from sagittal.header import SpacingRule

_TIFF_BITS, _TIFF_PHOTOMETRIC, _WHITE_IS_ZERO = 258, 262, 0
_EXIF_ORIENTATION = 274
_QUARTER_TURNS = (5, 6, 7, 8)
_GRAY_MODES = ("1", "L", "I", "F")


def read_raster(path: Path) -> Film:
    """Read a PNG, JPEG or TIFF; turned upright by its EXIF orientation.

    Such a file has no spacing that belongs to the anatomy: its dots per inch are those of a print. They give the
    pixel aspect where both axes differ. `affine` is the geometry that ITK gives the file, so that a label map
    overlays it in viewers built on ITK (Slicer).

    Raises:
        FilmError: truncated, too large, or without contrast.
    """
    with open_raster(path) as image:
        orientation = int(image.getexif().get(_EXIF_ORIENTATION, 1))
        file_format, pages = image.format, getattr(image, "n_frames", 1)
        aspect = _pixel_aspect(image)
        values = _channel_values(path, image)
    pixels, warnings = display_values(values)
    check_contrast(path, pixels)
    if orientation in _QUARTER_TURNS:
        aspect = aspect[::-1]
    if file_format == "TIFF":
        # ITK turns a TIFF itself: nothing is left for the affine to undo.
        orientation = 1
    if pages > 1:
        warnings += (f"holds {pages} pages; the first was read",)
    if aspect[0] != aspect[1]:
        warnings += ("pixels are not square by the file's resolution; angles take it into account",)
    return Film(
        pixels=pixels,
        spacing_mm=None,
        spacing_rule=SpacingRule.NONE,
        pixel_aspect=aspect,
        affine=_viewer_affine(path, orientation, pixels.shape),
        anterior=None,
        identity=Identity(name=film_name(path), path=path),
        warnings=warnings,
    )


def open_raster(path: Path) -> Image.Image:
    """Open a PNG, JPEG or TIFF and check its size, without decoding it.

    Raises:
        FilmError: not to be opened, too large, or a TIFF turned by a quarter.
    """
    with damage_named(path), python_warnings.catch_warnings():
        # The limit on size is ours, see check_size.
        python_warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            image = Image.open(path, formats=("PNG", "JPEG", "TIFF"))
        except Image.DecompressionBombError as error:
            raise FilmError(f"{path}: is too large to be a film ({error}); crop or shrink it") from error
    try:
        check_size(path, image.height, image.width)
    except FilmError:
        image.close()
        raise
    if _tiff_tag(image, _EXIF_ORIENTATION) in _QUARTER_TURNS:
        image.close()
        # Pillow scrambles the rows of such a file, ITK leaves it lying.
        raise FilmError(f"{path}: is a TIFF turned by a quarter (tag 274); export the film upright, or as PNG")
    return image


def decode_raster(path: Path, image: Image.Image) -> Image.Image:
    """Decode an opened raster image, upright.

    Raises:
        FilmError: the file is truncated or damaged.
    """
    with damage_named(path):
        image.load()
        # Pillow turns a TIFF by itself on loading.
        return image if image.format == "TIFF" else ImageOps.exif_transpose(image)


def _channel_values(path: Path, image: Image.Image) -> Values:
    """(rows, columns) or (rows, columns, 3) at the file's own depth; what is transparent is black."""
    if _is_deep_colour(path, image):
        return _deep_colour(path)
    inverted = image.format == "TIFF" and _tiff_tag(image, _TIFF_PHOTOMETRIC) == _WHITE_IS_ZERO
    upright = decode_raster(path, image)
    if upright.mode == "P":
        upright = upright.convert("RGBA" if "transparency" in upright.info else "RGB")
    if upright.mode in ("LA", "PA", "RGBA", "La", "RGBa"):
        upright = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", upright.size, (0, 0, 0, 255)), upright).convert("RGB")
    if upright.mode.split(";")[0] in _GRAY_MODES:
        values = np.asarray(upright)
        # Pillow inverts such TIFFs up to 8 bits, not 16.
        return values.max() - values if inverted and values.dtype == np.uint16 else values
    return np.asarray(upright.convert("RGB"))


def _is_deep_colour(path: Path, image: Image.Image) -> bool:
    """Whether the file has several channels of 16 bits, which Pillow would cut to 8."""
    if image.format == "PNG":
        with path.open("rb") as file:
            head = file.read(26)
        return head[24] == 16 and head[25] != 0
    bits = _tiff_tag(image, _TIFF_BITS) if image.format == "TIFF" else None
    return isinstance(bits, tuple) and len(bits) > 1 and max(bits) > 8


def _deep_colour(path: Path) -> Values:
    decoded = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH)
    if decoded is None:
        raise FilmError(f"{path}: holds 16-bit colour that cannot be decoded; export the film as a grey image")
    values: Values = decoded[..., ::-1]
    return values


def _tiff_tag(image: Image.Image, tag: int) -> object:
    tags = getattr(image, "tag_v2", None)
    return None if tags is None else tags.get(tag)


def _pixel_aspect(image: Image.Image) -> tuple[float, float]:
    """(row, column) relative pixel size by the resolution of both axes; (1, 1) where it is not sensible."""
    if image.format == "JPEG":
        per_x, per_y = image.info.get("jfif_density", (1, 1))
    else:
        per_x, per_y = image.info.get("dpi") or image.info.get("aspect") or (1, 1)
    try:
        ratio = float(per_x) / float(per_y)
    except (TypeError, ValueError, ZeroDivisionError):
        return 1.0, 1.0
    # Rounded resolutions differ by less than a percent; nonsense (such as 1 x 72) by more than a factor of four.
    return (ratio, 1.0) if 0.25 <= ratio <= 4 and abs(ratio - 1) > 0.01 else (1.0, 1.0)


def _viewer_affine(path: Path, orientation: int, shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
    reader = SimpleITK.ImageFileReader()
    reader.SetFileName(str(path))
    spacing = (1.0, 1.0)
    try:
        reader.ReadImageInformation()
        spacing = reader.GetSpacing()[:2]
    except RuntimeError:
        pass  # ITK reads fewer variants than we do; then no viewer gives the file a geometry.
    return np.diag([spacing[0], spacing[1], 1.0, 1.0]) @ _turned_to_stored(orientation, shape)


def _turned_to_stored(orientation: int, shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """(4, 4) from pixel indices of the upright film, `shape` (rows, columns), to those stored (EXIF 2.3, tag 274)."""
    rows, columns = shape[:2]
    right, down = columns - 1, rows - 1
    # Rows of the stored x and y in terms of the upright (x, y, 1).
    x, mirrored_x, y, mirrored_y = (1, 0, 0), (-1, 0, right), (0, 1, 0), (0, -1, down)
    stored = {
        2: (mirrored_x, y),
        3: (mirrored_x, mirrored_y),
        4: (x, mirrored_y),
        5: (y, x),
        6: (y, mirrored_x),
        7: (mirrored_y, mirrored_x),
        8: (mirrored_y, x),
    }.get(orientation, (x, y))
    matrix = np.eye(4)
    matrix[:2, [0, 1, 3]] = stored
    return matrix
