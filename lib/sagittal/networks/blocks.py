"""Building blocks of both networks. Every tensor is (B, C, rows, columns)."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def convolution(inputs: int, outputs: int, *, stride: int = 1, normalization: bool) -> nn.Sequential:
    """A 3x3 convolution, batch normalisation where asked for, and ReLU."""
    layers: list[nn.Module] = [nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=not normalization)]
    if normalization:
        layers.append(nn.BatchNorm2d(outputs))
    layers.append(nn.ReLU(inplace=True))
    return nn.Sequential(*layers)


def double_convolution(inputs: int, outputs: int, *, normalization: bool, dropout: float = 0.0) -> nn.Sequential:
    """Two 3x3 convolutions, then dropout where it is positive."""
    layers: list[nn.Module] = [
        convolution(inputs, outputs, normalization=normalization),
        convolution(outputs, outputs, normalization=normalization),
    ]
    if dropout > 0:
        layers.append(nn.Dropout(dropout))
    return nn.Sequential(*layers)


class FeatureFusion(nn.Module):
    """BiSeNet's feature fusion module: concatenate, project, then re-weight the channels by a global context.

    (B, Ca, h, w) and (B, Cb, h, w) -> (B, outputs, h, w). Three convolutions.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.project = nn.Sequential(
            nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
        )
        self.attend = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(outputs, outputs, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(outputs, outputs, 1),
            nn.Sigmoid(),
        )

    def forward(self, detail: Tensor, context: Tensor) -> Tensor:
        fused: Tensor = self.project(torch.cat([detail, context], dim=1))
        return fused + fused * self.attend(fused)


class UpStage(nn.Module):
    """One decoder stage: a 2x2 transposed convolution doubles the grid, the skip is appended, two convolutions."""

    def __init__(self, inputs: int, skip: int, outputs: int, *, normalization: bool, dropout: float = 0.0) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(inputs, outputs, 2, stride=2)
        self.convolutions = double_convolution(outputs + skip, outputs, normalization=normalization, dropout=dropout)

    def forward(self, features: Tensor, skip: Tensor | None) -> Tensor:
        up: Tensor = self.up(features)
        merged: Tensor = self.convolutions(up if skip is None else torch.cat([up, skip], dim=1))
        return merged
