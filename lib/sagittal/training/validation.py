"""Scores on the validation films, on the network's grid."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from sagittal.anatomy.definitions import default_definitions
from sagittal.evaluation.metrics import confusion_matrix, number_or_none, segmentation_scores
from sagittal.inference.landmark_peaks import find_peaks
from sagittal.inference.preparation import Letterbox, network_input
from sagittal.networks.spine_net import SpineOutput
from sagittal.networks.value_scale import ValueScale
from sagittal.training.films import Films

# A landmark farther from its peak than this share of the side is not found.
FARTHEST = 0.03


@torch.inference_mode()
def validate(network: nn.Module, films: Films, batch_size: int, scale: ValueScale | None) -> dict[str, float | None]:
    """`segmentation_scores` over all films; with a value branch `mae_<value>` in degrees or %, None where unknown;
    with heat maps `landmark_score`, 1 where every landmark has its peak in its place, 0 where none is near.

    The network is left in evaluation mode.
    """
    network.eval()
    classes = int(network.out_channels)  # type: ignore[arg-type]
    device = next(network.parameters()).device
    confusion = np.zeros((classes, classes), dtype=np.int64)
    errors = []
    distances: list[float] = []
    for batch in DataLoader(films, batch_size=batch_size):
        outputs = network(network_input(batch["image"].to(device), int(network.in_channels)))  # type: ignore[arg-type]
        if isinstance(outputs, SpineOutput):
            known = batch["heat_known"]
            distances += landmark_distances(outputs, batch["heat"][known], known)
        logits, values = split_outputs(outputs)
        found = logits.argmax(dim=1).to(torch.uint8).cpu().numpy()
        confusion += confusion_matrix(batch["label"][:, 0].cpu().numpy(), found, classes)
        if values is not None and scale is not None:
            errors.append(scale.invert(values.double().cpu().numpy()) - batch["values"].double().cpu().numpy())
    scores = segmentation_scores(confusion)
    if distances:
        scores["landmark_score"] = number_or_none(1 - float(np.mean(distances)) / FARTHEST)
    if errors:
        scores |= mean_absolute(np.concatenate(errors))
    return scores


def landmark_distances(outputs: SpineOutput, truth: Tensor, known: Tensor) -> list[float]:
    """How far the nearest peak of its kind is from each true landmark, in shares of the grid's side, at most FARTHEST.

    `truth` (films that are `known`, K, S, S) are heat maps of 0..255.
    """
    side = truth.shape[-1]
    letterbox, kinds = Letterbox.fit((side, side), side), default_definitions().landmark_channels
    heats = outputs.at((side, side)).landmarks[known.to(outputs.landmarks.device)].sigmoid()
    distances = []
    for heat, true_heat in zip(heats, truth, strict=True):
        found = find_peaks(heat, kinds, letterbox)
        for true in find_peaks(true_heat.float() / 255, kinds, letterbox):
            away = (math.hypot(peak.x - true.x, peak.y - true.y) for peak in found if peak.kind == true.kind)
            distances.append(min(min(away, default=math.inf) / side, FARTHEST))
    return distances


def split_outputs(outputs: Tensor | tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor | None]:
    """Class logits and, of a network that has a value branch, its values."""
    if isinstance(outputs, SpineOutput):
        rows, columns = outputs.classes.shape[-2:]
        return outputs.at((2 * rows, 2 * columns)).classes, None
    return outputs if isinstance(outputs, tuple) else (outputs, None)


def mean_absolute(errors: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> dict[str, float | None]:
    """(films, V) errors with NaN where unknown -> `mae_<value>`."""
    scores: dict[str, float | None] = {}
    for name, column in zip(default_definitions().value_branch, errors.T, strict=True):
        known = np.abs(column[np.isfinite(column)])
        scores[f"mae_{name}"] = number_or_none(known.mean()) if known.size else None
    return scores
