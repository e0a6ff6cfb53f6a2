"""Transforms from the bundle entries of a training configuration."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from monai.bundle import ConfigParser
from monai.transforms import Randomizable
from monai.utils import convert_to_tensor
from numpy.random import RandomState

from sagittal.training.augmentation.batch import Batch, BatchTransform
from sagittal.training.augmentation.intensity import BATCHED

OURS = "sagittal.training.augmentation."


def augmentation(entries: Sequence[Mapping[str, Any]]) -> BatchTransform:
    """All transforms one after the other; grey values end in 0..1."""
    transforms = [batch_transform(entry) for entry in entries]

    def augment(batch: Batch, randoms: Sequence[RandomState]) -> Batch:
        for transform in transforms:
            batch = transform(batch, randoms)
        return {**batch, "image": batch["image"].clamp(0, 1)}

    return augment


def batch_transform(entry: Mapping[str, Any]) -> BatchTransform:
    """A transform from its bundle entry: in batches where it can be, else film by film.

    MONAI's own entries stay what they are in the configuration; one that has a form for batches with all of the
    settings that the entry gives is replaced by it.
    """
    settings = {key: value for key, value in entry.items() if key not in ("_target_", "keys")}
    batched = BATCHED.get(entry["_target_"])
    if batched and entry.get("keys") == "image" and can_be_called(batched, settings):
        transform: BatchTransform = batched(**settings)
        return transform
    made = ConfigParser({"transform": dict(entry)}).get_parsed_content("transform")
    return made if str(entry["_target_"]).startswith(OURS) else EachFilm(made)


def can_be_called(target: Callable[..., Any], settings: Mapping[str, Any]) -> bool:
    """Whether these settings, and no others, are what it takes."""
    try:
        inspect.signature(target).bind(**settings)
    except TypeError:
        return False
    return True


class EachFilm:
    """Applies a MONAI dictionary transform to every film of a batch, with the film's own draws."""

    def __init__(self, transform: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
        self.transform = transform

    def __call__(self, batch: Batch, randoms: Sequence[RandomState]) -> Batch:
        films = []
        for index, random in enumerate(randoms):
            if isinstance(self.transform, Randomizable):
                self.transform.set_random_state(state=random)
            films.append(self.transform({key: tensor[index] for key, tensor in batch.items()}))
        return {key: torch.stack([convert_to_tensor(film[key]) for film in films]) for key in batch}
