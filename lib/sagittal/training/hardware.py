"""What the machine is, and what makes training faster on it."""

from __future__ import annotations

import logging
import os
import platform
from pathlib import Path

import torch
from torch import Tensor, nn

from sagittal.networks.spine_net import SpineNet

logger = logging.getLogger(__name__)


def machine(device: torch.device, processes: int = 1) -> str:
    """Kind of processor and how many of them, as a model file tells it; no name of a host."""
    if device.type == "cuda":
        return f"{processes} x {torch.cuda.get_device_name(device)}"
    return f"{processor()}, {os.cpu_count()} cores, {processes * torch.get_num_threads()} threads used"


def processor() -> str:
    """The processor's model where the system tells it, else its architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def autocast_type(device: torch.device) -> torch.dtype | None:
    """The type in which convolutions gain on this device; None: single precision.

    bfloat16 from the Ampere generation on. Not on a CPU, where it is slower than single precision unless the processor
    has matrix units for it (ten times on those that we measured).
    """
    if device.type == "cuda" and torch.cuda.get_device_capability(device) >= (8, 0):
        return torch.bfloat16
    return None


def gains_from_channels_last(network: nn.Module, device: torch.device) -> bool:
    """Whether channels belong last in memory: on a GPU; on a CPU for convolutions of single channels alone."""
    return device.type == "cuda" or isinstance(network, SpineNet)


def compiled(network: nn.Module, example: Tensor) -> nn.Module:
    """The network as torch.compile makes it, or as it is where that fails, with a note in the log.

    Compilation happens at the first call: it is tried here, forward and backward, on `example`, and leaves no trace in
    the network.
    """
    before = {name: tensor.clone() for name, tensor in network.named_buffers()}
    try:
        faster: nn.Module = torch.compile(network)  # type: ignore[assignment]
        outputs = faster(example)
        parts = [outputs] if isinstance(outputs, Tensor) else list(outputs)
        sum(part.float().mean() for part in parts).backward()  # type: ignore[union-attr]
    except Exception as error:  # whatever compilers happen to raise
        logger.warning("torch.compile failed (%s); training goes on without it", type(error).__name__)
        faster = network
    for name, buffer in network.named_buffers():
        buffer.copy_(before[name])
    network.zero_grad(set_to_none=True)
    return faster
