"""Schema of configs/mask_damage.yaml."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from sagittal.configuration import config_folder, load_checked
from sagittal.configuration.load import Checked
from sagittal.simulator.config import Probability, Uniform

Count = Annotated[list[int], Field(min_length=2, max_length=2)]


class Chance(Checked):
    """How often something happens: the mean over films, and over those with metal."""

    probability: Probability
    with_metal: Probability


class Blemishes(Chance):
    """How often, how many and how large."""

    count: Count
    radius: Uniform


class DamageConfig(Checked):
    """mask_damage.yaml: lengths in depths of the L3 body."""

    network_rows: Uniform
    edge_wander: Uniform
    edge_grain: Uniform
    holes: Blemishes
    missing_body: Chance
    missed_levels: dict[str, Probability]
    bridge: Blemishes
    bridge_to_sacrum: Probability
    promontory: Blemishes
    corner_of_l5: Blemishes
    specks: Blemishes
    rod: Blemishes
    cut_heads: Chance
    head_in_pieces: Blemishes

    @model_validator(mode="after")
    def _levels_share_one(self) -> DamageConfig:
        if abs(sum(self.missed_levels.values()) - 1) > 1e-6:
            raise ValueError(f"the shares of missed_levels must sum to 1, got {sum(self.missed_levels.values()):g}")
        return self


def load_damage_config() -> DamageConfig:
    """The configuration of the damage.

    Raises:
        ConfigurationError: the file does not fit the schema.
    """
    return load_checked(config_folder() / "mask_damage.yaml", DamageConfig)
