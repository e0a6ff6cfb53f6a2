"""What a random transform takes and gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from numpy.random import RandomState
from torch import Tensor

Batch = dict[str, Tensor]


class BatchTransform(Protocol):
    """Changes a batch of films at once.

    The batch has "image" (B, 1, rows, columns) float32 in 0..1, "label" (B, 1, rows, columns) class ids, "values"
    (B, V), and, where landmarks are learned, "heat" (B, K, rows, columns) and "heads" (B, 2, rows, columns). What
    happens to a film is drawn from its own element of `randoms` alone, so that a film is changed alike whichever films
    lie beside it.
    """

    def __call__(self, batch: Batch, randoms: Sequence[RandomState]) -> Batch: ...


def chosen(prob: float, randoms: Sequence[RandomState]) -> list[int]:
    """The films that a transform of this probability changes."""
    return [film for film, random in enumerate(randoms) if random.random_sample() < prob]


def column(values: npt.ArrayLike, like: Tensor) -> Tensor:
    """A number a film as (B, 1, 1, 1), to be combined with images."""
    return torch.as_tensor(np.asarray(values), dtype=like.dtype).to(like.device, non_blocking=True)[:, None, None, None]


def generator(random: RandomState, device: torch.device) -> torch.Generator:
    """Draws many numbers on the device that a film's own random state decides."""
    return torch.Generator(device).manual_seed(int(random.randint(2**31)))
