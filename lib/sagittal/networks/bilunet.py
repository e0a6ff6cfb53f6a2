"""BiLuNet: segmentation of vertebrae, sacrum and both femoral heads."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sagittal.networks.blocks import FeatureFusion, UpStage, convolution, double_convolution

GRID_STEP = 32  # five poolings
# Channels at 1/8 from which the decoder goes on, in widths.
JOINED_WIDTHS = {"published": 4, "no_spatial_path": 8, "concatenated": 12}


class BiLuNet(nn.Module):
    """BiLuNet (ICPR 2020): a U-shaped path and a shallow spatial path, joined by a feature fusion module.

    Published: spatial path of three stride-2 3x3 convolutions with batch normalisation and ReLU to 1/8; U-shaped
    path of five poolings, widths 32 to 1024, two 3x3 convolutions a level; dropout 0.5; feature fusion module; five
    output channels; 29 convolutions (encoder 12, decoder 10, spatial path 3, fusion 3, output 1).

    Ours where the paper is silent, chosen to come nearest to its 30.6 million parameters: 2x2 transposed
    convolutions for up-sampling (not among the 29); at 1/8 the spatial path, through the fusion module, stands in for
    the encoder's skip; the spatial path has width, 2 width and 4 width channels and the fusion gives 4 width;
    dropout follows the two deepest encoder levels. `normalization` (ours, off as published) puts batch normalisation
    behind each convolution of the U-shaped path.

    The paper's ablations are variants of it: `no_spatial_path` (its case 1) leaves out spatial path and fusion module,
    and the encoder's own skip at 1/8 is there as at the other levels; `concatenated` (its case 2) keeps the spatial
    path and appends it without the fusion module.

    Args:
        in_channels: channels of the input; grey films are repeated to three.
        out_channels: classes.
        width: channels of the first level; all others scale with it.
        dropout: probability at the two deepest levels.
        normalization: batch normalisation in the U-shaped path.
        variant: `published`, `no_spatial_path` or `concatenated`.
    """

    def __init__(
        self,
        in_channels: int = 3,
        out_channels: int = 5,
        width: int = 32,
        dropout: float = 0.5,
        normalization: bool = False,
        variant: str = "published",
    ) -> None:
        super().__init__()
        if variant not in JOINED_WIDTHS:
            raise ValueError(f"variant must be one of {', '.join(JOINED_WIDTHS)}, got {variant!r}")
        self.in_channels = in_channels
        self.out_channels = out_channels
        widths = [width * 2**level for level in range(6)]
        inputs = [in_channels, *widths[:-1]]
        self.encoder = nn.ModuleList(
            double_convolution(before, after, normalization=normalization, dropout=dropout if level >= 4 else 0.0)
            for level, (before, after) in enumerate(zip(inputs, widths, strict=True))
        )
        self.pool = nn.MaxPool2d(2)
        self.spatial = None if variant == "no_spatial_path" else spatial_path(in_channels, width)
        self.fusion = FeatureFusion(4 * width + 8 * width, 4 * width) if variant == "published" else None
        self.decoder = nn.ModuleList(
            [
                UpStage(widths[5], widths[4], widths[4], normalization=normalization),
                UpStage(widths[4], widths[3] if self.spatial is None else 0, widths[3], normalization=normalization),
                UpStage(JOINED_WIDTHS[variant] * width, widths[2], widths[2], normalization=normalization),
                UpStage(widths[2], widths[1], widths[1], normalization=normalization),
                UpStage(widths[1], widths[0], widths[0], normalization=normalization),
            ]
        )
        self.output = nn.Conv2d(width, out_channels, 1)
        if not normalization:
            initialise(self)

    def features(self, image: Tensor) -> Tensor:
        """(B, in_channels, rows, columns) -> (B, width, rows, columns), what the output convolution reads.

        Raises:
            ValueError: wrong number of dimensions or channels, or sides that are no multiples of 32.
        """
        check_input(image, self.in_channels)
        levels: list[Tensor] = []
        features = image
        for depth, level in enumerate(self.encoder):
            features = level(features if depth == 0 else self.pool(features))
            levels.append(features)
        to_sixteenth, to_eighth, *to_full = self.decoder
        features = to_sixteenth(features, levels[4])
        if self.spatial is None:
            features = to_eighth(features, levels[3])
        else:
            detail, context = self.spatial(image), to_eighth(features, None)
            features = torch.cat([detail, context], dim=1) if self.fusion is None else self.fusion(detail, context)
        for stage, skip in zip(to_full, (levels[2], levels[1], levels[0]), strict=True):
            features = stage(features, skip)
        return features

    def forward(self, image: Tensor) -> Tensor:
        """(B, in_channels, rows, columns) -> logits (B, out_channels, rows, columns)."""
        logits: Tensor = self.output(self.features(image))
        return logits


def spatial_path(inputs: int, width: int) -> nn.Sequential:
    """Three stride-2 convolutions with normalisation and ReLU: (B, inputs, h, w) -> (B, 4 width, h / 8, w / 8)."""
    steps = ((inputs, width), (width, 2 * width), (2 * width, 4 * width))
    return nn.Sequential(*(convolution(before, after, stride=2, normalization=True) for before, after in steps))


def check_input(image: Tensor, channels: int) -> None:
    """Raise ValueError unless `image` is (B, channels, rows, columns) with sides that are multiples of 32."""
    if image.ndim != 4 or image.shape[1] != channels:
        raise ValueError(f"Expected an image of shape (B, {channels}, rows, columns), got {tuple(image.shape)}")
    if image.shape[2] % GRID_STEP or image.shape[3] % GRID_STEP or not image.shape[2] * image.shape[3]:
        raise ValueError(
            f"Expected rows and columns that are multiples of {GRID_STEP}, got {image.shape[2]} x {image.shape[3]}"
        )


def initialise(network: nn.Module) -> None:
    """He initialisation: without normalisation the default one lets the signal fade over this many layers.

    With normalisation the default one learns faster: its smaller weights move further at the same rate.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
