"""The networks: BiLuNet (masks) and MBNet (masks and values), and the file that trained ones travel in."""

from sagittal.networks.bilunet import BiLuNet
from sagittal.networks.build import build_network, network_config
from sagittal.networks.mbnet import MBNet
from sagittal.networks.model_file import ModelError, ModelFile, load_model, save_model
from sagittal.networks.spine_net import SpineNet, SpineOutput
from sagittal.networks.value_scale import ValueScale

__all__ = [
    "BiLuNet",
    "MBNet",
    "ModelError",
    "ModelFile",
    "SpineNet",
    "SpineOutput",
    "ValueScale",
    "build_network",
    "load_model",
    "network_config",
    "save_model",
]
