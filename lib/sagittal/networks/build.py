"""Networks from configs/networks/*.yaml (MONAI's bundle format) and from the configuration inside a checkpoint."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import nn

from sagittal.configuration import ConfigurationError, config_folder, load_bundle
from sagittal.networks.bilunet import BiLuNet
from sagittal.networks.mbnet import MBNet
from sagittal.networks.rivals import PSPNet, UNet, UNetPlusPlus
from sagittal.networks.spine_net import SpineNet

NETWORKS: Mapping[str, type[nn.Module]] = {
    f"sagittal.networks.{network.__name__}": network
    for network in (BiLuNet, MBNet, SpineNet, UNet, UNetPlusPlus, PSPNet)
}


def network_config(name_or_path: str | Path) -> dict[str, Any]:
    """The `network` entry of a file in configs/networks, by name, or of any file, by path.

    Raises:
        ConfigurationError: names the file and what is wrong with it.
    """
    path = Path(name_or_path)
    if path.suffix not in (".yaml", ".yml"):
        path = config_folder() / "networks" / f"{name_or_path}.yaml"
    config = load_bundle(path).get()
    unknown = [key for key in config if key != "network"]
    if unknown or not isinstance(config.get("network"), dict):
        raise ConfigurationError(f"{path}: expected the key 'network' alone with a mapping, got {list(config)}")
    try:
        check_network_config(config["network"])
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}") from error
    return dict(config["network"])


def check_network_config(config: Mapping[str, Any]) -> None:
    """Raise ConfigurationError unless `config` names one of our networks and gives only plain settings it has.

    A checkpoint may come from anywhere: its configuration must not be able to call anything else.
    """
    target = config.get("_target_")
    if not isinstance(target, str) or target not in NETWORKS:
        raise ConfigurationError(f"key 'network._target_': expected one of {', '.join(NETWORKS)}, got {target!r}")
    settings = inspect.signature(NETWORKS[target]).parameters
    for key, value in config.items():
        if key == "_target_":
            continue
        if key not in settings:
            raise ConfigurationError(f"key 'network.{key}': {target} has no such setting")
        wanted = type(settings[key].default)
        if type(value) is not wanted and not (wanted is float and type(value) is int):
            raise ConfigurationError(f"key 'network.{key}': expected {wanted.__name__}, got {value!r}")


def build_network(config: Mapping[str, Any]) -> nn.Module:
    """The network that a checked configuration describes, with fresh weights.

    Raises:
        ConfigurationError: the configuration names no network of ours or a setting that it has not.
    """
    check_network_config(config)
    return NETWORKS[config["_target_"]](**{key: value for key, value in config.items() if key != "_target_"})
