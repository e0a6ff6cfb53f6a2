"""HTTP client of a MONAI Label server that runs Sagittal. Runs in a worker thread: touches neither Qt nor MRML."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from email.message import Message
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from .errors import Cancelled, ServerError, ServerGoneError
from .replies import Inference, Label, ServerInfo, parseInference, parseInfo
from .translation import _

if TYPE_CHECKING:
    import requests

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 30.0
INFERENCE_SECONDS = 300.0
_CHUNK_BYTES = 1 << 16


class Client:
    """Requests to one server. Each has a time-out, verifies TLS, follows no redirect, and can be cancelled.

    A cancelled request raises `Cancelled` as soon as the server's next bytes arrive or the time-out passes; whoever
    cancels need not wait for that. The token goes into no log and no text of an error.
    """

    def __init__(
        self,
        address: str,
        token: str | None = None,
        *,
        connectSeconds: float = CONNECT_SECONDS,
        answerSeconds: float = ANSWER_SECONDS,
        inferenceSeconds: float = INFERENCE_SECONDS,
    ) -> None:
        """
        Raises:
            ServerError: the address is none.
        """
        address = address.strip()
        try:
            parts = urlsplit(address if "://" in address else "http://" + address)
            sound = parts.scheme in ("http", "https") and parts.hostname and not parts.username and parts.port != 0
        except ValueError:
            sound = False
        if not sound:
            raise ServerError(_("Enter the server's address like http://127.0.0.1:8000."))
        self.address = parts.geturl().rstrip("/")
        self._loopback = parts.hostname in ("localhost", "127.0.0.1", "::1")
        self._token = token or None
        self._connectSeconds = connectSeconds
        self._answerSeconds = answerSeconds
        self._inferenceSeconds = inferenceSeconds

    def info(self, cancelled: Event | None = None) -> ServerInfo:
        """Models, strategies, films and training of the server, as far as it tells."""
        info = _mapping(self._send("GET", "/info/", cancelled=cancelled)[1])
        status = self._ask("/sagittal/status", cancelled)
        task = {} if status is not None else self._ask("/train/", cancelled) or {}
        return parseInfo(info, status, task)

    def infer(
        self, model: str, imageId: str, known: Mapping[str, Label] | None = None, cancelled: Event | None = None
    ) -> Inference:
        """Segment and measure a film that the server holds; `known` are the model's labels as the server lists them."""
        contentType, body = self._send(
            "POST",
            f"/infer/{quote(model, safe='')}",
            query={"image": imageId, "output": "all"},
            seconds=self._inferenceSeconds,
            cancelled=cancelled,
            # What Slicer reads with the film's geometry and our ids.
            data={"params": json.dumps({"result_extension": ".nrrd", "result_dtype": "uint8"})},
        )
        return parseInference(contentType, body, known)

    def train(self, model: str, cancelled: Event | None = None) -> None:
        """Have the server train a model on all submitted labels now."""
        self._send("POST", f"/train/{quote(model, safe='')}", cancelled=cancelled, json={})

    def skip(self, imageId: str, reason: str, cancelled: Event | None = None) -> None:
        """Tell the server that a film is not to be labelled, and why."""
        self._send("PUT", "/sagittal/skip", query={"image": imageId}, cancelled=cancelled, json={"reason": reason})

    def nextFilm(self, strategy: str, cancelled: Event | None = None) -> str | None:
        """The id of the film that the strategy chooses; None when all films are labelled."""
        body = self._send("POST", f"/activelearning/{quote(strategy, safe='')}", cancelled=cancelled, json={})[1]
        return _mapping(body).get("id")

    def downloadFilm(self, imageId: str, folder: Path, cancelled: Event | None = None) -> Path:
        """Fetch a film's file into a folder; returns where it lies."""
        headers, body = self._exchange("GET", "/datastore/image", {"image": imageId}, self._answerSeconds, cancelled)
        # The server's file name decides nothing but the kind of file.
        disposition = Message()
        disposition["Content-Disposition"] = headers.get("Content-Disposition", "")
        name = Path(disposition.get_filename(""))
        path = folder / ("film" + "".join(name.suffixes[-2:] if name.suffix == ".gz" else [name.suffix]))
        path.write_bytes(body)
        return path

    def uploadFilm(self, imageId: str, path: Path, cancelled: Event | None = None) -> str:
        """Give the server a film under an id; returns the id under which the server keeps it."""
        with path.open("rb") as file:
            body = self._send(
                "PUT",
                "/datastore/image",
                query={"image": imageId},
                cancelled=cancelled,
                files={"file": (imageId + path.suffix, file)},
            )[1]
        return str(_mapping(body).get("image", imageId))

    def removeFilm(self, imageId: str, cancelled: Event | None = None) -> None:
        """Have the server forget a film and its labels."""
        self._send("DELETE", "/datastore/image", query={"id": imageId}, cancelled=cancelled)

    def submitLabel(
        self, imageId: str, path: Path, params: Mapping[str, Any], cancelled: Event | None = None
    ) -> Mapping[str, Any]:
        """Give the server a film's final label map with what describes it; returns what the server answers."""
        with path.open("rb") as file:
            body = self._send(
                "PUT",
                "/datastore/label",
                query={"image": imageId, "tag": "final"},
                cancelled=cancelled,
                data={"params": json.dumps(params)},
                files={"label": (path.name, file)},
            )[1]
        return _mapping(body)

    def _ask(self, path: str, cancelled: Event | None) -> Mapping[str, Any] | None:
        """What a route answers that not every server has; None where this one has it not."""
        try:
            content = json.loads(self._send("GET", path, cancelled=cancelled)[1])
        except ServerGoneError:
            raise
        except (ServerError, ValueError):
            return None
        return content if isinstance(content, Mapping) else None

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        seconds: float | None = None,
        cancelled: Event | None = None,
        **body: Any,
    ) -> tuple[str, bytes]:
        headers, content = self._exchange(method, path, query or {}, seconds or self._answerSeconds, cancelled, **body)
        return headers.get("Content-Type", ""), content

    def _exchange(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        seconds: float,
        cancelled: Event | None,
        **body: Any,
    ) -> tuple[Mapping[str, str], bytes]:
        """One request; returns the headers and the content of a successful answer."""
        import requests

        if cancelled is not None and cancelled.is_set():
            raise Cancelled
        until = time.monotonic() + seconds
        try:
            with requests.Session() as session:
                # Proxies are for other machines.
                session.trust_env = not self._loopback
                session.auth = self._authorize
                with session.request(
                    method,
                    self.address + path,
                    params=query,
                    timeout=(self._connectSeconds, seconds),
                    verify=True,
                    allow_redirects=False,
                    stream=True,
                    **body,
                ) as response:
                    content = b"".join(self._chunks(response, until, cancelled))
        except requests.exceptions.SSLError as error:
            raise ServerError(
                _("The certificate of {address} could not be verified. Install its authority on this computer.").format(
                    address=self.address
                )
            ) from error
        except requests.exceptions.ReadTimeout as error:
            raise self._timedOut() from error
        except requests.exceptions.RequestException as error:
            if "timed out" in str(error) and not isinstance(error, requests.exceptions.ConnectTimeout):
                raise self._timedOut() from error
            raise ServerGoneError(
                _("No server answers at {address}. Check the address, and that the server runs.").format(
                    address=self.address
                )
            ) from error
        if response.status_code in (502, 504):
            raise ServerGoneError(
                _("The server at {address} is not running. Try again later.").format(address=self.address)
            )
        if response.status_code != 200:
            raise ServerError(_refusal(response.status_code, content))
        return response.headers, content

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        # As an authorizer rather than a header: otherwise a .netrc would replace the token.
        if self._token:
            request.headers["Authorization"] = "Bearer " + self._token
        return request

    def _chunks(self, response: requests.Response, until: float, cancelled: Event | None) -> Iterator[bytes]:
        for chunk in response.iter_content(_CHUNK_BYTES):
            if cancelled is not None and cancelled.is_set():
                raise Cancelled
            if time.monotonic() > until:
                raise self._timedOut()
            yield chunk
        if cancelled is not None and cancelled.is_set():
            raise Cancelled

    def _timedOut(self) -> ServerGoneError:
        return ServerGoneError(
            _("The server at {address} did not answer in time. It may be busy: try again.").format(address=self.address)
        )


def _refusal(status: int, content: bytes) -> str:
    """What a status other than 200 means to the user, with the server's own reason where it gives one."""
    advice = {
        401: _("The server asks for a token. Enter it under Server."),
        403: _("The server does not allow this. Ask its keeper for a token that may."),
        404: _("The server does not have this film or model. Connect again to refresh the lists."),
        422: _("The server cannot use this film or label."),
        429: _("The server is busy. Try again in a moment."),
    }.get(status, _("The server failed (status {status}). Its log says why.").format(status=status))
    try:
        detail = json.loads(content)["detail"]
    except (ValueError, KeyError, TypeError):
        return advice
    return f"{advice}\n{detail}" if isinstance(detail, str) else advice


def _mapping(body: bytes) -> Mapping[str, Any]:
    try:
        content = json.loads(body)
    except ValueError:
        content = None
    if not isinstance(content, Mapping):
        raise ServerError(_("This is not a MONAI Label server. Check the address."))
    return content
