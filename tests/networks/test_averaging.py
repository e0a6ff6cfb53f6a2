"""The mean of models is the mean of their weights, and claims nothing that nobody measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from sagittal.cli.app import app
from sagittal.networks import ModelError, ModelFile, build_network, load_model, network_config, save_model
from sagittal.networks.averaging import mean_model
from typer.testing import CliRunner


def model(value: float, heads: bool = True) -> ModelFile:
    """SpineNet with one value in all of its weights."""
    config = network_config("spine") | {"width": 8, "heads": heads}
    state = {
        name: torch.full_like(tensor, value) if tensor.is_floating_point() else tensor
        for name, tensor in build_network(config).state_dict().items()
    }
    return ModelFile(config, state, 64, "softmax", ("background", "vertebra"), training={"seed": int(value)})


def test_weights_are_averaged_and_outputs_that_only_newer_models_have_are_theirs() -> None:
    mean = mean_model([model(1.0, heads=False), replace(model(3.0), calibration={"temperature": 2.0})])
    assert torch.all(mean.state["classes.weight"] == 2.0)
    assert torch.all(mean.state["heads.weight"] == 3.0)
    assert mean.network["heads"]
    assert mean.calibration is None
    assert not mean.metrics
    assert [part["seed"] for part in mean.training["mean_of"]] == [1, 3]
    mean.build()


def test_what_is_no_stage_of_one_network_is_refused() -> None:
    other = replace(model(1.0), classes=("background", "sacrum"))
    wide = build_network(network_config("spine") | {"width": 16}).state_dict()
    for models in ([model(1.0)], [model(1.0), other], [model(1.0), replace(model(1.0), state=wide)]):
        with pytest.raises(ModelError, match=r"average stages|at least two"):
            mean_model(models)


def test_the_command_writes_the_mean_and_says_what_is_wrong(tmp_path: Path) -> None:
    first, second, out = (tmp_path / f"{name}.pt" for name in ("first", "second", "mean"))
    save_model(model(1.0), first)
    save_model(model(2.0), second)
    run = CliRunner().invoke(app, ["average", str(first), str(second), "--out", str(out)])
    assert run.exit_code == 0, run.output
    assert torch.all(load_model(out).state["classes.weight"] == 1.5)
    assert CliRunner().invoke(app, ["average", str(first), "--out", str(tmp_path / "none.pt")]).exit_code != 0
    assert not (tmp_path / "none.pt").exists()
