"""The error of every reader and writer of films."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FilmError(ValueError):
    """A film, mask or label map cannot be read or written; the text names the file, what is wrong and what to do."""


@contextmanager
def damage_named(path: Path) -> Iterator[None]:
    """Turn whatever a decoder raises on a broken file, which may be anything, into an error that names the file."""
    try:
        yield
    except FilmError:
        raise
    except MemoryError as error:
        raise FilmError(f"{path}: does not fit into memory; crop or shrink the film") from error
    except Exception as error:
        if isinstance(error, OSError) and error.strerror is not None:
            advice = "check its permissions and the disk"
            raise FilmError(f"{path}: cannot be read: {error.strerror}; {advice}") from error
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise FilmError(f"{path}: is truncated or damaged ({reason}); copy or export the film again") from error
