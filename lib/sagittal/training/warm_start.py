"""Starting from the weights of another model."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from sagittal.anatomy.definitions import default_definitions
from sagittal.networks.model_file import ModelFile, as_single
from sagittal.training.state import TrainingError

BACKBONE = "backbone."
# The overlap begins at this part of the union's logits and so much lower: unsure within heads, absent elsewhere.
OVERLAP_PART, OVERLAP_LOWER = 0.15, 1.0


def warm_start(network: nn.Module, model: ModelFile) -> int:
    """Take over every weight of the same name and shape, between BiLuNet and MBNet's backbone too; returns how many.

    A network with maps of the heads starts them from the initial model's classes where that has no such maps.

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
    if "heads.weight" in own and "heads.weight" not in fitting and "classes.weight" in fitting:
        fitting |= heads_from_classes(fitting)
    network.load_state_dict({**own, **fitting})
    return len(fitting)


def heads_from_classes(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights of the maps of the heads that begin where the class of either head beats the background."""
    classes = default_definitions().classes
    heads, background = [classes[f"femoral_head_{k}"].id for k in (1, 2)], classes["background"].id
    started = {}
    for part in ("weight", "bias"):
        of_class = state[f"classes.{part}"]
        union = of_class[heads].mean(dim=0) - of_class[background]
        overlap = OVERLAP_PART * union - (OVERLAP_LOWER if part == "bias" else 0.0)
        started[f"heads.{part}"] = torch.stack((union, overlap))
    return started
