"""What a run must remember to go on after a kill."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from sagittal.networks.model_file import save_atomically
from sagittal.training.config import TrainingConfig

# A run may be prolonged or moved to another machine; all else makes it another run.
MAY_CHANGE = frozenset({"epochs", "max_steps", "max_minutes", "workers", "cache_rate"})


class TrainingError(ValueError):
    """A run cannot start or go on as asked."""


@dataclass
class RunState:
    """Where a run stands. `average` is the moving average of the weights, empty without one."""

    network: nn.Module
    optimizer: torch.optim.Optimizer
    average: dict[str, Tensor] = field(default_factory=dict)
    epoch: int = 0
    step: int = 0
    samples: int = 0
    seconds: float = 0.0
    best_metric: float = -1.0
    history: list[dict[str, Any]] = field(default_factory=list)

    def follow(self, decay: float | None) -> None:
        """Move the average towards the weights; early on the average is young and follows faster."""
        if decay is None:
            return
        weights = self.network.state_dict()
        if not self.average:
            self.average = {name: tensor.detach().clone() for name, tensor in weights.items()}
            return
        share = 1 - min(decay, (1 + self.step) / (10 + self.step))
        for name, tensor in weights.items():
            if tensor.is_floating_point():
                self.average[name].lerp_(tensor.detach(), share)
            else:
                self.average[name].copy_(tensor)

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
            theirs, ours = content["config"], config.model_dump()
            changed = sorted(k for k in theirs.keys() | ours.keys() if theirs.get(k) != ours.get(k))
            changed = [key for key in changed if key not in MAY_CHANGE]
            if changed:
                raise TrainingError(
                    f"{path}: belongs to a run with other settings ({', '.join(changed)}); choose another folder"
                )
            self.network.load_state_dict(content["network"])
            self.optimizer.load_state_dict(content["optimizer"])
            self.average = content["average"]
            for name in COUNTERS:
                setattr(self, name, content[name])
        except TrainingError:
            raise
        except Exception as error:  # torch raises whatever the bytes happen to provoke
            raise TrainingError(
                f"{path}: cannot be resumed ({type(error).__name__}); remove it to start anew"
            ) from error


COUNTERS = ("epoch", "step", "samples", "seconds", "best_metric", "history")
