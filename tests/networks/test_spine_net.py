"""SpineNet gives classes, landmarks and heads at half the grid, starts quietly, and from learned weights."""

from __future__ import annotations

import pytest
import torch
from sagittal.anatomy.definitions import default_definitions
from sagittal.networks import SpineNet, SpineOutput, build_network, network_config
from sagittal.networks.efficientnet_lite import FEATURES, EfficientNetLite


def test_all_outputs_lie_at_half_the_input_grid_and_come_back_to_it() -> None:
    network = build_network(network_config("spine")).eval()
    assert isinstance(network, SpineNet)
    with torch.inference_mode():
        output = network(torch.zeros(2, 3, 64, 96))
    assert isinstance(output, SpineOutput)
    assert output.classes.shape == (2, len(default_definitions().classes), 32, 48)
    assert output.landmarks.shape == (2, len(default_definitions().landmark_channels), 32, 48)
    assert output.heads is not None
    assert output.heads.shape == (2, 2, 32, 48)
    assert [tuple(logits.shape[-2:]) for logits in output.at((64, 96))] == [(64, 96)] * 3


def test_a_network_without_maps_of_the_heads_has_none_at_any_size() -> None:
    with torch.inference_mode():
        output = SpineNet().eval()(torch.zeros(1, 3, 64, 64))
    assert output.heads is None
    assert output.at((64, 64)).heads is None


def test_nearly_no_pixel_is_a_landmark_at_the_start() -> None:
    torch.manual_seed(0)
    with torch.inference_mode():
        heat = SpineNet().eval()(torch.rand(1, 3, 64, 64)).landmarks.sigmoid()
    assert heat.mean() < 0.05


def test_the_encoder_halves_the_grid_at_each_level() -> None:
    with torch.inference_mode():
        levels = EfficientNetLite().eval()(torch.zeros(1, 3, 64, 96))
    assert [tuple(level.shape[1:]) for level in levels] == [
        (channels, 64 // 2**k, 96 // 2**k) for k, channels in enumerate(FEATURES, start=1)
    ]


def test_the_learned_weights_fit_and_tell_pictures_apart() -> None:
    """Weights put into the wrong layers, or wrong padding, let the signal die or explode over 50 layers."""
    torch.manual_seed(0)
    encoder = EfficientNetLite()
    encoder.load_pretrained()
    with torch.inference_mode():
        smooth, noisy = (
            encoder.eval()(picture)[-1] for picture in (torch.zeros(1, 3, 64, 64), torch.randn(1, 3, 64, 64))
        )
    assert 0.1 < float(noisy.std()) < 10
    assert float((smooth - noisy).abs().mean()) > 0.05


def test_another_number_of_channels_is_refused() -> None:
    with pytest.raises(ValueError, match="3 channels"):
        SpineNet(in_channels=1)
