"""Starting from the weights of another model."""

from __future__ import annotations

from torch import nn

from sagittal.networks.model_file import ModelFile, as_single
from sagittal.training.state import TrainingError

BACKBONE = "backbone."


def warm_start(network: nn.Module, model: ModelFile) -> int:
    """Take over every weight of the same name and shape, between BiLuNet and MBNet's backbone too; returns how many.

    Raises:
        TrainingError: no kernel or matrix fits.
    """
    own = network.state_dict()
    fitting = {}
    for name, tensor in model.state.items():
        for candidate in (name, BACKBONE + name, name.removeprefix(BACKBONE)):
            if candidate in own and own[candidate].shape == tensor.shape:
                fitting[candidate] = as_single(tensor)
                break
    # A few vectors, one entry a class, fit at any width.
    if not any(tensor.ndim > 1 for tensor in fitting.values()):
        raise TrainingError("no weight of the initial model fits the network; choose one of the same width")
    network.load_state_dict({**own, **fitting})
    return len(fitting)
