"""Random geometry of a letterboxed film, its label and its values in one resampling; random shading."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

import torch
from monai.transforms import MapTransform, Randomizable, RandomizableTransform
from torch import Tensor
from torch.nn import functional

from sagittal.anatomy.definitions import default_definitions


class RandomFilmAffined(Randomizable, MapTransform):
    """Flips, rotates, scales, shears and shifts {"image", "label", "values"}; black and background come in.

    Scaling, shifting and flipping leave all angles as they are. Rotation changes SS and PT by an amount whose sign
    depends on the side that the patient faces; shear changes every value. A value that is changed becomes NaN, which
    the value loss leaves out.

    Args:
        prob: probability of scaling, shearing and shifting.
        rotate: largest rotation in degrees, either way.
        rotate_prob: probability of rotation.
        scale: (smallest, largest) magnification.
        shear: largest shear (tangent), either way.
        translate: largest shift as a fraction of the side, either way.
        flip: probability of a left-right flip.
    """

    def __init__(
        self,
        *,
        prob: float = 1.0,
        rotate: float = 0.0,
        rotate_prob: float = 1.0,
        scale: tuple[float, float] = (1.0, 1.0),
        shear: float = 0.0,
        translate: float = 0.0,
        flip: float = 0.5,
    ) -> None:
        MapTransform.__init__(self, ("image", "label"))
        if not 0 < scale[0] <= scale[1]:
            raise ValueError(f"scale must be (smallest, largest) and positive, got {scale}")
        self.prob, self.shear, self.translate, self.flip = prob, shear, translate, flip
        self.rotate, self.rotate_prob = rotate, rotate_prob
        self.scale = (float(scale[0]), float(scale[1]))
        names = default_definitions().value_branch
        self.turned_values = [names.index("SS"), names.index("PT")]
        self.angle = 0.0
        self.sheared = 0.0
        self.matrix = torch.eye(2, 3)

    def randomize(self, data: Any = None) -> None:
        mirror = -1.0 if self.R.random() < self.flip else 1.0
        draws = self.R.uniform(-1, 1, size=5)
        applied = self.R.random() < self.prob
        self.angle = draws[0] * self.rotate if self.R.random() < self.rotate_prob else 0.0
        self.sheared = draws[1] * self.shear if applied else 0.0
        low, high = (math.log(bound) for bound in self.scale)
        zoom = math.exp(low + (draws[2] + 1) / 2 * (high - low)) if applied else 1.0
        shift = 2 * self.translate * draws[3:] if applied else (0.0, 0.0)
        # From the new grid to the old one, in the -1..1 coordinates of the square.
        cosine, sine = math.cos(math.radians(self.angle)) / zoom, math.sin(math.radians(self.angle)) / zoom
        self.matrix = torch.tensor(
            [
                [mirror * (cosine + self.sheared * sine), mirror * (self.sheared * cosine - sine), float(shift[0])],
                [sine, cosine, float(shift[1])],
            ],
            dtype=torch.float32,
        )

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        self.randomize()
        moved = dict(data)
        image, label = data["image"], data["label"]
        grid = functional.affine_grid(self.matrix[None].to(image.device), [1, *image.shape], align_corners=False)
        moved["image"] = resample(image, grid, "bilinear")
        moved["label"] = resample(label, grid, "nearest")
        if "heat" in data:
            moved["heat"] = resample(data["heat"], grid, "bilinear")
        if "values" in data and (self.angle or self.sheared):
            values: Tensor = data["values"].clone()
            values[... if self.sheared else self.turned_values] = math.nan
            moved["values"] = values
        return moved


def resample(image: Tensor, grid: Tensor, mode: str) -> Tensor:
    """(C, H, W) at a (1, H, W, 2) grid, in the image's own type."""
    sampled = functional.grid_sample(image[None].float(), grid, mode=mode, align_corners=False)[0]
    return sampled.to(image.dtype)


class RandomShadingd(RandomizableTransform, MapTransform):
    """Brightens and darkens {"image": (1, H, W)} smoothly over the film, as uneven exposure and soft tissue do.

    Args:
        prob: probability.
        strength: largest relative change, either way.
    """

    def __init__(self, *, prob: float = 0.3, strength: float = 0.3) -> None:
        MapTransform.__init__(self, ("image",))
        RandomizableTransform.__init__(self, prob)
        self.strength = strength

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        self.randomize(None)
        if not self._do_transform:
            return dict(data)
        image: Tensor = data["image"]
        coarse = torch.from_numpy(self.R.uniform(-self.strength, self.strength, size=(1, 1, 4, 4))).to(image)
        field = functional.interpolate(coarse, image.shape[1:], mode="bicubic", align_corners=True)[0]
        return {**data, "image": image * (1 + field)}
