"""The folder that an import writes to: whose it is, and that no two write to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from sagittal.datasets.error import DatalistError
from sagittal.datasets.importers.source import SourceError
from sagittal.datasets.whole_file import replace_file

STATE = ".import"


def check_places(source: Path, target: Path) -> None:
    """Refuse a source that is not there, and a target that lies in it or around it.

    Raises:
        SourceError, DatalistError: say which.
    """
    if not source.exists():
        raise SourceError(f"{source}: does not exist")
    folder = (source if source.is_dir() else source.parent).resolve()
    there = target.resolve()
    if there == folder or folder in there.parents or there in folder.parents:
        raise DatalistError(f"{target}: must lie outside the source, which is never written to")


@contextmanager
def opened_target(target: Path, kind: str) -> Iterator[None]:
    """The target, for one import at a time; made where it does not exist.

    Raises:
        DatalistError: it holds something else, or another import runs.
        OSError: it cannot be written.
    """
    state = target / STATE
    owner = state / "kind.txt"
    if target.exists() and not target.is_dir():
        raise DatalistError(f"{target}: is a file; choose a folder")
    if target.is_dir() and not owner.is_file() and any(path.name != STATE for path in target.iterdir()):
        raise DatalistError(f"{target}: holds other files; choose a new or empty folder")
    if owner.is_file() and owner.read_text(encoding="utf-8") != kind:
        raise DatalistError(f"{target}: holds an import of another kind of set; choose another folder")
    state.mkdir(parents=True, exist_ok=True)
    lock = FileLock(state / "lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise DatalistError(f"{target}: another import into it is running") from error
    try:
        replace_file(owner, kind.encode())
        yield
    finally:
        lock.release()
