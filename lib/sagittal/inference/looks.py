"""Test-time augmentation: the ways in which a network looks at one film."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor
from torch.nn import functional

# Sides of what a network reads are multiples of it.
STRIDE = 32


@dataclass(frozen=True)
class Look:
    """A view of the film: `zoom` its size as a share of the usual input, `mirrored` left and right exchanged."""

    zoom: float = 1.0
    mirrored: bool = False

    def of(self, image: Tensor) -> Tensor:
        """(C, H, W) as this look sees it."""
        if self.zoom != 1.0:
            size = [max(STRIDE, round(side * self.zoom / STRIDE) * STRIDE) for side in image.shape[-2:]]
            image = functional.interpolate(image[None], size, mode="bilinear", antialias=True)[0]
        return image.flip(-1) if self.mirrored else image

    def back(self, scores: Tensor, size: tuple[int, int]) -> Tensor:
        """(C, h, w) scores of what it saw, on the grid (H, W) of the image."""
        scores = scores.flip(-1) if self.mirrored else scores
        if tuple(scores.shape[-2:]) == size:
            return scores
        return functional.interpolate(scores[None], size, mode="bilinear", align_corners=False)[0]


PLAIN, MIRRORED = Look(), Look(mirrored=True)
# What each brought: benchmarks/frozen_films.md.
LOOKS: Mapping[str, tuple[Look, ...]] = MappingProxyType(
    {
        "one": (PLAIN,),
        "mirrored": (PLAIN, MIRRORED),
        "scales": (PLAIN, MIRRORED, Look(0.79), Look(0.79, mirrored=True)),
    }
)
DEFAULT_LOOKS = "mirrored"


def mean_scores(scores: list[Tensor]) -> Tensor:
    """Mean of looks' scores, each (C, H, W)."""
    return torch.stack(scores).mean(dim=0) if len(scores) > 1 else scores[0]
