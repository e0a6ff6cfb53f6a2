"""Logs belong to the studies' state, not to the app's folder."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any


def keep_logs_in(folder: Path, app_dir: Path) -> None:
    """Send what MONAI Label logs to files of the app's folder to `folder` instead, with what is there already."""
    folder.mkdir(parents=True, exist_ok=True)
    for handler in _file_handlers():
        current = Path(handler.baseFilename)
        if not current.is_relative_to(app_dir):
            continue
        handler.acquire()
        try:
            handler.close()
            # The handler opens its file anew with the next line.
            handler.baseFilename = str(folder / current.name)
        finally:
            handler.release()
        if current.is_file():
            with (folder / current.name).open("ab") as target:
                target.write(current.read_bytes())
            current.unlink(missing_ok=True)


def serve_logs_from(folder: Path) -> None:
    """Let GET /logs/ answer from `folder`. Only where the server's web application is loaded."""
    from fastapi.routing import APIRoute
    from monailabel.app import app
    from monailabel.endpoints.logs import get_logs

    def logs(lines: int = 300, html: bool = True, text: bool = False, refresh: int = 0) -> Any:
        return get_logs(str(folder / "app.log"), lines, html, text, refresh)

    app.router.routes.insert(0, APIRoute("/logs/", logs, methods=["GET"], tags=["Others"]))


def _file_handlers() -> list[logging.FileHandler]:
    loggers = [logging.getLogger(), *map(logging.getLogger, logging.root.manager.loggerDict)]
    handlers = {id(h): h for logger in loggers for h in logger.handlers if isinstance(h, logging.FileHandler)}
    return list(handlers.values())
