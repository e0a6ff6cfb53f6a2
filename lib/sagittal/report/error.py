"""The error of every writer of results."""

from __future__ import annotations


class ReportError(RuntimeError):
    """Results cannot be written as they were asked for; the text says why and what to do."""
