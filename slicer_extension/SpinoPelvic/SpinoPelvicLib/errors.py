"""Errors whose text says what happened and what the user can do."""

from __future__ import annotations


class FilmError(ValueError):
    """A file or volume is no single film."""


class SegmentError(ValueError):
    """Segments or landmarks do not fit: which one, and what to do."""


class ServerError(RuntimeError):
    """A request failed."""


class ServerGoneError(ServerError):
    """No server answered: what was to be sent may be kept and sent later."""


class Cancelled(Exception):  # noqa: N818 - not an error: the user wished it
    """The user cancelled the request."""
