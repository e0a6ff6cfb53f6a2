"""Random changes of letterboxed films, a whole batch at a time on the device that holds it."""

from sagittal.training.augmentation.batch import Batch, BatchTransform
from sagittal.training.augmentation.compose import EachFilm, augmentation, batch_transform
from sagittal.training.augmentation.geometry import RandomFilmAffined
from sagittal.training.augmentation.shading import RandomShadingd

__all__ = [
    "Batch",
    "BatchTransform",
    "EachFilm",
    "RandomFilmAffined",
    "RandomShadingd",
    "augmentation",
    "batch_transform",
]
