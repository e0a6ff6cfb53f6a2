"""SpineNet gives classes and heat maps of landmarks on the film's grid, and starts from a quiet heat."""

from __future__ import annotations

import torch
from sagittal.anatomy.definitions import default_definitions
from sagittal.networks import SpineNet, SpineOutput, build_network, network_config


def test_both_outputs_lie_on_the_input_grid() -> None:
    network = build_network(network_config("spine_small")).eval()
    assert isinstance(network, SpineNet)
    with torch.inference_mode():
        output = network(torch.zeros(2, 3, 64, 96))
    assert isinstance(output, SpineOutput)
    assert output.classes.shape == (2, len(default_definitions().classes), 64, 96)
    assert output.landmarks.shape == (2, len(default_definitions().landmark_channels), 64, 96)


def test_nearly_no_pixel_is_a_landmark_at_the_start() -> None:
    torch.manual_seed(0)
    with torch.inference_mode():
        heat = SpineNet().eval()(torch.rand(1, 3, 64, 64)).landmarks.sigmoid()
    assert heat.mean() < 0.05


def test_the_trunk_is_that_of_bilunet_so_that_its_weights_fit() -> None:
    trunk = build_network(network_config("bilunet_small")).state_dict()
    own = SpineNet(width=8).state_dict()
    assert {name for name in own if name not in trunk} == {
        f"landmarks.{layer}.{kind}" for layer in (0, 2) for kind in ("weight", "bias")
    }
    assert all(own[name].shape == weights.shape for name, weights in trunk.items())
