"""MONAI's random changes of grey values, a whole batch at a time.

MONAI draws noise with numpy and changes one film after the other: on a GPU that costs more than the network's own
step. Meaning and settings are MONAI's.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.random import RandomState
from torch import Tensor
from torch.nn import functional

from sagittal.training.augmentation.batch import Batch, chosen, column, generator


class AdjustContrast:
    """RandAdjustContrastd: a power `gamma` of the grey values between a film's darkest and brightest."""

    def __init__(self, *, prob: float = 0.1, gamma: tuple[float, float] = (0.5, 4.5)) -> None:
        self.prob, self.gamma = prob, gamma

    def __call__(self, batch: Batch, randoms: Sequence[RandomState]) -> Batch:
        films, image = chosen(self.prob, randoms), batch["image"]
        powers = np.ones(len(randoms))
        powers[films] = [randoms[film].uniform(*self.gamma) for film in films]
        low, extent = grey_range(image)
        return {**batch, "image": ((image - low) / (extent + 1e-7)) ** column(powers, image) * extent + low}


class HistogramShift:
    """RandHistogramShiftd: grey values along a broken line that rises, through points shifted at random."""

    def __init__(self, *, prob: float = 0.1, num_control_points: tuple[int, int] = (10, 10)) -> None:
        self.prob, self.num_control_points = prob, num_control_points

    def __call__(self, batch: Batch, randoms: Sequence[RandomState]) -> Batch:
        films, image = chosen(self.prob, randoms), batch["image"]
        if not films:
            return batch
        # Every line on one fine scale, so that all films are looked up at once.
        scale = np.linspace(0, 1, 257)
        lines = np.tile(scale, (len(randoms), 1))
        for film in films:
            lines[film] = np.interp(scale, *self._line(randoms[film]))
        low, extent = grey_range(image)
        place = ((image - low) / (extent + 1e-7)).flatten(1) * 256
        line = torch.from_numpy(lines).to(image)
        below = place.long().clamp(max=255)
        first, second = line.gather(1, below), line.gather(1, below + 1)
        shifted = (first + (second - first) * (place - below)).view_as(image) * extent + low
        return {**batch, "image": shifted}

    def _line(self, random: RandomState) -> tuple[np.ndarray, np.ndarray]:
        number = random.randint(self.num_control_points[0], self.num_control_points[1] + 1)
        reference = np.linspace(0, 1, number)
        floating = reference.copy()
        for point in range(1, number - 1):
            floating[point] = random.uniform(floating[point - 1], floating[point + 1])
        return reference, floating


class GaussianSmooth:
    """RandGaussianSmoothd: blur along rows (`sigma_x`, as MONAI names the first axis) and columns, in pixels."""

    def __init__(
        self,
        *,
        prob: float = 0.1,
        sigma_x: tuple[float, float] = (0.25, 1.5),
        sigma_y: tuple[float, float] = (0.25, 1.5),
    ) -> None:
        self.prob, self.sigmas = prob, (sigma_x, sigma_y)

    def __call__(self, batch: Batch, randoms: Sequence[RandomState]) -> Batch:
        films, image = chosen(self.prob, randoms), batch["image"]
        if not films:
            return batch
        drawn = [[randoms[film].uniform(*limits) for limits in self.sigmas] for film in films]
        # A group a film: its own kernels for its own picture.
        smooth = image[films, 0][None]
        for axis, sigmas in enumerate(zip(*drawn, strict=True)):
            kernels = gaussian_kernels(sigmas, self.sigmas[axis][1]).to(image)
            size = kernels.shape[1]
            shape = (len(films), 1, size, 1) if axis == 0 else (len(films), 1, 1, size)
            padding = (size // 2, 0) if axis == 0 else (0, size // 2)
            smooth = functional.conv2d(smooth, kernels.view(shape), padding=padding, groups=len(films))
        blurred = image.clone()
        blurred[films, 0] = smooth[0]
        return {**batch, "image": blurred}


class GaussianNoise:
    """RandGaussianNoised: noise of mean `mean` and a deviation up to `std`."""

    def __init__(self, *, prob: float = 0.1, mean: float = 0.0, std: float = 0.1) -> None:
        self.prob, self.mean, self.std = prob, mean, std

    def __call__(self, batch: Batch, randoms: Sequence[RandomState]) -> Batch:
        image = batch["image"].clone()
        for film in chosen(self.prob, randoms):
            deviation = randoms[film].uniform(0, self.std)
            noise = torch.empty_like(image[film])
            image[film] += noise.normal_(self.mean, deviation, generator=generator(randoms[film], image.device))
        return {**batch, "image": image}


class CoarseDropout:
    """RandCoarseDropoutd: `holes` to `max_holes` rectangles, `spatial_size` to `max_spatial_size` pixels a side, of
    noise in the range `fill_value`."""

    def __init__(
        self,
        *,
        prob: float = 0.1,
        holes: int,
        max_holes: int,
        spatial_size: int,
        max_spatial_size: int,
        fill_value: tuple[float, float],
    ) -> None:
        self.prob, self.holes, self.sizes, self.fill_value = (
            prob,
            (holes, max_holes),
            (spatial_size, max_spatial_size),
            fill_value,
        )

    def __call__(self, batch: Batch, randoms: Sequence[RandomState]) -> Batch:
        image = batch["image"].clone()
        for film in chosen(self.prob, randoms):
            random = randoms[film]
            filled = generator(random, image.device)
            for _ in range(random.randint(self.holes[0], self.holes[1] + 1)):
                extents = [min(random.randint(self.sizes[0], self.sizes[1] + 1), side) for side in image.shape[2:]]
                top, left = (
                    random.randint(0, side - extent + 1) for side, extent in zip(image.shape[2:], extents, strict=True)
                )
                image[film, :, top : top + extents[0], left : left + extents[1]].uniform_(
                    *self.fill_value, generator=filled
                )
        return {**batch, "image": image}


def grey_range(image: Tensor) -> tuple[Tensor, Tensor]:
    """Darkest value and extent of every film, both (B, 1, 1, 1)."""
    low, high = image.amin(dim=(1, 2, 3), keepdim=True), image.amax(dim=(1, 2, 3), keepdim=True)
    return low, high - low


def gaussian_kernels(sigmas: Sequence[float], largest: float) -> Tensor:
    """(films, odd size) kernels as MONAI's: the Gaussian integrated over each pixel, cut at four largest deviations."""
    reach = int(max(4 * largest, 0.5) + 0.5)
    edges = torch.arange(-reach, reach + 2, dtype=torch.float64) - 0.5
    cumulative = torch.special.ndtr(edges[None] / torch.tensor(sigmas, dtype=torch.float64)[:, None])
    return cumulative.diff(dim=1)


# By MONAI's name of the transform of a film.
BATCHED = {
    "monai.transforms.RandAdjustContrastd": AdjustContrast,
    "monai.transforms.RandHistogramShiftd": HistogramShift,
    "monai.transforms.RandGaussianSmoothd": GaussianSmooth,
    "monai.transforms.RandGaussianNoised": GaussianNoise,
    "monai.transforms.RandCoarseDropoutd": CoarseDropout,
}
