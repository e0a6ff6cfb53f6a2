"""A network is compiled where that works; where it does not, training goes on with what it was."""

from __future__ import annotations

import platform
from collections.abc import Callable
from typing import Any

import pytest
import torch
from sagittal.networks import BiLuNet
from sagittal.training.hardware import autocast_type, compiled, machine
from torch import nn

CPU = torch.device("cpu")


def without_compiler(network: nn.Module) -> Callable[..., Any]:
    """What torch.compile gives where there is no compiler: it fails at the first call."""

    def call(image: torch.Tensor) -> torch.Tensor:
        network(image)
        raise RuntimeError("no C++ compiler found")

    return call


def test_a_compilation_that_fails_leaves_the_network_as_it_was_and_a_note(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    network = BiLuNet(width=2, normalization=True).train()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    monkeypatch.setattr(torch, "compile", without_compiler)
    assert compiled(network, torch.rand(2, 3, 64, 64)) is network
    assert "torch.compile failed (RuntimeError)" in caplog.text
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
    assert all(weight.grad is None for weight in network.parameters())


@pytest.mark.soak
def test_a_compiled_network_learns_what_it_would_have(caplog: pytest.LogCaptureFixture) -> None:
    network, image = BiLuNet(width=2, dropout=0.0).train(), torch.rand(2, 3, 64, 64)
    faster = compiled(network, image)
    torch.testing.assert_close(faster(image), network(image), atol=1e-4, rtol=1e-4)
    assert (faster is network) == ("torch.compile failed" in caplog.text)


def test_a_cpu_trains_in_single_precision_and_the_machine_has_no_name() -> None:
    assert autocast_type(CPU) is None
    assert "threads used" in machine(CPU)
    assert platform.node() not in machine(CPU)
