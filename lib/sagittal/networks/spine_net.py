"""SpineNet: classes and heat maps of landmarks over an encoder that has seen many pictures."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from sagittal.networks.bilunet import check_input
from sagittal.networks.efficientnet_lite import FEATURES, EfficientNetLite
from sagittal.networks.local_contrast import local_contrast


class SpineOutput(NamedTuple):
    """`classes` (B, classes, rows, columns), `landmarks` (B, landmark channels, rows, columns) and, where the network
    has them, `heads` (B, 2, rows, columns): all logits."""

    classes: Tensor
    landmarks: Tensor
    heads: Tensor | None = None

    def at(self, size: tuple[int, int]) -> SpineOutput:
        """All on a grid of (rows, columns), bilinear."""
        given = (logits for logits in self if logits is not None)
        return SpineOutput(
            *(functional.interpolate(logits, size, mode="bilinear", align_corners=False) for logits in given)
        )


class SpineNet(nn.Module):
    """Angles need points, not areas: beside the classes a heat map for each kind of landmark.

    Each heat map's logits are those of a Gaussian around every landmark of its kind: all anterior ends of superior end
    plates share one, and the chain tells whose each is. The kinds are `landmark_channels` of the definitions.

    The encoder is EfficientNet-Lite0's, the decoder U-shaped (bilinear up-sampling, two 3x3 convolutions a level) and
    ends at half the input's resolution: finer logits cost twice the time and moved no end plate.

    Args:
        in_channels: 3; grey films are repeated.
        out_channels: classes.
        width: channels of the decoder at 1/2; deeper levels have 1.5, 2 and 3 times as many.
        dropout: probability before both heads.
        landmark_channels: kinds of landmarks.
        narrow_window, wide_window: of `local_contrast`, as shares of the rows; its pictures take the place of the
            second and third grey channel. Zero: grey thrice.
        heads: whether it also emits the union of both femoral heads' discs and their overlap, which one class a pixel
            cannot show. Both are the same whichever head is called the first.
    """

    def __init__(
        self,
        in_channels: int = 3,
        out_channels: int = 5,
        width: int = 32,
        dropout: float = 0.1,
        landmark_channels: int = 7,
        narrow_window: float = 0.0,
        wide_window: float = 0.0,
        heads: bool = False,
    ) -> None:
        super().__init__()
        if in_channels != 3:
            raise ValueError(f"SpineNet's encoder reads 3 channels, got {in_channels}")
        self.in_channels, self.out_channels = in_channels, out_channels
        if (narrow_window > 0) != (wide_window > 0):
            raise ValueError(f"give both windows or none, got {narrow_window} and {wide_window}")
        self.windows = (narrow_window, wide_window)
        self.encoder = EfficientNetLite()
        widths = [width, width * 3 // 2, width * 2, width * 3]
        deeper = [*widths[1:], FEATURES[-1]]
        self.decoder = nn.ModuleList(
            UpLevel(below, skip, own) for below, skip, own in zip(deeper, FEATURES[:-1], widths, strict=True)
        )
        self.dropout = nn.Dropout2d(dropout)
        self.classes = nn.Conv2d(width, out_channels, 1)
        self.landmarks = nn.Conv2d(width, landmark_channels, 1)
        # Nearly every pixel is far from every landmark: start from there.
        nn.init.constant_(self.landmarks.bias, -4.0)  # type: ignore[arg-type]
        self.heads = nn.Conv2d(width, 2, 1) if heads else None

    def forward(self, image: Tensor) -> SpineOutput:
        """(B, 3, rows, columns), sides multiples of 32 -> logits on half the grid (`SpineOutput.at` gives others)."""
        check_input(image, self.in_channels)
        if all(self.windows):
            grey = image[:, :1]
            image = torch.cat([grey, *(local_contrast(grey, window) for window in self.windows)], dim=1)
        levels = self.encoder(image)
        features = levels[-1]
        for level, skip in zip(reversed(self.decoder), reversed(levels[:-1]), strict=True):
            features = level(features, skip)
        features = self.dropout(features)
        heads = None if self.heads is None else self.heads(features)
        return SpineOutput(self.classes(features), self.landmarks(features), heads)


class UpLevel(nn.Module):
    """Features from below doubled, joined with the encoder's, two convolutions."""

    def __init__(self, below: int, skip: int, outputs: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(below + skip, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )

    def forward(self, below: Tensor, skip: Tensor) -> Tensor:
        doubled = functional.interpolate(below, skip.shape[-2:], mode="bilinear", align_corners=False)
        joined: Tensor = self.layers(torch.cat([doubled, skip], dim=1))
        return joined
