"""Landmarks of a film as heat maps, and its femoral heads as discs, on the network's grid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from sagittal.anatomy.definitions import default_definitions
from sagittal.inference.preparation import Letterbox

# Deviation of the Gaussian around a landmark, as a share of the grid's side.
SPREAD = 1 / 128
# In deviations.
REACH = 4.0


def landmark_points(landmarks: Mapping[str, Any], channels: Sequence[str]) -> Iterator[tuple[int, float, float]]:
    """(channel, x, y) in film pixels of every landmark in a dataset's landmark file."""
    for body in landmarks["bodies"].values():
        for corner, (x, y) in body.items():
            yield channels.index(corner), x, y
    if landmarks["S1"]:
        for end in ("anterior", "posterior"):
            yield (channels.index(f"s1_{end}"), *landmarks["S1"][end])
    for head in landmarks["femoral_heads"]:
        yield (channels.index("femoral_head"), *head["center"])


def heat_maps(landmarks: Mapping[str, Any], letterbox: Letterbox, channels: Sequence[str]) -> Tensor:
    """(channels, size, size) uint8, 255 at a landmark, the greatest where several overlap."""
    size = letterbox.size
    spread = SPREAD * size
    maps = torch.zeros(len(channels), size, size)
    axis = torch.arange(size, dtype=torch.float32)
    for channel, x, y in landmark_points(landmarks, channels):
        column, row = letterbox.to_square(x, y)
        if not (-spread < column < size + spread and -spread < row < size + spread):
            continue
        # Farther out than REACH all rounds to nothing.
        left, top = (max(0, int(place - REACH * spread)) for place in (column, row))
        right, bottom = (max(0, int(place + REACH * spread) + 2) for place in (column, row))
        across = torch.exp(-((axis[left:right] - column) ** 2) / (2 * spread**2))
        down = torch.exp(-((axis[top:bottom] - row) ** 2) / (2 * spread**2))
        window = maps[channel, top:bottom, left:right]
        torch.maximum(window, down[:, None] * across[None], out=window)
    return (maps * 255).round().to(torch.uint8)


def head_maps(landmarks: Mapping[str, Any], letterbox: Letterbox) -> Tensor:
    """(2, size, size) uint8: 255 where any head's disc is, and where both are; rims are anti-aliased."""
    axis = torch.arange(letterbox.size, dtype=torch.float32)
    discs = torch.zeros(2, letterbox.size, letterbox.size)
    for disc, head in zip(discs, landmarks["femoral_heads"], strict=False):
        column, row = letterbox.to_square(*head["center"])
        # Radii are in column widths, and the square keeps the film's proportions.
        radius = head["radius"] * letterbox.inner[1] / letterbox.shape[1]
        disc.copy_((radius + 0.5 - torch.hypot(axis[:, None] - row, axis[None] - column)).clamp(0, 1))
    maps = torch.stack((torch.maximum(*discs), torch.minimum(*discs)))
    return (maps * 255).round().to(torch.uint8)


def heads_are_measured(landmarks: Mapping[str, Any], label: Tensor) -> bool:
    """Whether every head of a label (class ids) has its circle in the landmarks: else its disc is not known."""
    classes = default_definitions().classes
    in_label = sum(bool((label == classes[f"femoral_head_{k}"].id).any()) for k in (1, 2))
    return len(landmarks["femoral_heads"]) >= in_label
