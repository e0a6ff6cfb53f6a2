"""Random geometry of letterboxed films, their labels, heat maps and values in one resampling."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import RandomState
from torch import Tensor
from torch.nn import functional

from sagittal.anatomy.definitions import default_definitions
from sagittal.training.augmentation.batch import Batch


@dataclass(frozen=True)
class Move:
    """What happens to one film: turned by `angle` degrees, sheared by a tangent.

    `matrix` (2, 3) leads from the new grid to the old one, in the -1..1 coordinates of the square.
    """

    angle: float
    shear: float
    matrix: list[list[float]]


class RandomFilmAffined:
    """Flips, rotates, scales, shears and shifts image, label, heat and values; black and background come in.

    Scaling, shifting and flipping leave all angles as they are. Rotation changes SS and PT by an amount whose sign
    depends on the side that the patient faces; shear changes every value. A value that is changed becomes NaN, which
    the value loss leaves out.

    Args:
        prob: probability of scaling, shearing and shifting.
        rotate: largest rotation in degrees, either way.
        rotate_prob: probability of rotation.
        scale: (smallest, largest) magnification.
        shear: largest shear (tangent), either way.
        translate: largest shift as a fraction of the side, either way.
        flip: probability of a left-right flip.
    """

    def __init__(
        self,
        *,
        prob: float = 1.0,
        rotate: float = 0.0,
        rotate_prob: float = 1.0,
        scale: tuple[float, float] = (1.0, 1.0),
        shear: float = 0.0,
        translate: float = 0.0,
        flip: float = 0.5,
    ) -> None:
        if not 0 < scale[0] <= scale[1]:
            raise ValueError(f"scale must be (smallest, largest) and positive, got {scale}")
        self.prob, self.shear, self.translate, self.flip = prob, shear, translate, flip
        self.rotate, self.rotate_prob = rotate, rotate_prob
        self.scale = (float(scale[0]), float(scale[1]))
        names = default_definitions().value_branch
        self.turned_values = [names.index("SS"), names.index("PT")]

    def draw(self, random: RandomState) -> Move:
        """What happens to the film that this random state belongs to."""
        mirror = -1.0 if random.random_sample() < self.flip else 1.0
        draws = random.uniform(-1, 1, size=5)
        applied = random.random_sample() < self.prob
        angle = draws[0] * self.rotate if random.random_sample() < self.rotate_prob else 0.0
        shear = draws[1] * self.shear if applied else 0.0
        low, high = (math.log(bound) for bound in self.scale)
        zoom = math.exp(low + (draws[2] + 1) / 2 * (high - low)) if applied else 1.0
        shift = 2 * self.translate * draws[3:] if applied else np.zeros(2)
        cosine, sine = math.cos(math.radians(angle)) / zoom, math.sin(math.radians(angle)) / zoom
        along = [mirror * (cosine + shear * sine), mirror * (shear * cosine - sine), float(shift[0])]
        return Move(angle, shear, [along, [sine, cosine, float(shift[1])]])

    def __call__(self, batch: Batch, randoms: Sequence[RandomState]) -> Batch:
        moves = [self.draw(random) for random in randoms]
        image = batch["image"]
        matrices = torch.tensor([move.matrix for move in moves], dtype=torch.float32).to(image.device)
        grid = functional.affine_grid(matrices, [*image.shape], align_corners=False)
        moved = dict(batch)
        moved["label"] = resample(batch["label"], grid, "nearest")
        moved |= {key: resample(batch[key], grid, "bilinear") for key in ("image", "heat", "heads") if key in batch}
        changed = self._changed_values(moves, batch["values"].shape[1])
        moved["values"] = batch["values"].masked_fill(changed.to(image.device), math.nan)
        return moved

    def _changed_values(self, moves: Sequence[Move], values: int) -> Tensor:
        changed = torch.zeros(len(moves), values, dtype=torch.bool)
        for film, move in enumerate(moves):
            changed[film, self.turned_values] = bool(move.angle)
            changed[film] |= bool(move.shear)
        return changed


def resample(images: Tensor, grid: Tensor, mode: str) -> Tensor:
    """(B, C, rows, columns) at a (B, rows, columns, 2) grid, in the images' own type."""
    return functional.grid_sample(images.float(), grid, mode=mode, align_corners=False).to(images.dtype)
