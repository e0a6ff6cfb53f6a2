"""The batches that a network is trained on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import torch
from torch import nn
from torch.utils.data import DataLoader, Sampler

from sagittal.anatomy.definitions import default_definitions
from sagittal.networks.spine_net import SpineNet
from sagittal.training.augmentation import Batch
from sagittal.training.config import TrainingConfig
from sagittal.training.films import Draw, Entry, Films
from sagittal.training.stream import make_stream
from sagittal.training.team import Team


class TrainingLoader(Protocol):
    """Where training batches come from; the engine knows nothing else of them.

    A batch has the keys of `Films`. The same epoch gives the same batches, whenever it is asked for: a run that was
    killed goes on in the middle of one.
    """

    films: int
    """Films an epoch."""

    def __len__(self) -> int:
        """Batches an epoch."""

    def epoch(self, number: int, first: int = 0) -> Iterator[Batch]:
        """The batches of an epoch (0, 1, ..) from the one numbered `first` on."""


def make_loader(config: TrainingConfig, entries: Sequence[Entry], network: nn.Module, team: Team) -> TrainingLoader:
    """The training batches that a configuration asks for: films simulated meanwhile, or those of a datalist.

    Each process of a `team` gets its share of every batch.
    """
    if config.streaming is not None:
        return make_stream(config, landmark_channels(network), team)
    films = load_films(config, entries, network, team.device, training=True)
    return FilmLoader(films, config, team)


def load_films(
    config: TrainingConfig, entries: Sequence[Entry], network: nn.Module, device: torch.device, *, training: bool
) -> Films:
    """Films as this network reads them, for training (augmented and cut) or for validation (as they are)."""
    return Films(
        entries,
        size=config.input_size,
        device=cache_device(device, len(entries), bytes_of_film(config.input_size, network)),
        cache_rate=config.cache_rate,
        transforms=config.augmentation if training else (),
        seed=config.seed,
        landmark_channels=landmark_channels(network),
        columns=config.columns if training else None,
    )


def landmark_channels(network: nn.Module) -> tuple[str, ...]:
    """The kinds of landmarks that a network learns as heat maps."""
    return default_definitions().landmark_channels if isinstance(network, SpineNet) else ()


def bytes_of_film(size: int, network: nn.Module) -> int:
    """Memory of a cached film: half precision grey values, class ids, heat maps and discs of heads."""
    kinds = len(landmark_channels(network))
    return size * size * (2 + 1 + kinds + (2 if kinds else 0))


def cache_device(device: torch.device, films: int, film_bytes: int) -> torch.device:
    """Where the cache is kept: on the GPU unless it would take more than half of what is free there."""
    if device.type == "cuda" and 2 * films * film_bytes > torch.cuda.mem_get_info(device)[0]:
        return torch.device("cpu")
    return device


class FilmLoader:
    """Batches of cached films in an order of each epoch's own.

    On a GPU all is done there; on a CPU processes of their own can prepare batches (`workers`).
    """

    def __init__(self, films: Films, config: TrainingConfig, team: Team) -> None:
        self.films = len(films)
        self.plan = BatchPlan(len(films), config.batch_size, config.seed, team)
        workers = config.workers if team.device.type == "cpu" else 0
        self.loader = DataLoader(
            films,
            batch_sampler=self.plan,
            collate_fn=_as_it_is,
            num_workers=workers,
            persistent_workers=workers > 0,
        )

    def __len__(self) -> int:
        return self.plan.batches

    def epoch(self, number: int, first: int = 0) -> Iterator[Batch]:
        self.plan.epoch, self.plan.first = number, first
        return iter(self.loader)


def _as_it_is(batch: Any) -> Any:
    # Torch's types know nothing of datasets that give whole batches.
    return batch


class BatchPlan(Sampler[list[Draw]]):
    """Which films make up each batch of an epoch: all of them, shuffled; the last batch may be smaller."""

    def __init__(self, films: int, batch_size: int, seed: int, team: Team) -> None:
        self.films, self.batch_size, self.seed, self.team = films, batch_size, seed, team
        self.epoch = self.first = 0

    @property
    def batches(self) -> int:
        return -(-self.films // self.batch_size)

    def __len__(self) -> int:
        return self.batches - self.first

    def __iter__(self) -> Iterator[list[Draw]]:
        order = torch.randperm(self.films, generator=torch.Generator().manual_seed(self.seed + self.epoch)).tolist()
        for start in range(self.first * self.batch_size, self.films, self.batch_size):
            yield [Draw(self.epoch, film) for film in self.team.share(order[start : start + self.batch_size])]
