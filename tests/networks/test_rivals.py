"""The rivals and the ablations give masks on the film's grid, and are what they are named after."""

from __future__ import annotations

import pytest
import torch
from sagittal.networks import BiLuNet, MBNet, PSPNet, UNet, UNetPlusPlus
from torch import nn


@pytest.mark.parametrize("network", [UNet, UNetPlusPlus, PSPNet])
def test_a_film_gives_five_channels_of_its_size_and_learns(network: type[nn.Module]) -> None:
    torch.manual_seed(0)
    made = network(width=4)
    image = torch.rand(1, 3, 64, 96)  # a single film: what is pooled to one value must not be normalised
    logits = made(image)
    assert logits.shape == (1, 5, 64, 96)
    logits.square().mean().backward()
    assert all(weight.grad is not None for weight in made.parameters() if weight.requires_grad)
    with pytest.raises(ValueError, match="multiples of 32"):
        made(torch.rand(1, 3, 60, 96))


def test_pspnet_pools_over_four_grids_and_keeps_an_eighth_of_the_film() -> None:
    network = PSPNet(width=4)
    assert [grid[0].output_size for grid in network.pyramid.grids] == [1, 2, 3, 6]
    assert network.stages(network.stem(torch.rand(1, 3, 64, 96))).shape[-2:] == (8, 12)


def test_the_ablations_leave_out_what_they_say() -> None:
    whole, case_1, case_2 = (
        BiLuNet(width=4, variant=variant) for variant in ("published", "no_spatial_path", "concatenated")
    )
    assert whole.spatial is not None
    assert whole.fusion is not None
    assert (case_1.spatial, case_1.fusion) == (None, None)
    assert case_2.spatial is not None
    assert case_2.fusion is None
    for network in (case_1, case_2):
        assert network(torch.rand(1, 3, 64, 64)).shape == (1, 5, 64, 64)
    with pytest.raises(ValueError, match="variant must be one of"):
        BiLuNet(width=4, variant="none")


def test_mbnet_has_the_same_ablations() -> None:
    logits, values = MBNet(width=4, input_size=64, variant="no_spatial_path")(torch.rand(1, 3, 64, 64))
    assert (logits.shape, values.shape) == ((1, 5, 64, 64), (1, 18))
