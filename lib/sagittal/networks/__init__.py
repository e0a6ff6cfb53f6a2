"""The networks and their rivals, and the file that trained ones travel in.

SpineNet: masks and landmarks; BiLuNet: masks; MBNet: masks and values.
"""

from sagittal.networks.bilunet import BiLuNet
from sagittal.networks.build import build_network, network_config
from sagittal.networks.mbnet import MBNet
from sagittal.networks.model_file import ModelError, ModelFile, load_model, save_model
from sagittal.networks.rivals import PSPNet, UNet, UNetPlusPlus
from sagittal.networks.spine_net import SpineNet, SpineOutput
from sagittal.networks.value_scale import ValueScale

__all__ = [
    "BiLuNet",
    "MBNet",
    "ModelError",
    "ModelFile",
    "PSPNet",
    "SpineNet",
    "SpineOutput",
    "UNet",
    "UNetPlusPlus",
    "ValueScale",
    "build_network",
    "load_model",
    "network_config",
    "save_model",
]
