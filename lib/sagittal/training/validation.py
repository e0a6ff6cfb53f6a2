"""Scores on the validation films, on the network's grid."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from sagittal.anatomy.definitions import default_definitions
from sagittal.evaluation.metrics import confusion_matrix, number_or_none, segmentation_scores
from sagittal.inference.preparation import network_input
from sagittal.networks.spine_net import SpineOutput
from sagittal.networks.value_scale import ValueScale
from sagittal.training.films import Films


@torch.inference_mode()
def validate(network: nn.Module, films: Films, batch_size: int, scale: ValueScale | None) -> dict[str, float | None]:
    """`segmentation_scores` over all films; with a value branch `mae_<value>` in degrees or %, None where unknown.

    The network is left in evaluation mode.
    """
    network.eval()
    classes = int(network.out_channels)  # type: ignore[arg-type]
    device = next(network.parameters()).device
    confusion = np.zeros((classes, classes), dtype=np.int64)
    errors = []
    for batch in DataLoader(films, batch_size=batch_size):
        outputs = network(network_input(batch["image"].to(device), int(network.in_channels)))  # type: ignore[arg-type]
        logits, values = split_outputs(outputs)
        found = logits.argmax(dim=1).to(torch.uint8).cpu().numpy()
        confusion += confusion_matrix(batch["label"][:, 0].cpu().numpy(), found, classes)
        if values is not None and scale is not None:
            errors.append(scale.invert(values.double().cpu().numpy()) - batch["values"].double().cpu().numpy())
    scores = segmentation_scores(confusion)
    if errors:
        scores |= mean_absolute(np.concatenate(errors))
    return scores


def split_outputs(outputs: Tensor | tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor | None]:
    """Class logits and, of a network that has a value branch, its values."""
    if isinstance(outputs, SpineOutput):
        return outputs.classes, None
    return outputs if isinstance(outputs, tuple) else (outputs, None)


def mean_absolute(errors: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> dict[str, float | None]:
    """(films, V) errors with NaN where unknown -> `mae_<value>`."""
    scores: dict[str, float | None] = {}
    for name, column in zip(default_definitions().value_branch, errors.T, strict=True):
        known = np.abs(column[np.isfinite(column)])
        scores[f"mae_{name}"] = number_or_none(known.mean()) if known.size else None
    return scores
