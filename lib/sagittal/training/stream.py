"""Simulated films straight into training, without a dataset on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.random import RandomState
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from sagittal.datasets.landmark_file import landmarks_as_json
from sagittal.inference.preparation import prepare_film
from sagittal.simulator.config import SimulatorConfig, load_simulator_config
from sagittal.simulator.film import simulate_truth
from sagittal.simulator.stock import StockPatient, film_of, stock_patient
from sagittal.training.augmentation import Batch, BatchTransform, augmentation
from sagittal.training.config import StreamingConfig, TrainingConfig
from sagittal.training.films import entry_values, labelled_strip
from sagittal.training.heat_maps import head_maps, heat_maps
from sagittal.training.team import Team

# Batches belong to lanes in turn, each with patients of its own: workers of any number that divides this share none.
LANES = 4
# What the numbers that follow a seed are for.
PATIENTS, FILMS, AUGMENTATION = 1, 2, 3


class FilmStream(IterableDataset[Batch]):
    """Whole batches with the keys of `Films`, as torch's loader takes them (batch_size=None).

    Patients are kept in stock: each gives `films_per_patient` films on average before a new one takes its place. A
    batch depends on seed, epoch and its number alone, whichever process draws it and whatever was drawn before.

    Args:
        simulator: what is simulated.
        films: films an epoch; the last batch may be smaller.
        batch_size: films a batch.
        size: side of the letterboxed square in pixels.
        seed: of all draws.
        patients: how many are in stock, at least LANES.
        films_per_patient: films that one patient gives on average.
        landmark_channels: kinds of landmarks that are wanted as heat maps; none: no heat maps.
        augment: what happens to a batch (B, C, size, size) afterwards, with a random state a film.
        share: which of a batch's film numbers this process of several draws.
    """

    def __init__(
        self,
        simulator: SimulatorConfig,
        *,
        films: int,
        batch_size: int,
        size: int,
        seed: int = 0,
        patients: int = 64,
        films_per_patient: int = 10,
        landmark_channels: Sequence[str] = (),
        augment: BatchTransform | None = None,
        share: Callable[[Sequence[int]], list[int]] = list,
    ) -> None:
        if min(films, batch_size, films_per_patient) < 1 or patients < LANES:
            raise ValueError(
                f"a stream needs films, a batch size, films a patient of 1 or more and {LANES} patients in stock, got "
                f"{films}, {batch_size}, {films_per_patient} and {patients}"
            )
        self.simulator, self.films, self.batch_size, self.size, self.seed = simulator, films, batch_size, size, seed
        self.in_lane, self.films_per_patient = patients // LANES, films_per_patient
        self.landmark_channels, self.augment, self.share = tuple(landmark_channels), augment, share
        self._patient: Callable[[int, int], StockPatient] | None = None
        # Shared with the workers, which outlive an epoch: its number, and the batch that it begins with.
        self.start = torch.zeros(2, dtype=torch.int64).share_memory_()

    def __len__(self) -> int:
        """Batches an epoch."""
        return -(-self.films // self.batch_size)

    def __getstate__(self) -> dict[str, Any]:
        # Every process keeps a stock of its own.
        return {**self.__dict__, "_patient": None}

    def __iter__(self) -> Iterator[Batch]:
        worker = get_worker_info()
        ours, workers = (worker.id, worker.num_workers) if worker else (0, 1)
        epoch, first = self.start.tolist()
        # Torch's loader asks its workers in turn, beginning with the first.
        for number in range(first + ours, len(self), workers):
            yield self.batch(epoch, number)

    def batch(self, epoch: int, number: int) -> Batch:
        """A batch of an epoch: image (B, 1, S, S) float32 in 0..1, label (B, 1, S, S) uint8, values (B, V) float32,
        with landmark channels also heat (B, K, S, S) and heads (B, 2, S, S) uint8, heat_known and heads_known (B,)."""
        films = [self._film(epoch, number, place) for place in self._places(number)]
        batch = {key: torch.stack([film[key] for film in films]) for key in films[0]}
        return batch if self.augment is None else self.augment(batch, self.random_states(epoch, number))

    def random_states(self, epoch: int, number: int) -> list[RandomState]:
        """What the augmentation of a batch draws from, a state a film."""
        places = self._places(number)
        return [RandomState(np.random.MT19937([abs(self.seed), AUGMENTATION, epoch, place])) for place in places]

    def _places(self, number: int) -> list[int]:
        """Films of an epoch that this process draws for a batch."""
        begin = number * self.batch_size
        return self.share(range(begin, min(begin + self.batch_size, self.films)))

    def _film(self, epoch: int, number: int, place: int) -> dict[str, Tensor]:
        rng = np.random.default_rng([abs(self.seed), FILMS, epoch, place])
        simulated = film_of(self._stock(epoch, number, rng), self.simulator, rng, rows=self.size, seed=place)
        image, letterbox = prepare_film(simulated.film, self.size)
        parameters = {name: parameter.value for name, parameter in simulated.parameters.items()}
        film = {
            "image": image,
            "label": letterbox.place_label(torch.from_numpy(simulated.class_mask)[None]),
            "values": torch.tensor(entry_values({"parameters": parameters}), dtype=torch.float32),
        }
        if self.landmark_channels:
            landmarks = landmarks_as_json(simulated.landmarks)
            film["heat"] = heat_maps(landmarks, letterbox, self.landmark_channels)
            film["heads"] = head_maps(landmarks, letterbox)
            film["heat_known"] = film["heads_known"] = torch.tensor(True)
        return film

    def _stock(self, epoch: int, number: int, rng: np.random.Generator) -> StockPatient:
        """One of those in stock when this batch is due: the stock of a lane moves on with its batches."""
        lane = number % LANES
        before = (epoch * -(-len(self) // LANES) + number // LANES) * self.batch_size
        if self._patient is None:
            self._patient = lru_cache(maxsize=LANES * self.in_lane)(self._new_patient)
        return self._patient(lane, before // self.films_per_patient + int(rng.integers(self.in_lane)))

    def _new_patient(self, lane: int, number: int) -> StockPatient:
        return stock_patient(self.simulator, np.random.default_rng([abs(self.seed), PATIENTS, lane, number]))


class StreamLoader:
    """Batches of a stream, drawn by `workers` processes (0: by this one).

    With a `device` they are moved there. They go through `augment` in this process; a stream that augments itself does
    so where it draws.
    """

    def __init__(
        self,
        stream: FilmStream,
        workers: int,
        *,
        device: torch.device | None = None,
        augment: BatchTransform | None = None,
    ) -> None:
        self.stream, self.films = stream, stream.films
        self.device, self.augment = device, augment
        self.loader = DataLoader(
            stream,
            batch_size=None,
            num_workers=workers,
            persistent_workers=workers > 0,
            worker_init_fn=_single_threaded,
            pin_memory=device is not None and device.type == "cuda",
            prefetch_factor=4 if workers else None,
        )

    def __len__(self) -> int:
        return len(self.stream)

    def epoch(self, number: int, first: int = 0) -> Iterator[Batch]:
        """The batches of an epoch (0, 1, ..) from the one numbered `first` on."""
        self.stream.start[:] = torch.tensor([number, first])
        for batch_number, batch in enumerate(self.loader, start=first):
            yield self._prepared(batch, number, batch_number)

    def _prepared(self, batch: Batch, epoch: int, number: int) -> Batch:
        if self.device is not None:
            batch = {key: tensor.to(self.device, non_blocking=True) for key, tensor in batch.items()}
        return batch if self.augment is None else self.augment(batch, self.stream.random_states(epoch, number))


def make_stream(config: TrainingConfig, channels: Sequence[str], team: Team) -> StreamLoader:
    """The stream that a training configuration asks for; each process of a `team` draws its share of every batch.

    On a CPU the processes that draw augment, too; a GPU does that itself.

    Raises:
        ConfigurationError: the simulator's file does not fit the schema.
    """
    assert config.streaming is not None
    augment, on_gpu = augmented_strip(config), team.device.type == "cuda"
    stream = FilmStream(
        simulator_of(config.streaming),
        films=config.streaming.films,
        batch_size=config.batch_size,
        size=config.input_size,
        seed=config.seed,
        patients=config.streaming.patients,
        films_per_patient=config.streaming.films_per_patient,
        landmark_channels=channels,
        augment=None if on_gpu else augment,
        share=team.share,
    )
    return StreamLoader(stream, config.workers, device=team.device, augment=augment if on_gpu else None)


def simulator_of(streaming: StreamingConfig) -> SimulatorConfig:
    """The simulator's configuration that a stream asks for."""
    return load_simulator_config(Path(streaming.simulator) if streaming.simulator else None)


def streamed_entries(config: TrainingConfig, count: int = 300) -> list[dict[str, Any]]:
    """Parameters of films like those of the stream, as a datalist has them: their scale can be learned from these."""
    assert config.streaming is not None
    simulator = simulator_of(config.streaming)
    truths = (simulate_truth(simulator, config.seed + number, rows=64) for number in range(count))
    return [{"parameters": {name: value.value for name, value in truth.parameters.items()}} for truth in truths]


def augmented_strip(config: TrainingConfig) -> BatchTransform:
    """The configuration's augmentation and strip, as `Films` applies them."""
    augment = augmentation(config.augmentation)
    if config.columns is None or config.columns >= config.input_size:
        return augment
    columns = config.columns
    return lambda batch, randoms: labelled_strip(augment(batch, randoms), columns)


def _single_threaded(_: int) -> None:
    cv2.setNumThreads(0)
