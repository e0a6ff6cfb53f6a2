"""Learning rate over a run."""

from __future__ import annotations

import math

from sagittal.training.config import TrainingConfig


def learning_rate(config: TrainingConfig, progress: float) -> float:
    """The rate after `progress` (0..1) of the run: linear warm-up, then constant or a cosine down to zero."""
    if progress < config.warm_up:
        return config.learning_rate * max(progress / config.warm_up, 0.01)
    if config.schedule == "constant":
        return config.learning_rate
    after = (progress - config.warm_up) / max(1 - config.warm_up, 1e-9)
    return config.learning_rate * max(0.5 * (1 + math.cos(math.pi * min(after, 1.0))), 1e-3)
