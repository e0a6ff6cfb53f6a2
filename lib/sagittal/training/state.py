"""What a run must remember to go on after a kill."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn

from sagittal.networks.model_file import save_atomically
from sagittal.training.config import TrainingConfig

# A run may be prolonged or moved to another machine; all else makes it another run.
MAY_CHANGE = frozenset(
    {
        "epochs",
        "max_steps",
        "max_minutes",
        "patience",
        "workers",
        "cache_rate",
        "compile",
        "checkpoint_minutes",
    }
)


class TrainingError(ValueError):
    """A run cannot start or go on as asked."""


@dataclass
class RunState:
    """Where a run stands.

    `epoch` counts whole epochs, `batches` those done of the next one and `loss_sum` their losses. `average` is the
    moving average of the weights, empty without one.
    """

    network: nn.Module
    optimizer: torch.optim.Optimizer
    average: dict[str, Tensor] = field(default_factory=dict)
    epoch: int = 0
    batches: int = 0
    loss_sum: float = 0.0
    step: int = 0
    samples: int = 0
    seconds: float = 0.0
    history: list[dict[str, Any]] = field(default_factory=list)

    @property
    def best_score(self) -> float | None:
        """Of the best epoch so far; None before the first."""
        return max((entry["selection_score"] for entry in self.history if "selection_score" in entry), default=None)

    @property
    def epochs_without_better(self) -> int:
        """Whole epochs since the best one."""
        scores = [entry.get("selection_score", -math.inf) for entry in self.history]
        return len(scores) - 1 - scores.index(max(scores)) if scores else 0

    def follow(self, decay: float | None) -> None:
        """Move the average towards the weights; early on the average is young and follows faster."""
        if decay is None:
            return
        weights = self.network.state_dict()
        if not self.average:
            self.average = {name: tensor.detach().clone() for name, tensor in weights.items()}
            return
        moving = [name for name, tensor in weights.items() if tensor.is_floating_point()]
        follow = get_ema_multi_avg_fn(min(decay, (1 + self.step) / (10 + self.step)))
        follow([self.average[name] for name in moving], [weights[name].detach() for name in moving], 0)
        for name in weights.keys() - set(moving):
            self.average[name].copy_(weights[name])

    def weights(self) -> dict[str, Tensor]:
        """The weights to validate and to save: the average where there is one."""
        return self.average or self.network.state_dict()

    def save(self, path: Path, config: TrainingConfig) -> None:
        """Write all of it, whole or not at all."""
        save_atomically(
            {
                "config": config.model_dump(),
                "network": self.network.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "average": self.average,
                **{name: getattr(self, name) for name in COUNTERS},
            },
            path,
        )

    def resume(self, path: Path, config: TrainingConfig, device: torch.device) -> None:
        """Take over what `save` wrote.

        Raises:
            TrainingError: the file is damaged or belongs to a run with another configuration.
        """
        try:
            content = torch.load(path, map_location=device, weights_only=True)
            changed = other_settings(content["config"], config)
            if changed:
                raise TrainingError(
                    f"{path}: belongs to a run with other settings ({', '.join(changed)}); choose another folder"
                )
            self.network.load_state_dict(content["network"])
            self.optimizer.load_state_dict(content["optimizer"])
            self.average = content["average"]
            for name in COUNTERS:
                # A file of an earlier version lacks some: it was written between epochs.
                setattr(self, name, content.get(name, getattr(self, name)))
        except TrainingError:
            raise
        except Exception as error:  # torch raises whatever the bytes happen to provoke
            raise TrainingError(
                f"{path}: cannot be resumed ({type(error).__name__}); remove it to start anew"
            ) from error


COUNTERS = ("epoch", "batches", "loss_sum", "step", "samples", "seconds", "history")


def other_settings(theirs: Mapping[str, Any], ours: TrainingConfig) -> list[str]:
    """The settings of two runs that differ and may not. What an earlier version did not know has its default."""
    try:
        known = TrainingConfig.model_validate(theirs).model_dump()
    except ValidationError as error:
        return sorted({str(fault["loc"][0]) for fault in error.errors() if fault["loc"]})
    own = ours.model_dump()
    return sorted(name for name in own if own[name] != known[name] and name not in MAY_CHANGE)
