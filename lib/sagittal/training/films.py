"""The films of a datalist: loaded and letterboxed once, augmented each time, a batch at once."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from monai.data import CacheDataset
from monai.transforms import Transform
from torch import Tensor
from torch.utils.data import Dataset

from sagittal.anatomy.definitions import default_definitions
from sagittal.datasets.datalist import as_json, read_dataset
from sagittal.datasets.error import DatalistError
from sagittal.datasets.layout import PARTS
from sagittal.films import FilmError, read_film, read_mask
from sagittal.inference.preparation import prepare_film
from sagittal.training.augmentation import Batch, augmentation
from sagittal.training.heat_maps import head_maps, heads_are_measured, heat_maps

logger = logging.getLogger(__name__)

Entry = Mapping[str, Any]
NO_LANDMARKS: Entry = {"bodies": {}, "S1": None, "femoral_heads": []}


def read_datalist(path: Path) -> dict[str, list[dict[str, Any]]]:
    """The films with a mask of each part of a dataset.json, paths made absolute.

    Films that have landmarks alone teach no network here; how many were left out is logged.

    Raises:
        DatalistError: names the file and what is wrong with it, or no film of it has a mask.
    """
    dataset = read_dataset(path)
    parts = {part: [as_json(entry) for entry in dataset.part(part) if entry.label] for part in PARTS}
    listed = sum(len(dataset.part(part)) for part in PARTS)
    labelled = sum(map(len, parts.values()))
    if listed and not labelled:
        raise DatalistError(f"{path}: none of its {listed} films has a mask, only landmarks; networks learn from masks")
    if labelled < listed:
        logger.warning("%d of %d films have landmarks but no mask and are left out", listed - labelled, listed)
    return parts


def entry_values(entry: Entry) -> list[float]:
    """The values of an entry in the order of the value branch, NaN where absent."""
    given = entry.get("parameters") or {}
    return [math.nan if given.get(name) is None else float(given[name]) for name in default_definitions().value_branch]


class LoadFilm(Transform):
    """An entry -> {"image": (1, S, S) float16 in 0..1, "label": (1, S, S) uint8, "values": (V,) float32}.

    With `landmark_channels` also "heat" (K, S, S) uint8 and "heat_known", False for a film without landmarks; "heads"
    (2, S, S) uint8 (`head_maps`) and "heads_known", False for a film whose heads are not measured.

    Half precision halves the cache; its steps are far below the noise of a film.
    """

    def __init__(self, size: int, device: torch.device, landmark_channels: Sequence[str] = ()) -> None:
        self.size, self.device, self.landmark_channels = size, device, landmark_channels

    def __call__(self, entry: Entry) -> dict[str, Tensor]:
        film = read_film(Path(entry["image"]))
        image, letterbox = prepare_film(film, self.size)
        mask = torch.tensor(read_mask(Path(entry["label"]), film.shape))[None]
        loaded = {
            "image": image.half().to(self.device),
            "label": letterbox.place_label(mask).to(self.device),
            "values": torch.tensor(entry_values(entry), dtype=torch.float32, device=self.device),
        }
        if self.landmark_channels:
            given = entry.get("landmarks")
            landmarks = json.loads(Path(given).read_text(encoding="utf-8")) if given else NO_LANDMARKS
            loaded["heat"] = heat_maps(landmarks, letterbox, self.landmark_channels).to(self.device)
            loaded["heat_known"] = torch.tensor(bool(given), device=self.device)
            loaded["heads"] = head_maps(landmarks, letterbox).to(self.device)
            measured = bool(given) and heads_are_measured(landmarks, loaded["label"])
            loaded["heads_known"] = torch.tensor(measured, device=self.device)
        return loaded


class Draw(NamedTuple):
    """A film as an epoch sees it: this decides all that is random about it."""

    epoch: int
    film: int


class Films(Dataset[Batch]):
    """Letterboxed films in a cache on `device`, augmented there by draws that depend on seed, epoch and film alone.

    So a run gives the same batches whether it was resumed or not and however many workers there are. Torch's loader
    asks for a whole batch at once (`__getitems__`).
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        *,
        size: int,
        device: torch.device,
        cache_rate: float = 1.0,
        transforms: Sequence[Mapping[str, Any]] = (),
        seed: int = 0,
        landmark_channels: Sequence[str] = (),
        columns: int | None = None,
    ) -> None:
        if landmark_channels and entries and not any("landmarks" in entry for entry in entries):
            raise DatalistError("a network with heat maps learns from landmarks: no film has 'landmarks'")
        try:
            self.loaded = CacheDataset(
                list(entries),
                LoadFilm(size, device, landmark_channels),
                cache_rate=cache_rate,
                num_workers=1,
                progress=False,
                copy_cache=False,
            )
        except RuntimeError as error:
            # MONAI wraps what a transform raises; the user reads what is wrong with which film.
            if isinstance(error.__cause__, FilmError):
                raise error.__cause__ from None
            raise
        self.augment = augmentation(transforms)
        self.seed = seed
        self.columns = None if columns is None or columns >= size else columns

    def __len__(self) -> int:
        return len(self.loaded)

    def __getitem__(self, draw: Draw) -> Batch:
        return {key: tensor[0] for key, tensor in self.__getitems__([draw]).items()}

    def __getitems__(self, draws: Sequence[Draw]) -> Batch:
        """A batch, every key stacked; "image" float32 in 0..1."""
        films = [self.loaded[draw.film] for draw in draws]
        batch = {key: torch.stack([film[key] for film in films]) for key in films[0]}
        batch["image"] = batch["image"].float()
        augmented = self.augment(batch, [self._random(draw) for draw in draws])
        return augmented if self.columns is None else labelled_strip(augmented, self.columns)

    def _random(self, draw: Draw) -> np.random.RandomState:
        # SeedSequence takes no negative numbers.
        return np.random.RandomState(np.random.MT19937([abs(self.seed), draw.epoch, draw.film]))


def labelled_strip(batch: Batch, columns: int) -> Batch:
    """Cuts all pictures (B, C, S, S) to the `columns` around the middle of what each film has labelled."""
    side = batch["label"].shape[-1]
    labelled = batch["label"].amax(dim=(1, 2)) > 0
    first, last = labelled.int().argmax(dim=1), side - 1 - labelled.flip(1).int().argmax(dim=1)
    middle = torch.where(labelled.any(dim=1), (first + last) // 2, side // 2)
    lefts = (middle - columns // 2).clamp(0, side - columns).tolist()
    cut: Batch = {
        key: torch.stack([film[..., left : left + columns] for film, left in zip(batch[key], lefts, strict=True)])
        for key in ("image", "label", "heat", "heads")
        if key in batch
    }
    return batch | cut
