"""A model file gives back what was put in, and refuses everything else."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from sagittal.networks import ModelError, ModelFile, build_network, load_model, network_config, save_model

CONFIG = {"_target_": "sagittal.networks.BiLuNet", "width": 2, "normalization": True}


def model(**changes: Any) -> ModelFile:
    content: dict[str, Any] = {
        "network": CONFIG,
        "state": build_network(CONFIG).state_dict(),
        "input_size": 64,
        "activation": "softmax",
        "classes": ("background", "vertebra"),
        "training": {"seed": 3},
        "metrics": {"mean_foreground_iou": 0.5},
    }
    return ModelFile(**{**content, **changes})


def test_a_network_comes_back_the_same_but_for_half_precision(tmp_path: Path) -> None:
    saved = model()
    save_model(saved, tmp_path / "model.pt")
    loaded = load_model(tmp_path / "model.pt")
    assert (loaded.network, loaded.input_size, loaded.classes) == (CONFIG, 64, ("background", "vertebra"))
    assert (loaded.training, loaded.metrics) == ({"seed": 3}, {"mean_foreground_iou": 0.5})
    image = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.allclose(saved.build()(image), loaded.build()(image), atol=0.02)
    assert next(loaded.build().parameters()).dtype is torch.float32
    assert [path.name for path in tmp_path.iterdir()] == ["model.pt"]


def test_a_calibration_travels_with_its_network_and_older_files_have_none(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    save_model(model(calibration={"temperature": 1.25}), path)
    assert load_model(path).calibration == {"temperature": 1.25}
    save_model(model(), path)
    content = torch.load(path, weights_only=True)
    del content["calibration"]
    torch.save(content, path)
    assert load_model(path).calibration is None


@pytest.mark.parametrize("name", ["bilunet_small", "mbnet_small"])
def test_the_models_that_ship_stay_below_16_mb(tmp_path: Path, name: str) -> None:
    config = network_config(name)
    save_model(model(network=config, state=build_network(config).state_dict()), tmp_path / "model.pt")
    assert (tmp_path / "model.pt").stat().st_size < 16e6


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.pt: no such model file; train one"):
        load_model(tmp_path / "none.pt")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 garbage", b"plain text", bytes(range(256)) * 16])
def test_garbage_is_no_model_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "garbage.pt").write_bytes(content)
    with pytest.raises(ModelError, match=r"garbage\.pt: is no model file of Sagittal"):
        load_model(tmp_path / "garbage.pt")


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.pt"
    save_model(model(), path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ModelError, match=r"cut\.pt"):
        load_model(path)


class Malicious:
    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.trace),)


@pytest.mark.parametrize("write", [torch.save, lambda content, path: path.write_bytes(pickle.dumps(content))])
def test_code_inside_a_file_is_not_executed(tmp_path: Path, write: Any) -> None:
    write({"format_version": 1, "network": Malicious(tmp_path / "trace")}, tmp_path / "evil.pt")
    with pytest.raises(ModelError, match=r"evil\.pt"):
        load_model(tmp_path / "evil.pt")
    assert not (tmp_path / "trace").exists()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ({"weights": 1}, "no format_version"),
        ({"format_version": 99}, "has format 99, this version reads 1"),
        ({"format_version": 1}, "is damaged: KeyError"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: dict[str, Any], fault: str) -> None:
    torch.save(content, tmp_path / "other.pt")
    with pytest.raises(ModelError, match=fault):
        load_model(tmp_path / "other.pt")


@pytest.mark.parametrize(
    "changes",
    [
        {"network": {**CONFIG, "width": 4}},
        {"network": {"_target_": "os.system", "command": "true"}},
        {"state": {"nothing": torch.zeros(1)}},
        {"state": {"nothing": "text"}},
    ],
)
def test_weights_that_do_not_fit_their_network_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="the weights do not fit the network"):
        model(**changes).build()


def test_a_variance_beyond_half_precision_survives(tmp_path: Path) -> None:
    made = model()
    name = next(name for name in made.state if name.endswith("running_var"))
    state = {**made.state, name: torch.full_like(made.state[name], 2e5)}
    save_model(model(state=state), tmp_path / "large.pt")
    stored = load_model(tmp_path / "large.pt").state
    torch.testing.assert_close(stored[name], state[name])
    assert sum(tensor.dtype == torch.float16 for tensor in stored.values()) > 0.5 * len(stored)


def test_weights_that_are_not_finite_are_not_saved(tmp_path: Path) -> None:
    made = model()
    name = next(iter(made.state))
    state = {**made.state, name: torch.full_like(made.state[name], float("nan"))}
    with pytest.raises(ModelError, match="not finite: the training diverged"):
        save_model(model(state=state), tmp_path / "diverged.pt")
    assert not (tmp_path / "diverged.pt").exists()
