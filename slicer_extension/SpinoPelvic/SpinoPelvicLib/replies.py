"""What the server answers, as types; an answer that does not fit is an error that says what to do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes
from typing import Any

from .translation import _


class ServerError(RuntimeError):
    """A request failed. The text says what happened and what the user can do."""


@dataclass(frozen=True)
class ServerInfo:
    """What `GET /info/` tells: models that segment, and strategies that choose the next film."""

    name: str
    version: str
    models: tuple[str, ...]
    strategies: tuple[str, ...]
    films: int | None
    labelled: int | None


@dataclass(frozen=True)
class Label:
    """A structure of a label map: its value, and its colour (RGB, 0..255)."""

    name: str
    value: int
    color: tuple[int, int, int]


@dataclass(frozen=True)
class Inference:
    """One film's result: labels by name, the measurement as JSON, and the label map as the bytes of an NRRD file.

    `labelMap` is None where the server found nothing to draw.
    """

    labels: Mapping[str, Label]
    result: Mapping[str, Any]
    labelMap: bytes | None


def parseInfo(content: Mapping[str, Any]) -> ServerInfo:
    """Read the JSON of `GET /info/`.

    Raises:
        ServerError: it is no MONAI Label server that answered.
    """
    models = content.get("models")
    if not isinstance(models, Mapping):
        raise ServerError(_("This is not a MONAI Label server. Check the address."))
    store = content.get("datastore") or {}
    return ServerInfo(
        name=str(content.get("name") or ""),
        version=str(content.get("version") or ""),
        models=tuple(name for name, model in models.items() if model.get("type") == "segmentation"),
        strategies=tuple(content.get("strategies") or ()),
        films=store.get("total"),
        labelled=store.get("completed"),
    )


def parseInference(contentType: str, body: bytes) -> Inference:
    """Read the answer of `POST /infer/..?output=all`: multipart with `params` and `image`, or JSON alone.

    Raises:
        ServerError: the answer is no such thing.
    """
    if contentType.startswith("multipart/"):
        parts = _multipart(contentType, body)
        params, labelMap = _json(parts.get("params", b"")), parts.get("image")
    else:
        params, labelMap = _json(body), None
    if not isinstance(params, Mapping):
        raise ServerError(_("The server's answer cannot be read. Check that it is a Sagittal server."))
    values, colors, result = (params.get(key) for key in ("label_names", "label_colors", "result"))
    if not values or not isinstance(values, Mapping) or not isinstance(result, Mapping):
        raise ServerError(
            _("The server's answer has no label names or no measurement. Choose a model of a Sagittal server.")
        )
    colors = colors or {}
    labels = {
        name: Label(name, int(value), tuple(int(c) for c in colors.get(name, (200, 200, 200))[:3]))
        for name, value in values.items()
    }
    return Inference(labels, result, labelMap)


def _multipart(contentType: str, body: bytes) -> dict[str, bytes]:
    """The parts of a multipart body by name, each byte for byte."""
    message = message_from_bytes(b"Content-Type: " + contentType.encode("latin-1") + b"\r\n\r\n" + body)
    if not message.is_multipart() or message.defects:
        raise ServerError(_("The server's answer was cut off. Try again."))
    return {
        str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True)
        for part in message.get_payload()
    }


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ServerError(_("The server's answer cannot be read. Check that it is a Sagittal server.")) from error
