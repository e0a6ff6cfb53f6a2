"""Which format a file has, told by its content: names lie more often than magic numbers."""

from __future__ import annotations

import gzip
import zlib
from enum import Enum
from pathlib import Path

from sagittal.films.error import FilmError

READABLE = "PNG, JPEG, TIFF, NRRD, NIfTI or DICOM"


class FileFormat(Enum):
    """The formats that films are read from, with the suffixes they usually carry."""

    PNG = (".png",)
    JPEG = (".jpg", ".jpeg", ".jpe", ".jfif")
    TIFF = (".tif", ".tiff")
    NRRD = (".nrrd", ".nhdr")
    NIFTI = (".nii", ".nii.gz")
    DICOM = (".dcm", ".dicom", ".ima", ".dic")


_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", FileFormat.PNG),
    (b"\xff\xd8\xff", FileFormat.JPEG),
    (b"II*\0", FileFormat.TIFF),
    (b"MM\0*", FileFormat.TIFF),
    (b"II+\0", FileFormat.TIFF),
    (b"MM\0+", FileFormat.TIFF),
    (b"NRRD", FileFormat.NRRD),
)
_FOREIGN = (
    (b"%PDF", "a PDF document"),
    (b"GIF8", "a GIF image"),
    (b"BM", "a BMP image"),
    (b"RIFF", "a WebP image or a film clip"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 image"),
)
_NIFTI_HEADER_BYTES = 352


def suffix_of(path: Path) -> str:
    """The file's suffix in lower case; `.nii.gz` counts as one."""
    return ".nii.gz" if path.name.lower().endswith(".nii.gz") else path.suffix.lower()


def film_name(path: Path) -> str:
    """The file's name without a suffix of a known format (a DICOM file named by its UID keeps its whole name)."""
    suffix = suffix_of(path)
    known = any(suffix in file_format.value for file_format in FileFormat)
    return path.name[: -len(suffix)] if known else path.name


def detect_format(path: Path) -> FileFormat:
    """Tell a file's format by its content.

    Raises:
        FilmError: the file is missing, no file, empty or not readable, or its content is of no readable format.
    """
    head = _first_bytes(path)
    if head[128:132] == b"DICM" or _is_bare_dicom(head):
        return FileFormat.DICOM
    if _is_nifti(head) or (head[:2] == b"\x1f\x8b" and _is_nifti(_first_unpacked_bytes(path))):
        return FileFormat.NIFTI
    for magic, file_format in _MAGIC:
        if head.startswith(magic):
            return file_format
    raise FilmError(f"{path}: {_unreadable_content(path, head)}; export the film again as {READABLE}")


def misnamed(path: Path, file_format: FileFormat) -> tuple[str, ...]:
    """A warning where the suffix is that of another readable format, else nothing."""
    suffix = suffix_of(path)
    others = (other.value for other in FileFormat if other is not file_format)
    return (f"named {suffix} but is {file_format.name}",) if any(suffix in other for other in others) else ()


def _first_bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise FilmError(f"{path}: is a folder, not a film; name the files in it")
        if path.exists() and not path.is_file():
            raise FilmError(f"{path}: is not an ordinary file; copy the film to a file first")
        with path.open("rb") as file:
            head = file.read(_NIFTI_HEADER_BYTES)
    except FileNotFoundError as error:
        raise FilmError(f"{path}: does not exist; check the path") from error
    except OSError as error:
        raise FilmError(f"{path}: cannot be read: {error.strerror}; check its permissions and the disk") from error
    if not head:
        raise FilmError(f"{path}: is empty (0 bytes); copy or export the film again")
    return head


def _first_unpacked_bytes(path: Path) -> bytes:
    try:
        with gzip.open(path) as file:
            return file.read(_NIFTI_HEADER_BYTES)
    except (OSError, EOFError, zlib.error):
        return b""


def _is_bare_dicom(head: bytes) -> bool:
    """Data elements without the DICOM preamble: group 0002 or 0008, then a value representation or a small length."""
    starts_dataset = head[:2] in (b"\x02\0", b"\x08\0") and head[3:4] == b"\0"
    explicit = head[4:6].isalpha() and head[4:6].isupper()
    return starts_dataset and (explicit or head[6:8] == b"\0\0")


def _is_nifti(head: bytes) -> bool:
    return head[344:347] in (b"n+1", b"ni1") or head[4:7] in (b"n+2", b"ni2")


def _unreadable_content(path: Path, head: bytes) -> str:
    named = f"is named {path.suffix} but " if path.suffix else ""
    for magic, name in _FOREIGN:
        if head.startswith(magic):
            return f"{named}is {name}"
    # A character cut at the end of the head is no sign of binary content.
    text = head.decode("utf-8", errors="ignore")
    if len(text.encode("utf-8")) > len(head) - 4 and all(c.isprintable() or c.isspace() for c in text):
        return f"{named}is text, not an image"
    return f"{named}holds no known image format"
