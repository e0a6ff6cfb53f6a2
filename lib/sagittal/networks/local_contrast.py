"""A film's grey relative to its surroundings."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

# Local deviations below this, in units of the network's input, are noise and are not raised to full contrast.
FLOOR = 0.15
LARGEST = 4.0
# Means are taken on a grid this many times finer than the window's deviation.
CELLS = 3


def local_contrast(grey: Tensor, window: float) -> Tensor:
    """(B, 1, rows, columns) less its local mean, in local deviations, within +-`LARGEST`.

    How bright a region is depends on the exposure and on a vendor's processing; the lines of bone stand out of their
    surroundings on every film.

    Args:
        grey: network input.
        window: deviation of the Gaussian window as a share of the rows.
    """
    step = max(1, round(window * grey.shape[-2] / CELLS))
    moments = torch.cat([grey, grey.square()], dim=1)
    coarse = functional.avg_pool2d(moments, step, ceil_mode=True, count_include_pad=False)
    deviation = window * grey.shape[-2] / step
    mean, square = _upsampled(_blurred(coarse, deviation), grey).split(1, dim=1)
    spread = (square - mean.square()).clamp(min=0).sqrt()
    return ((grey - mean) / spread.clamp(min=FLOOR)).clamp(-LARGEST, LARGEST)


def _blurred(coarse: Tensor, deviation: float) -> Tensor:
    """Gaussian blur of each channel; beyond the edges the edge goes on."""
    reach = max(1, round(2 * deviation))
    offsets = torch.arange(-reach, reach + 1, dtype=coarse.dtype, device=coarse.device)
    kernel = torch.exp(-(offsets**2) / (2 * deviation**2))
    kernel = (kernel / kernel.sum()).expand(coarse.shape[1], 1, -1)
    padded = functional.pad(coarse, (reach, reach, reach, reach), mode="replicate")
    across = functional.conv2d(padded, kernel[:, :, None, :], groups=coarse.shape[1])
    return functional.conv2d(across, kernel[:, :, :, None], groups=coarse.shape[1])


def _upsampled(coarse: Tensor, like: Tensor) -> Tensor:
    return functional.interpolate(coarse, like.shape[-2:], mode="bilinear", align_corners=False)
