"""The error of every reader and writer of films."""

from __future__ import annotations


class FilmError(ValueError):
    """A film, mask or label map cannot be read or written; the text names the file, what is wrong and what to do."""
