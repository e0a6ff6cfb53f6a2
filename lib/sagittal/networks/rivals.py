"""The networks that BiLuNet was compared with, at any width, to be trained on the same films."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from monai.networks.nets import BasicUNet, BasicUNetPlusPlus
from torch import Tensor, nn
from torch.nn import functional

from sagittal.networks.bilunet import check_input
from sagittal.networks.blocks import convolution

NORM = "batch"


class UNet(nn.Module):
    """U-Net (Ronneberger 2015), MONAI's: four poolings, two convolutions a level.

    Args:
        in_channels: channels of the input; grey films are repeated to three.
        out_channels: classes.
        width: channels of the first level, doubled at each.
        dropout: probability, in every convolution block.
    """

    def __init__(self, in_channels: int = 3, out_channels: int = 5, width: int = 64, dropout: float = 0.1) -> None:
        super().__init__()
        self.in_channels, self.out_channels = in_channels, out_channels
        self.network = BasicUNet(2, in_channels, out_channels, doubled(width), norm=NORM, dropout=dropout)

    def forward(self, image: Tensor) -> Tensor:
        """(B, in_channels, rows, columns), sides multiples of 32 -> logits (B, out_channels, rows, columns)."""
        check_input(image, self.in_channels)
        logits: Tensor = self.network(image)
        return logits


class UNetPlusPlus(nn.Module):
    """UNet++ (Zhou 2018), MONAI's, without deep supervision. Arguments as for `UNet`."""

    def __init__(self, in_channels: int = 3, out_channels: int = 5, width: int = 32, dropout: float = 0.1) -> None:
        super().__init__()
        self.in_channels, self.out_channels = in_channels, out_channels
        self.network = BasicUNetPlusPlus(2, in_channels, out_channels, doubled(width), norm=NORM, dropout=dropout)
        # What deep supervision would read of the shallower levels.
        for unused in ("final_conv_0_1", "final_conv_0_2", "final_conv_0_3"):
            setattr(self.network, unused, nn.Identity())

    def forward(self, image: Tensor) -> Tensor:
        """(B, in_channels, rows, columns), sides multiples of 32 -> logits (B, out_channels, rows, columns)."""
        check_input(image, self.in_channels)
        logits: Tensor = self.network(image)[0]
        return logits


def doubled(width: int) -> tuple[int, ...]:
    """MONAI's six widths: five levels, and the last convolutions at full resolution."""
    return (*(width * 2**level for level in range(5)), width)


class PSPNet(nn.Module):
    """PSPNet (Zhao 2017): a dilated residual encoder to 1/8, pooling over 1, 2, 3 and 6 squares, bilinear to full size.

    The encoder is small: two residual blocks a stage (ResNet-18's), the last two stages dilated by 2 and 4 as in the
    paper. No auxiliary loss.

    Args:
        in_channels: channels of the input; grey films are repeated to three.
        out_channels: classes.
        width: channels of the first stage; the stages have 1, 2, 4 and 8 times as many.
        dropout: probability before the last convolution.
    """

    def __init__(self, in_channels: int = 3, out_channels: int = 5, width: int = 64, dropout: float = 0.1) -> None:
        super().__init__()
        self.in_channels, self.out_channels = in_channels, out_channels
        self.stem = nn.Sequential(convolution(in_channels, width, stride=2, normalization=True), nn.MaxPool2d(2))
        stages = ((width, 1, 1), (2 * width, 2, 1), (4 * width, 1, 2), (8 * width, 1, 4))
        layers: list[nn.Module] = []
        inputs = width
        for outputs, stride, dilation in stages:
            layers += [Residual(inputs, outputs, stride, dilation), Residual(outputs, outputs, 1, dilation)]
            inputs = outputs
        self.stages = nn.Sequential(*layers)
        self.pyramid = PyramidPooling(inputs, (1, 2, 3, 6))
        self.head = nn.Sequential(
            convolution(2 * inputs, 2 * width, normalization=True),
            nn.Dropout2d(dropout),
            nn.Conv2d(2 * width, out_channels, 1),
        )

    def forward(self, image: Tensor) -> Tensor:
        """(B, in_channels, rows, columns), sides multiples of 32 -> logits (B, out_channels, rows, columns)."""
        check_input(image, self.in_channels)
        logits = self.head(self.pyramid(self.stages(self.stem(image))))
        return functional.interpolate(logits, image.shape[-2:], mode="bilinear", align_corners=False)


class Residual(nn.Module):
    """Two 3x3 convolutions beside an identity, or beside a 1x1 convolution where the shape changes."""

    def __init__(self, inputs: int, outputs: int, stride: int, dilation: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, dilation, dilation, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
            nn.Conv2d(outputs, outputs, 3, 1, dilation, dilation, bias=False),
            nn.BatchNorm2d(outputs),
        )
        same = inputs == outputs and stride == 1
        self.beside = nn.Identity() if same else nn.Conv2d(inputs, outputs, 1, stride, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        return functional.relu(self.layers(features) + self.beside(features))


class PyramidPooling(nn.Module):
    """(B, C, h, w) -> (B, 2 C, h, w): the features, and their means over grids of squares, C / number of grids each.

    Without normalisation, which knows no spread of a single mean of a single film.
    """

    def __init__(self, inputs: int, grids: Sequence[int]) -> None:
        super().__init__()
        self.grids = nn.ModuleList(
            nn.Sequential(nn.AdaptiveAvgPool2d(grid), nn.Conv2d(inputs, inputs // len(grids), 1), nn.ReLU(inplace=True))
            for grid in grids
        )

    def forward(self, features: Tensor) -> Tensor:
        size = features.shape[-2:]
        means = [functional.interpolate(grid(features), size, mode="bilinear") for grid in self.grids]
        return torch.cat([features, *means], dim=1)
