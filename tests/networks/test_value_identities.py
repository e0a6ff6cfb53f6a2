"""Consistent values obey their definitions, whatever the network says."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sagittal.anatomy.definitions import default_definitions
from sagittal.networks import MBNet
from sagittal.networks.value_identities import DISCS, INDEPENDENT, WEDGES, ConsistentValues, all_values
from sagittal.simulator import load_simulator_config, simulate_film
from sagittal.training.losses import value_loss

NAMES = default_definitions().value_branch
ANGLES = st.lists(st.floats(-60, 60), min_size=len(INDEPENDENT), max_size=len(INDEPENDENT))
LEAST = default_definitions().ldi_minimum_lordosis


def named(independent: list[float]) -> dict[str, float]:
    values = all_values(torch.tensor(independent, dtype=torch.float64))
    return dict(zip(NAMES, values.tolist(), strict=True))


@settings(deadline=None)
@given(independent=ANGLES)
def test_the_identities_hold(independent: list[float]) -> None:
    value = named(independent)
    assert {name: value[name] for name in INDEPENDENT} == dict(zip(INDEPENDENT, independent, strict=True))
    assert value["PI"] == pytest.approx(value["PT"] + value["SS"], abs=1e-9)
    assert value["LL"] == pytest.approx(sum(value[name] for name in (*WEDGES, *DISCS)), abs=1e-9)
    assert value["L4S1"] == pytest.approx(sum(value[name] for name in ("L4", "L4L5", "L5", "L5S1")), abs=1e-9)
    assert value["PI-LL"] == pytest.approx(value["PI"] - value["LL"], abs=1e-9)
    assert value["RLL"] == pytest.approx(value["LL"] - (0.62 * value["PI"] + 29), abs=1e-9)
    if value["LL"] >= LEAST:
        assert value["LDI"] == pytest.approx(100 * value["L4S1"] / value["LL"], abs=1e-9)
    else:
        assert math.isnan(value["LDI"])


@settings(deadline=None)
@given(independent=ANGLES)
def test_gradients_are_finite_even_where_ldi_is_undefined(independent: list[float]) -> None:
    outputs = torch.tensor([independent], dtype=torch.float64, requires_grad=True)
    loss = value_loss(all_values(outputs), torch.zeros(1, len(NAMES), dtype=torch.float64))
    loss.backward()
    assert loss.isfinite()
    assert outputs.grad is not None
    assert outputs.grad.isfinite().all()


@settings(deadline=None)
@given(small=st.floats(-5, 9.9) | st.just(0.0))
def test_an_undefined_ldi_teaches_nothing(small: float) -> None:
    outputs = torch.zeros(1, len(INDEPENDENT), dtype=torch.float64)
    outputs[0, INDEPENDENT.index("L1")] = small
    outputs.requires_grad_()
    all_values(outputs)[0, NAMES.index("LDI")].nan_to_num().backward()
    assert outputs.grad is None or not outputs.grad.any()


@pytest.mark.parametrize("seed", [11, 12])
def test_they_are_the_identities_of_the_anatomy(seed: int) -> None:
    """Measured on a film's exact landmarks, dependent values are what they follow from."""
    truth = {n: p.value for n, p in simulate_film(load_simulator_config(), seed, rows=256).parameters.items()}
    value = named([truth[name] if truth[name] is not None else 0.0 for name in INDEPENDENT])
    known = [name for name in NAMES if truth[name] is not None]
    assert {"SS", "LL", "L4S1", *WEDGES, *DISCS} <= set(known)
    assert {name: value[name] for name in known} == pytest.approx({name: truth[name] for name in known}, abs=1e-6)


def test_an_untrained_network_says_a_usual_spine_in_degrees() -> None:
    value = dict(zip(NAMES, ConsistentValues()(torch.zeros(1, len(INDEPENDENT)))[0].tolist(), strict=True))
    ranges = {name: limits for name, p in default_definitions().parameters.items() if (limits := p.range) is not None}
    assert all(low <= value[name] <= high for name, (low, high) in ranges.items())


def test_the_network_in_this_form_emits_values_that_obey() -> None:
    torch.manual_seed(0)
    network = MBNet(width=2, input_size=64, value_form="consistent").eval()
    values = network(torch.rand(3, 3, 64, 64))[1]
    assert network.emits_degrees
    assert values.shape == (3, len(NAMES))
    incidence, tilt, slope = (values[:, NAMES.index(name)] for name in ("PI", "PT", "SS"))
    torch.testing.assert_close(incidence, tilt + slope)
    values.nan_to_num().sum().backward()
    assert network.backbone.encoder[0][0][0].weight.grad.abs().sum() > 0


@pytest.mark.parametrize("settings", [{"value_activation": "sigmoid"}, {"values": 12}])
def test_a_form_that_cannot_be_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="consistent values are 18 and linear"):
        MBNet(width=2, input_size=64, value_form="consistent", **settings)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="free or consistent, got 'bound'"):
        MBNet(width=2, input_size=64, value_form="bound")
