"""What the sections show: one snapshot of film, server and work that goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..ports import Busy, ServerState

_NO_SERVER = ServerState()


@dataclass(frozen=True)
class View:
    film: Any = None
    server: ServerState = _NO_SERVER
    busy: Busy | None = None

    @property
    def idle(self) -> bool:
        return self.busy is None

    @property
    def ready(self) -> bool:
        """Whether the server can be asked for something now."""
        return self.server.connected and self.idle
