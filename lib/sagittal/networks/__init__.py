"""The networks: BiLuNet (masks) and MBNet (masks and values)."""

from sagittal.networks.bilunet import BiLuNet
from sagittal.networks.build import build_network, network_config
from sagittal.networks.mbnet import MBNet

__all__ = ["BiLuNet", "MBNet", "build_network", "network_config"]
