"""What training minimises."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from sagittal.networks.spine_net import SpineOutput
from sagittal.networks.value_scale import ValueScale
from sagittal.training.augmentation import Batch
from sagittal.training.config import TrainingConfig
from sagittal.training.losses import SEGMENTATION_LOSSES, heads_loss, landmark_loss, value_loss

Outputs = Tensor | tuple[Tensor, Tensor] | SpineOutput


class Objective:
    """The loss of a network's outputs for a batch.

    The segmentation loss; with heat maps the landmark loss beside it, and with maps of the heads theirs; with a value
    branch alpha of it and 1 - alpha of the value loss, in which values count in units of their spread over the training
    films.

    Args:
        config: which losses, and alpha.
        emitted: the scale that the network's values are on, None without value branch.
        counted: the scale that they are compared on.
        device: of the outputs.
    """

    def __init__(
        self, config: TrainingConfig, emitted: ValueScale | None, counted: ValueScale | None, device: torch.device
    ) -> None:
        self.segment = SEGMENTATION_LOSSES[config.segmentation_loss]
        self.alpha, self.device = config.alpha, device
        self.emitted, self.counted = (
            None if scale is None else on_device(scale, device) for scale in (emitted, counted)
        )

    def __call__(self, outputs: Outputs, batch: Batch) -> Tensor:
        label = batch["label"].to(self.device, non_blocking=True)
        if isinstance(outputs, Tensor):
            return self.segment(outputs.float(), label)
        if isinstance(outputs, SpineOutput):
            return self._with_landmarks(outputs, label, batch)
        segmentation, values = self.segment(outputs[0].float(), label), self._values(outputs[1].float(), batch)
        return self.alpha * segmentation + (1 - self.alpha) * values

    def _with_landmarks(self, outputs: SpineOutput, label: Tensor, batch: Batch) -> Tensor:
        heat = batch["heat"].to(self.device, non_blocking=True).float() / 255
        grid = (outputs.classes.shape[-2], outputs.classes.shape[-1])
        label = functional.interpolate(label.float(), grid, mode="nearest-exact")
        heat = functional.interpolate(heat, grid, mode="bilinear", antialias=True)
        known = batch["heat_known"].to(self.device, non_blocking=True)
        loss = self.segment(outputs.classes.float(), label) + landmark_loss(outputs.landmarks.float(), heat, known)
        if outputs.heads is None:
            return loss
        maps = batch["heads"].to(self.device, non_blocking=True).float() / 255
        maps = functional.interpolate(maps, grid, mode="bilinear", antialias=True)
        known = batch["heads_known"].to(self.device, non_blocking=True)
        return loss + heads_loss(outputs.heads.float(), maps, known)

    def _values(self, found: Tensor, batch: Batch) -> Tensor:
        assert self.emitted is not None
        assert self.counted is not None
        (own_offset, own_factor), (offset, factor) = self.emitted, self.counted
        degrees = found * own_factor + own_offset
        targets = batch["values"].to(self.device, non_blocking=True)
        return value_loss((degrees - offset) / factor, (targets - offset) / factor)


def on_device(scale: ValueScale, device: torch.device) -> tuple[Tensor, Tensor]:
    """Offset and factor, (V,) each."""
    offset, factor = (torch.from_numpy(numbers).float().to(device) for numbers in (scale.offset, scale.factor))
    return offset, factor
