"""MBNet is BiLuNet with the published branch of values."""

from __future__ import annotations

import pytest
import torch
from sagittal.networks import BiLuNet, MBNet
from torch import nn


def published(**settings: object) -> MBNet:
    with torch.device("meta"):
        return MBNet(**settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("value_channels", [32, 128])
def test_the_branch_has_two_convolutions_two_poolings_and_three_full_layers(value_channels: int) -> None:
    branch = list(published(value_channels=value_channels).value_branch)
    convolutions = [module for module in branch if isinstance(module, nn.Conv2d)]
    assert [(c.out_channels, c.kernel_size) for c in convolutions] == [(32, (3, 3)), (value_channels, (3, 3))]
    assert [module.kernel_size for module in branch if isinstance(module, nn.MaxPool2d)] == [4, 4]
    full = [module for module in branch if isinstance(module, nn.Linear)]
    assert full[0].in_features == value_channels * 32 * 32
    assert [layer.out_features for layer in full] == [1024, 1024, 18]


def test_without_its_branch_it_is_bilunet() -> None:
    with torch.device("meta"):
        own, backbone = BiLuNet().state_dict(), MBNet().backbone.state_dict()
    assert {name: tensor.shape for name, tensor in own.items()} == {n: t.shape for n, t in backbone.items()}


def test_it_emits_a_mask_and_eighteen_values() -> None:
    logits, values = published()(torch.empty(2, 3, 512, 512, device="meta"))
    assert logits.shape == (2, 5, 512, 512)
    assert values.shape == (2, 18)


def test_the_values_are_linear_as_published_or_within_0_and_1() -> None:
    image = torch.randn(4, 3, 64, 64) * 50
    torch.manual_seed(0)
    free = MBNet(width=4, input_size=64)(image)[1]
    bounded = MBNet(width=4, input_size=64, value_activation="sigmoid")(image)[1]
    assert (free < 0).any()
    assert ((bounded >= 0) & (bounded <= 1)).all()
    with pytest.raises(ValueError, match="linear or sigmoid, got 'tanh'"):
        MBNet(width=4, input_size=64, value_activation="tanh")


def test_the_losses_of_mask_and_values_both_reach_the_backbone() -> None:
    for output in (0, 1):
        network = MBNet(width=4, input_size=64)
        network(torch.randn(2, 3, 64, 64))[output].square().mean().backward()
        gradient = network.backbone.encoder[0][0][0].weight.grad
        assert gradient is not None
        assert gradient.abs().sum() > 0


def test_another_input_size_than_the_branch_is_made_for_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(B, 3, 64, 64\), got \(1, 3, 96, 96\)"):
        MBNet(width=4, input_size=64)(torch.zeros(1, 3, 96, 96))
