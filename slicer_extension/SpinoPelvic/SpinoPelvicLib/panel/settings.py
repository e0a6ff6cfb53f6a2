"""What is remembered for the user between sessions: in Qt's settings, never in the scene."""

from __future__ import annotations

import qt

ADDRESS = "SpinoPelvic/ServerAddress"
TOKEN = "SpinoPelvic/ServerToken"
MODEL = "SpinoPelvic/Model"
STRATEGY = "SpinoPelvic/Strategy"
FOLDER = "SpinoPelvic/Folder"
CONNECTED = "SpinoPelvic/Connected"

DEFAULT_ADDRESS = "http://127.0.0.1:8000"


def read(key: str, default: str = "") -> str:
    return str(qt.QSettings().value(key, default) or default)


def write(key: str, value: str) -> None:
    qt.QSettings().setValue(key, value)
