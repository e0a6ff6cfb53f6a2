"""What the server answers, as types; an answer that does not fit is an error that says what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any

from .anatomy import __version__
from .errors import ServerError
from .ports import ModelInfo, StrategyInfo, TrainingState
from .translation import _


@dataclass(frozen=True)
class Label:
    """A structure of a label map: its value, and its colour (RGB, 0..255)."""

    name: str
    value: int
    color: tuple[int, int, int]


@dataclass(frozen=True)
class ServerInfo:
    """What a server tells of itself; `labels` is the whole label map of each model, by name.

    What a server does not tell is None or empty; `tellsStatus`: it is a Sagittal server with the routes of the desk.
    """

    name: str
    version: str
    models: tuple[ModelInfo, ...]
    labels: Mapping[str, Mapping[str, Label]]
    strategies: tuple[StrategyInfo, ...]
    films: int | None
    labelled: int | None
    skipped: int | None = None
    training: TrainingState | None = None
    tellsStatus: bool = False

    @property
    def versionNote(self) -> str:
        """What to do where server and module do not fit each other; empty where they do."""
        if self.name != "Sagittal":
            return _("{name} is no Sagittal server: it may not measure. Choose another address.").format(
                name=self.name or _("This")
            )
        if not self.tellsStatus:
            return _("The server is older than this module: it tells no training and skips no film. Update it.")
        server, module = _minor(self.version), _minor(__version__)
        if server == module:
            return ""
        older = _("server") if server < module else _("module")
        return _("Server {server} and module {module} are of different versions. Update the {older}.").format(
            server=self.version, module=__version__, older=older
        )


@dataclass(frozen=True)
class Inference:
    """One film's result: labels by name, the measurement as JSON, and the label map as the bytes of an NRRD file.

    `labels` are all that the server knows, those in the label map among them. `labelMap` is None where the server
    found nothing to draw.
    """

    labels: Mapping[str, Label]
    result: Mapping[str, Any]
    labelMap: bytes | None = field(repr=False)


def parseInfo(content: Mapping[str, Any], status: Mapping[str, Any] | None, task: Mapping[str, Any]) -> ServerInfo:
    """Read the JSON of `GET /info/`, of `GET /sagittal/status` (None: the server has none) and of `GET /train/`.

    Raises:
        ServerError: it is no MONAI Label server that answered.
    """
    models = content.get("models")
    if not isinstance(models, Mapping):
        raise ServerError(_("This is not a MONAI Label server. Check the address."))
    segmenting = {name: model for name, model in models.items() if model.get("type") == "segmentation"}
    store = content.get("datastore") or {}
    counts = status or {"films": store.get("total"), "labelled": store.get("completed")}
    return ServerInfo(
        name=str(content.get("name") or ""),
        version=str(content.get("version") or ""),
        models=tuple(_modelInfo(name, model) for name, model in segmenting.items()),
        labels={name: _labels(model) for name, model in segmenting.items()},
        strategies=tuple(
            StrategyInfo(name, str((about or {}).get("description") or ""))
            for name, about in (content.get("strategies") or {}).items()
        ),
        films=counts.get("films"),
        labelled=counts.get("labelled"),
        skipped=counts.get("skipped"),
        training=_trainingOf(status) if status else TrainingState(running=task.get("status") == "RUNNING"),
        tellsStatus=status is not None,
    )


def parseInference(contentType: str, body: bytes, known: Mapping[str, Label] | None = None) -> Inference:
    """Read the answer of `POST /infer/..?output=all`: multipart with `params` and `image`, or JSON alone.

    `known` are the model's labels as the server lists them: an answer names only those that it drew.

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
    if not isinstance(values, Mapping) or not isinstance(result, Mapping) or not (values or known):
        raise ServerError(
            _("The server's answer has no label names or no measurement. Choose a model of a Sagittal server.")
        )
    drawn = {name: _label(name, value, colors or {}) for name, value in values.items()}
    return Inference({**(known or {}), **drawn}, result, labelMap)


def _modelInfo(name: str, model: Mapping[str, Any]) -> ModelInfo:
    described, version, origin = (str(model.get(key) or "") for key in ("description", "version", "origin"))
    return ModelInfo(name, described, version, origin)


def _labels(model: Mapping[str, Any]) -> Mapping[str, Label]:
    values = model.get("labels")
    if not isinstance(values, Mapping):
        return {}
    return {name: _label(name, value, model.get("label_colors") or {}) for name, value in values.items()}


def _label(name: str, value: Any, colors: Mapping[str, Any]) -> Label:
    red, green, blue = (int(channel) for channel in colors.get(name, (200, 200, 200))[:3])
    return Label(name, int(value), (red, green, blue))


def _trainingOf(status: Mapping[str, Any]) -> TrainingState:
    training, last = status.get("training") or {}, status.get("last_training") or {}
    told = ""
    if last.get("reason"):
        told = _("{model}: {reason}").format(model=last.get("model", ""), reason=last["reason"])
    return TrainingState(
        running=bool(training.get("running")),
        model=str(training.get("model") or ""),
        epoch=training.get("epoch"),
        epochs=training.get("epochs"),
        etaSeconds=training.get("eta_seconds"),
        pending=status.get("pending"),
        trainAfter=status.get("train_after"),
        last=told,
    )


def _minor(version: str) -> tuple[int, ...]:
    """Major and minor number: what counts for whether two parts fit."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])


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
