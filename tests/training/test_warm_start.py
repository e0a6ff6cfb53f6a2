"""A network takes over what fits of a trained one, and begins what that had not from what it knew."""

from __future__ import annotations

import numpy as np
import torch
from sagittal.anatomy.definitions import default_definitions
from sagittal.inference import Predictor, shipped_model
from sagittal.inference.preparation import network_input, normalise
from sagittal.networks import SpineNet, SpineOutput, build_network, network_config
from sagittal.networks.model_file import ModelFile, load_model
from sagittal.simulator import load_simulator_config, simulate_film
from sagittal.training.warm_start import warm_start

HEADS = [default_definitions().classes[f"femoral_head_{k}"].id for k in (1, 2)]


def without_heads(seed: int) -> tuple[SpineNet, ModelFile]:
    torch.manual_seed(seed)
    network = SpineNet().eval()
    model = ModelFile({}, network.state_dict(), 64, "softmax", tuple(default_definitions().classes), (), None, {}, {})
    return network, model


def test_a_network_with_maps_of_the_heads_keeps_all_that_one_without_knew() -> None:
    former, model = without_heads(0)
    torch.manual_seed(1)
    network = SpineNet(heads=True).eval()
    assert warm_start(network, model) == len(model.state) + 2
    image = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        before, after = former(image), network(image)
    assert torch.equal(before.classes, after.classes)
    assert torch.equal(before.landmarks, after.landmarks)
    assert before.heads is None
    union, overlap = after.heads[0]
    expected = before.classes[0, HEADS].mean(dim=0) - before.classes[0, 0]
    assert torch.allclose(union, expected, atol=1e-4)
    assert torch.allclose(overlap, 0.15 * union - 1, atol=1e-4)


def test_maps_that_the_former_network_had_are_taken_over() -> None:
    torch.manual_seed(0)
    former, network = SpineNet(heads=True), SpineNet(heads=True)
    model = ModelFile({}, former.state_dict(), 64, "softmax", tuple(default_definitions().classes), (), None, {}, {})
    warm_start(network, model)
    assert torch.equal(network.state_dict()["heads.weight"], former.state_dict()["heads.weight"])


def test_the_shipped_default_starts_the_configured_network_where_its_own_heads_are() -> None:
    shipped = load_model(shipped_model("spine"))
    network = build_network(network_config("spine")).eval()
    warm_start(network, shipped)
    predictor = Predictor(shipped_model("spine"), device="cpu")
    films = (simulate_film(load_simulator_config(), seed, rows=448) for seed in range(50, 70))
    film = next(film.film for film in films if not film.heads_cut)
    mask = predictor.predict(film).class_mask
    rows, columns = (32 * (side // 32) for side in film.shape)
    pixels = torch.from_numpy(normalise(film.pixels))[None, None, :rows, :columns]
    with torch.inference_mode():
        output = network(network_input(pixels, 3))
    assert isinstance(output, SpineOutput)
    full = output.at((rows, columns)).heads
    assert full is not None
    union, inside = full[0, 0].sigmoid().numpy(), np.isin(mask[:rows, :columns], HEADS)
    assert inside.any()
    assert union[inside].mean() > 10 * union[~inside].mean()
