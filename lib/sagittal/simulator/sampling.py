"""Draws from the two kinds of ranges that simulator.yaml knows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def uniform(rng: np.random.Generator, bounds: Sequence[float]) -> float:
    """A draw from [lower, upper]."""
    return float(rng.uniform(bounds[0], bounds[1]))


def truncated_normal(rng: np.random.Generator, mean_sd_bounds: Sequence[float]) -> float:
    """A draw from a normal [mean, standard deviation, lower, upper], redrawn until it lies within the bounds."""
    mean, sd, lower, upper = mean_sd_bounds
    for _ in range(100):
        value = float(rng.normal(mean, sd))
        if lower <= value <= upper:
            return value
    return float(np.clip(mean, lower, upper))
