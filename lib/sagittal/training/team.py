"""The processes that train one network together, each on its own device."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

Item = TypeVar("Item")
# Validation and writing happen in the leader alone while the others wait.
PATIENCE = timedelta(hours=2)


@dataclass(frozen=True)
class Team:
    """Who this process is among `size`; the one of rank 0 leads: it validates, writes and reports."""

    device: torch.device
    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def share(self, batch: Sequence[Item]) -> list[Item]:
        """This process's part of a batch. All parts are equally long: a batch too short for that is repeated."""
        missing = -len(batch) % self.size
        padded = [*batch, *(batch[place % len(batch)] for place in range(missing))]
        return padded[self.rank :: self.size]

    def wrap(self, network: nn.Module) -> nn.Module:
        """The network with gradients that are the mean over the team."""
        if self.size == 1:
            return network
        wrapped: nn.Module = DistributedDataParallel(network, [self.device] if self.device.type == "cuda" else None)
        return wrapped

    def mean(self, number: float) -> float:
        """Of one number a process."""
        if self.size == 1:
            return number
        total = torch.tensor(number, dtype=torch.float64, device=self.device)
        distributed.all_reduce(total)
        return float(total) / self.size

    def agreed(self, number: float) -> float:
        """The leader's number, in every process."""
        if self.size == 1:
            return number
        said = torch.tensor(number, dtype=torch.float64, device=self.device)
        distributed.broadcast(said, src=0)
        return float(said)


@contextmanager
def joined_team() -> Iterator[Team]:
    """The team that torchrun started this process in, else a team of one.

    With GPUs each process takes the one of its local rank.
    """
    gpus = torch.cuda.is_available()
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield Team(torch.device("cuda" if gpus else "cpu"))
        return
    device = torch.device("cuda", int(os.environ["LOCAL_RANK"])) if gpus else torch.device("cpu")
    if gpus:
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if gpus else "gloo", timeout=PATIENCE)
    try:
        yield Team(device, distributed.get_rank(), size)
    finally:
        distributed.destroy_process_group()
