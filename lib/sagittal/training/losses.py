"""Losses."""

from __future__ import annotations

from collections.abc import Callable

import torch
from monai.losses import DiceCELoss
from torch import Tensor
from torch.nn import functional

# The least share of a batch's heat that a kind of landmark is weighed by, as a part of the mean kind's.
RAREST = 8
# The least share of the known films that the heads are weighed by.
LEAST_HEADS = 0.005
# Of their entropy: alone it is four times as large as all other losses of a trained network, and took IoU from bodies.
HEADS_WEIGHT = 0.25
SegmentationLoss = Callable[[Tensor, Tensor], Tensor]


def binary_cross_entropy(logits: Tensor, label: Tensor) -> Tensor:
    """Eq. 2 of MBNet: binary cross-entropy of each sigmoid channel against the one-hot label, mean over all pixels.

    logits (B, C, H, W), label (B, 1, H, W) class ids.
    """
    one_hot = torch.zeros_like(logits).scatter_(1, label.long(), 1.0)
    return functional.binary_cross_entropy_with_logits(logits, one_hot)


def categorical_cross_entropy(logits: Tensor, label: Tensor) -> Tensor:
    """Cross-entropy of the softmax over channels, mean over pixels. Shapes as in `binary_cross_entropy`."""
    return functional.cross_entropy(logits, label[:, 0].long())


def dice_cross_entropy(logits: Tensor, label: Tensor) -> Tensor:
    """MONAI's sum of cross-entropy and soft Dice over the foreground classes of the whole batch.

    Over the batch, because a film without a head would otherwise ask for a perfect emptiness at any price.
    """
    loss: Tensor = DiceCELoss(softmax=True, to_onehot_y=True, include_background=False, batch=True)(logits, label)
    return loss


SEGMENTATION_LOSSES: dict[str, SegmentationLoss] = {
    "binary_cross_entropy": binary_cross_entropy,
    "categorical_cross_entropy": categorical_cross_entropy,
    "dice_cross_entropy": dice_cross_entropy,
}


def landmark_loss(logits: Tensor, heat: Tensor, known: Tensor) -> Tensor:
    """Quality focal loss (Li 2020) of (B, K, H, W) logits against heat maps in 0..1, per unit of heat of each kind.

    `known` (B,) is False for films whose landmarks nobody gave: they count nothing.

    What is already right counts little, so that the many pixels without a landmark do not drown the few with one. Every
    kind counts alike: a film has a dozen corners of each kind, but one S1 and two heads, on which all parameters hang.
    """
    entropy = functional.binary_cross_entropy_with_logits(logits, heat, reduction="none")
    focal = (logits.sigmoid() - heat).square() * entropy * known[:, None, None, None]
    loss, present = focal.sum(dim=(0, 2, 3)), heat.sum(dim=(0, 2, 3))
    # A kind that hardly occurs in the batch must not count without bound.
    return (loss / torch.maximum(present, present.mean() / RAREST).clamp(min=1)).mean()


def heads_loss(logits: Tensor, maps: Tensor, known: Tensor) -> Tensor:
    """Binary cross-entropy plus soft Dice of (B, 2, H, W) logits against union and overlap of the heads in 0..1.

    The entropy counts per pixel of head, not of film, of which heads are a fiftieth: else nothing would tell within a
    head where it overlaps with the other.

    `known` (B,) is False for films whose heads nobody measured: they count nothing. Dice is of the whole batch, for the
    same reason as in `dice_cross_entropy`.
    """
    of_film = known[:, None, None, None].to(logits.dtype)
    entropy = functional.binary_cross_entropy_with_logits(logits, maps, reduction="none") * of_film
    found, true = logits.sigmoid() * of_film, maps * of_film
    both, either = (part.sum(dim=(0, 2, 3)) for part in (found * true, found + true))
    dice = (2 * both + 1) / (either + 1)
    pixels = known.sum() * logits[0, 0].numel()
    area = torch.maximum(true[:, 0].sum(), LEAST_HEADS * pixels).clamp(min=1)
    return HEADS_WEIGHT * entropy.sum() / area + (1 - dice).mean()


def value_loss(outputs: Tensor, targets: Tensor) -> Tensor:
    """Mean squared error of (B, V) over what is finite in both; zero where nothing is."""
    known = targets.isfinite() & outputs.isfinite()
    squared = (torch.where(known, outputs, 0) - torch.where(known, targets, 0)) ** 2
    return squared.sum() / known.sum().clamp(min=1)
