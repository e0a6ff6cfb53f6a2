"""Uneven exposure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.random import RandomState
from torch.nn import functional

from sagittal.training.augmentation.batch import Batch, chosen


class RandomShadingd:
    """Brightens and darkens films smoothly over their area, as uneven exposure and soft tissue do.

    Args:
        prob: probability.
        strength: largest relative change, either way.
    """

    def __init__(self, *, prob: float = 0.3, strength: float = 0.3) -> None:
        self.prob, self.strength = prob, strength

    def __call__(self, batch: Batch, randoms: Sequence[RandomState]) -> Batch:
        films, image = chosen(self.prob, randoms), batch["image"]
        if not films:
            return batch
        coarse = np.zeros((len(randoms), 1, 4, 4), np.float32)
        for film in films:
            coarse[film] = randoms[film].uniform(-self.strength, self.strength, size=(1, 4, 4))
        field = functional.interpolate(
            torch.from_numpy(coarse).to(image), image.shape[2:], mode="bicubic", align_corners=True
        )
        return {**batch, "image": image * (1 + field)}
