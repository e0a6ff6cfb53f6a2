"""The file a trained network travels in: weights in half precision and all that using them needs."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

from sagittal.configuration import ConfigurationError
from sagittal.datasets.whole_file import replace_file
from sagittal.networks.build import build_network

FORMAT_VERSION = 1
Activation = Literal["softmax", "sigmoid"]


class ModelError(ValueError):
    """A model file is missing, is none of ours, or does not fit this version."""


@dataclass(frozen=True)
class ModelFile:
    """A trained network.

    `network` is its configuration, `state` its weights, `input_size` the side of the letterboxed input in pixels.
    `value_names` is empty for a network without value branch; `value_scale` then is None, else {"method",
    "offset", "factor"}: value = output * factor + offset. `training` tells how it was made, `metrics` how well it did.
    `calibration` are the constants that say how far to trust it (`sagittal.calibration`), None: nobody measured them.
    """

    network: Mapping[str, Any]
    state: Mapping[str, Tensor]
    input_size: int
    activation: Activation
    classes: tuple[str, ...]
    value_names: tuple[str, ...] = ()
    value_scale: Mapping[str, Any] | None = None
    training: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    calibration: Mapping[str, float] | None = None

    def build(self) -> nn.Module:
        """The network with its weights in single precision, in evaluation mode.

        Raises:
            ModelError: weights and configuration do not fit together.
        """
        try:
            network = build_network(self.network)
            network.load_state_dict({name: as_single(tensor) for name, tensor in self.state.items()})
        except (ConfigurationError, RuntimeError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(f"the weights do not fit the network: {str(error).splitlines()[0]}") from error
        return network.eval()


def as_single(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.is_floating_point() else tensor


def as_stored(name: str, tensor: Tensor) -> Tensor:
    """A copy on the CPU: in half precision where that holds it, else in single (variances may exceed its range).

    Raises:
        ModelError: the tensor has numbers that are not finite.
    """
    tensor = tensor.detach().cpu()
    if not tensor.is_floating_point():
        return tensor.clone()
    if not tensor.isfinite().all():
        raise ModelError(f"{name} has numbers that are not finite: the training diverged; lower its learning rate")
    half = tensor.half()
    return half if half.isfinite().all() else tensor.float().clone()


def save_atomically(content: Mapping[str, Any], path: Path) -> None:
    """Write what torch can save; a kill leaves the former file or the new one, never half of one."""
    buffer = io.BytesIO()
    torch.save(dict(content), buffer)
    replace_file(path, buffer.getbuffer())


def save_model(model: ModelFile, path: Path) -> None:
    """Write a model file (`.pt`).

    Raises:
        ModelError: a weight is not finite.
    """
    content = {
        "format_version": FORMAT_VERSION,
        "network": dict(model.network),
        "state_dict": {name: as_stored(name, tensor) for name, tensor in model.state.items()},
        "input_size": model.input_size,
        "activation": model.activation,
        "classes": list(model.classes),
        "value_names": list(model.value_names),
        "value_scale": None if model.value_scale is None else dict(model.value_scale),
        "training": dict(model.training),
        "metrics": dict(model.metrics),
        "calibration": None if model.calibration is None else dict(model.calibration),
    }
    save_atomically(content, path)


def load_model(path: Path) -> ModelFile:
    """Read a model file; nothing in it is executed.

    Raises:
        ModelError: names the file, what is wrong with it and what to do.
    """
    if not path.is_file():
        raise ModelError(f"{path}: no such model file; train one with `sagittal train` or name a shipped model")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises whatever the bytes happen to provoke
        raise ModelError(f"{path}: is no model file of Sagittal ({type(error).__name__}); train it again") from error
    if not isinstance(content, dict) or "format_version" not in content:
        raise ModelError(f"{path}: is no model file of Sagittal (no format_version); train it again")
    if content["format_version"] != FORMAT_VERSION:
        raise ModelError(
            f"{path}: has format {content['format_version']!r}, this version reads {FORMAT_VERSION}; train it again"
        )
    try:
        return ModelFile(
            network=content["network"],
            state=content["state_dict"],
            input_size=int(content["input_size"]),
            activation=content["activation"],
            classes=tuple(content["classes"]),
            value_names=tuple(content["value_names"]),
            value_scale=content["value_scale"],
            training=content["training"],
            metrics=content["metrics"],
            # Older files have none.
            calibration=content.get("calibration"),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path}: is damaged: {error!r}; train it again") from error
