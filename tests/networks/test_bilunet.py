"""BiLuNet is what the paper says."""

from __future__ import annotations

import pytest
import torch
from sagittal.networks import BiLuNet
from sagittal.training.losses import binary_cross_entropy
from torch import nn


def weights(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


@pytest.fixture
def published() -> BiLuNet:
    """The published width, without memory."""
    with torch.device("meta"):
        return BiLuNet()


def test_the_published_width_has_30_6_million_weights(published: BiLuNet) -> None:
    assert weights(published) == pytest.approx(30.6e6, rel=1e-3)


def test_it_has_29_convolutions(published: BiLuNet) -> None:
    counts = {
        name: sum(isinstance(module, nn.Conv2d) for module in getattr(published, name).modules())
        for name in ("encoder", "decoder", "spatial", "fusion", "output")
    }
    assert counts == {"encoder": 12, "decoder": 10, "spatial": 3, "fusion": 3, "output": 1}
    assert sum(isinstance(module, nn.Conv2d) for module in published.modules()) == 29


def test_the_spatial_path_halves_three_times_with_normalisation_and_relu(published: BiLuNet) -> None:
    assert published.spatial(torch.empty(1, 3, 512, 512, device="meta")).shape == (1, 128, 64, 64)
    for stage in published.spatial:
        convolution, normalisation, activation = stage
        assert convolution.kernel_size == (3, 3)
        assert convolution.stride == (2, 2)
        assert isinstance(normalisation, nn.BatchNorm2d)
        assert isinstance(activation, nn.ReLU)


def test_the_u_shaped_path_has_widths_32_to_1024_and_dropout_of_one_half(published: BiLuNet) -> None:
    widths = [level[0][0].out_channels for level in published.encoder]
    assert widths == [32, 64, 128, 256, 512, 1024]
    dropouts = [module.p for module in published.modules() if isinstance(module, nn.Dropout)]
    assert dropouts == [0.5, 0.5]


def test_a_film_of_512_squared_gives_five_channels_of_its_size(published: BiLuNet) -> None:
    assert published(torch.empty(2, 3, 512, 512, device="meta")).shape == (2, 5, 512, 512)


def test_one_step_at_the_published_width_lowers_the_loss() -> None:
    torch.manual_seed(0)
    network = BiLuNet(dropout=0.0)
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-4)
    image = torch.randn(1, 3, 512, 512)
    label = torch.zeros(1, 1, 512, 512, dtype=torch.uint8)
    label[..., 100:300, 200:300] = 1
    before = binary_cross_entropy(network(image), label)
    before.backward()
    assert all(parameter.grad is not None and parameter.grad.isfinite().all() for parameter in network.parameters())
    optimizer.step()
    with torch.no_grad():
        assert binary_cross_entropy(network(image), label) < before


@pytest.mark.parametrize("normalization", [False, True])
def test_a_smaller_width_is_the_same_network_with_fewer_channels(published: BiLuNet, normalization: bool) -> None:
    small = BiLuNet(width=4, normalization=normalization)
    assert weights(small) < weights(published) / 60
    assert small(torch.zeros(1, 3, 64, 96)).shape == (1, 5, 64, 96)


@pytest.mark.parametrize("shape", [(1, 3, 500, 512), (1, 3, 512, 33), (1, 3, 0, 32)])
def test_sides_that_five_poolings_cannot_halve_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=rf"multiples of 32, got {shape[2]} x {shape[3]}"):
        BiLuNet(width=2)(torch.zeros(shape))


@pytest.mark.parametrize("shape", [(1, 1, 64, 64), (3, 64, 64)])
def test_other_channels_than_the_network_has_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"Expected an image of shape \(B, 3, rows, columns\), got"):
        BiLuNet(width=2)(torch.zeros(shape))
