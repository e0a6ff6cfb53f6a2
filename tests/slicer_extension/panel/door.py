"""A door before the real server that can be slow, shut, or watched."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

_NOT_FORWARDED = ("host", "connection", "content-length", "accept-encoding")


@dataclass
class Door:
    """`seconds` that an inference waits; `shut` breaks every connection off; `seen` holds (method, path, token)."""

    url: str = ""
    seconds: float = 0.0
    shut: bool = False
    seen: list[tuple[str, str, str | None]] = field(default_factory=list)
    waiting: threading.Event = field(default_factory=threading.Event)


@contextmanager
def door_before(server: str) -> Iterator[Door]:
    """Forward every request to a server."""
    door = Door()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None: ...

        def forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            door.seen.append((self.command, self.path, self.headers["Authorization"]))
            if door.seconds and self.path.startswith("/infer/"):
                door.waiting.set()
                time.sleep(door.seconds)
            if door.shut:
                self.close_connection = True
                return
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _NOT_FORWARDED}
            reply = requests.request(self.command, server + self.path, headers=headers, data=body, timeout=300)
            self.send_response(reply.status_code)
            for name in ("Content-Type", "Content-Disposition"):
                if name in reply.headers:
                    self.send_header(name, reply.headers[name])
            self.send_header("Content-Length", str(len(reply.content)))
            self.end_headers()
            self.wfile.write(reply.content)

        do_GET = do_POST = do_PUT = do_DELETE = forward  # noqa: N815

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    door.url = f"http://127.0.0.1:{listener.server_port}"
    threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield door
    finally:
        listener.shutdown()
        listener.server_close()
