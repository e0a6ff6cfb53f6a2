"""Where the commands print: results to standard output, errors to standard error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn


def output() -> Console:
    """Standard output as it is now (tests replace it)."""
    return Console(highlight=False)


def print_error(message: str) -> None:
    """One line on standard error, never wrapped, so that scripts can read it."""
    typer.echo(message, err=True)


def progress(console: Console) -> Progress:
    """A bar with the share done and the time left; only shown on a terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        redirect_stderr=False,
    )


@contextmanager
def known_errors() -> Iterator[None]:
    """Turn what a user can mend (a wrong path, a wrong configuration, a full disk) into a line and exit status 1."""
    try:
        yield
    except (ValueError, OSError, RuntimeError) as error:
        print_error(f"error: {error}")
        raise typer.Exit(1) from error
