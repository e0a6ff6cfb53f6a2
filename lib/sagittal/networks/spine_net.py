"""SpineNet: BiLuNet's trunk with heat maps of the landmarks beside the classes."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor, nn

from sagittal.networks.bilunet import BiLuNet


class SpineOutput(NamedTuple):
    """`classes` (B, classes, rows, columns) logits, `landmarks` (B, landmark channels, rows, columns) logits."""

    classes: Tensor
    landmarks: Tensor


class SpineNet(BiLuNet):
    """Angles need points, not areas: a second head gives a heat map for each kind of landmark.

    Each heat map's logits are those of a Gaussian around every landmark of its kind: all anterior ends of superior end
    plates share one, and the chain tells whose each is. The kinds are `landmark_channels` of the definitions.

    Args:
        landmark_channels: kinds of landmarks.
        others: as in BiLuNet.
    """

    def __init__(
        self,
        in_channels: int = 3,
        out_channels: int = 5,
        width: int = 8,
        dropout: float = 0.1,
        normalization: bool = True,
        landmark_channels: int = 7,
    ) -> None:
        super().__init__(in_channels, out_channels, width, dropout, normalization)
        self.landmarks = nn.Sequential(
            nn.Conv2d(width, 2 * width, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(2 * width, landmark_channels, 1),
        )
        # Nearly every pixel is far from every landmark: start from there.
        nn.init.constant_(self.landmarks[-1].bias, -4.0)  # type: ignore[arg-type]

    def forward(self, image: Tensor) -> SpineOutput:  # type: ignore[override]
        """(B, in_channels, rows, columns) -> class and landmark logits on the same grid."""
        features = self.features(image)
        return SpineOutput(self.output(features), self.landmarks(features))
