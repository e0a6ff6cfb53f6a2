"""Networks come from their files, and from nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from sagittal.configuration import ConfigurationError, config_folder
from sagittal.networks import (
    BiLuNet,
    MBNet,
    PSPNet,
    SpineNet,
    UNet,
    UNetPlusPlus,
    build_network,
    network_config,
)

KINDS = {
    "bilunet": BiLuNet,
    "mbnet": MBNet,
    "spine": SpineNet,
    "unet": UNet,
    "unetplusplus": UNetPlusPlus,
    "pspnet": PSPNet,
}
NAMES = sorted(path.stem for path in (config_folder() / "networks").glob("*.yaml"))


@pytest.mark.parametrize("name", NAMES)
def test_every_file_builds_its_network(name: str) -> None:
    with torch.device("meta"):
        network = build_network(network_config(name))
    assert type(network) is KINDS[name.partition("_")[0]]


def test_the_published_files_are_the_defaults_of_the_classes() -> None:
    with torch.device("meta"):
        for name, default in (("bilunet", BiLuNet()), ("mbnet", MBNet())):
            built = build_network(network_config(name))
            shapes = {key: tensor.shape for key, tensor in default.state_dict().items()}
            assert {key: tensor.shape for key, tensor in built.state_dict().items()} == shapes


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("network: {_target_: sagittal.networks.BiLuNet, widht: 8}", "key 'network.widht'"),
        ("network: {_target_: sagittal.networks.BiLuNet, width: eight}", "key 'network.width': expected int"),
        ("network: {_target_: sagittal.networks.BiLuNet, normalization: 1}", "key 'network.normalization'"),
        ("network: {_target_: os.system, command: 'true'}", "key 'network._target_': expected one of"),
        ("network: {_target_: sagittal.networks.BiLuNet}\nmore: 1", "expected the key 'network' alone"),
        ("- 1", "expected a mapping at the top"),
        ("network: [", "not valid YAML"),
    ],
)
def test_a_wrong_file_is_named_with_its_key(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"wrong\.yaml") as caught:
        network_config(path)
    assert fault in str(caught.value)


def test_a_name_without_file_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"nonsense\.yaml: cannot be read"):
        network_config("nonsense")
