"""The mean of trained networks' weights.

Trained on from one another, networks lie in one valley; their mean does better on films unlike those they learned from
than either (Wortsman 2022, "Robust fine-tuning of zero-shot models").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch

from sagittal.networks.model_file import ModelError, ModelFile, as_single


def mean_model(models: Sequence[ModelFile]) -> ModelFile:
    """A model with the mean of the models' weights; what only some have, newer outputs, is the mean of those.

    All else is the last one's but for metrics and calibration, which nobody measured of the mean.

    Raises:
        ModelError: fewer than two models, other classes or values, or weights of other shapes.
    """
    if len(models) < 2:
        raise ModelError(f"a mean needs at least two models, got {len(models)}")
    last = models[-1]
    kinds = [(one.classes, one.value_names, one.value_scale) for one in models]
    if any(kind != kinds[-1] for kind in kinds):
        raise ModelError("the models do not have the same classes and values; average stages of one network")
    state = {}
    for name, own in last.state.items():
        parts = [as_single(one.state[name]) for one in models if name in one.state]
        if any(part.shape != own.shape for part in parts):
            raise ModelError(f"{name} has other shapes; average stages of one network")
        state[name] = torch.stack(parts).mean(dim=0) if own.is_floating_point() else own
    training = {**last.training, "mean_of": [dict(one.training) for one in models]}
    return replace(last, state=state, training=training, metrics={}, calibration=None)
