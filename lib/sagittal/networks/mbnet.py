"""MBNet: BiLuNet with a branch that emits the inspected values."""

from __future__ import annotations

from torch import Tensor, nn

from sagittal.anatomy.definitions import default_definitions
from sagittal.networks.bilunet import BiLuNet
from sagittal.networks.value_identities import INDEPENDENT, ConsistentValues


class MBNet(nn.Module):
    """MBNet (ACCV 2020): BiLuNet and an inspected-values branch.

    Published: the branch has two 3x3 convolutions (32, then 32 in the text or 128 in the code), each followed by 4x4
    max pooling, and three fully connected layers 1024-1024-values with a linear output.

    Ours where the paper is silent: the branch reads BiLuNet's last full-resolution features (what its output
    convolution reads), so that it sees more than five class scores; ReLU behind all but the last layer. All widths
    scale with `width`; `value_channels` is given for width 32.

    In the `consistent` form (ours) the branch ends in the twelve independent values, and the others follow from these
    (`ConsistentValues`): PI = PT + SS and LL = wedges + discs hold by construction. It emits degrees.

    Args:
        in_channels, out_channels, width, dropout, normalization, variant: as for BiLuNet.
        value_channels: channels of the branch's second convolution at width 32 (32 or 128).
        values: how many values are emitted.
        value_activation: `linear` as published, or `sigmoid` for targets scaled to 0..1.
        input_size: side of the square input in pixels, which fixes the size of the first fully connected layer.
        value_form: `free` as published, or `consistent`.
    """

    def __init__(
        self,
        in_channels: int = 3,
        out_channels: int = 5,
        width: int = 32,
        dropout: float = 0.5,
        normalization: bool = False,
        value_channels: int = 32,
        values: int = 18,
        value_activation: str = "linear",
        input_size: int = 512,
        value_form: str = "free",
        variant: str = "published",
    ) -> None:
        super().__init__()
        all_names = default_definitions().value_branch
        if value_activation not in ("linear", "sigmoid"):
            raise ValueError(f"value_activation must be linear or sigmoid, got {value_activation!r}")
        if value_form not in ("free", "consistent"):
            raise ValueError(f"value_form must be free or consistent, got {value_form!r}")
        if value_form == "consistent" and (value_activation, values) != ("linear", len(all_names)):
            raise ValueError(f"consistent values are {len(all_names)} and linear, got {values} and {value_activation}")
        self.emits_degrees = value_form == "consistent"
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.input_size = input_size
        self.value_activation = value_activation
        self.backbone = BiLuNet(in_channels, out_channels, width, dropout, normalization, variant)
        second = value_channels * width // 32
        hidden = 1024 * width // 32
        self.value_branch = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(4),
            nn.Conv2d(width, second, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(4),
            nn.Flatten(),
            nn.Linear(second * (input_size // 16) ** 2, hidden),
            nn.ReLU(inplace=True),
            nn.Linear(hidden, hidden),
            nn.ReLU(inplace=True),
            nn.Linear(hidden, len(INDEPENDENT) if self.emits_degrees else values),
            nn.Sigmoid() if value_activation == "sigmoid" else nn.Identity(),
        )
        self.consistent = ConsistentValues() if self.emits_degrees else nn.Identity()

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """(B, in_channels, input_size, input_size) -> logits (B, out_channels, ...) and values (B, values).

        Free values are on the scale of training, and `ValueScale` turns them to degrees; consistent ones are in
        degrees, LDI in %, NaN where it is undefined.

        Raises:
            ValueError: the image has another shape.
        """
        expected = (self.in_channels, self.input_size, self.input_size)
        if tuple(image.shape[1:]) != expected:
            raise ValueError(
                f"Expected an image of shape (B, {', '.join(map(str, expected))}), got {tuple(image.shape)}"
            )
        features = self.backbone.features(image)
        # Not in half precision: degrees are wanted to a fraction, and sums of them.
        return self.backbone.output(features), self.consistent(self.value_branch(features).float())
