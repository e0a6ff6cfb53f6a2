"""Schema of configs/simulator.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from sagittal.configuration import config_folder, load_checked
from sagittal.configuration.load import Checked, check

Uniform = Annotated[list[float], Field(min_length=2, max_length=2)]
TruncatedNormal = Annotated[list[float], Field(min_length=4, max_length=4)]
Probability = Annotated[float, Field(ge=0, le=1)]
FivePerLevel = Annotated[list[float], Field(min_length=5, max_length=5)]


class VariantsConfig(Checked):
    """What is unusual in a spine. None of it by default: a set that was frozen earlier keeps its films."""

    four_bodies_probability: Probability = 0.0
    six_bodies_probability: Probability = 0.0
    transition_share: Probability = 0.0
    block_probability: Probability = 0.0
    biconcave_share: Probability = 0.0
    crush_share: Probability = 0.0
    cement_share: Probability = 0.0
    retrolisthesis_share: Probability = 0.0
    scoliosis_probability: Probability = 0.0
    scoliosis_turn: Uniform = Field(default_factory=lambda: [0.0, 0.0])
    scoliosis_tilt: Uniform = Field(default_factory=lambda: [0.0, 0.0])
    spur_probability: Probability = 0.0
    spur_length: Uniform = Field(default_factory=lambda: [0.0, 0.0])
    bending_probability: Probability = 0.0
    bending: Uniform = Field(default_factory=lambda: [0.0, 0.0])
    sacrum_bend: Uniform = Field(default_factory=lambda: [0.8, 1.6])


class AnatomyConfig(Checked):
    sacral_slope: TruncatedNormal
    pelvic_tilt: TruncatedNormal
    lordosis_minus_sacral_slope: TruncatedNormal
    body_wedges: FivePerLevel
    body_wedge_spread: float
    disc_angles: FivePerLevel
    disc_angle_spread: float
    thoracic_wedge: TruncatedNormal
    thoracic_disc_angle: TruncatedNormal
    depth_mm: TruncatedNormal
    body_height: TruncatedNormal
    body_depths: dict[str, float]
    plate_concavity: Uniform
    wall_concavity: Uniform
    corner_rounding: Uniform
    s1_dome: Uniform
    disc_height: Uniform
    thin_disc_probability: Probability
    s1_depth: Uniform
    sacrum_length: Uniform
    sacrum_start_angle: Uniform
    sacrum_end_angle: Uniform
    hip_axis_distance: Uniform
    head_radius: Uniform
    head_magnification: Uniform
    head_separation: Uniform
    slip_probability: Probability
    fracture_probability: Probability
    scoliosis_spread: float
    variants: VariantsConfig = Field(default_factory=VariantsConfig)


class ImplantsConfig(Checked):
    probability: Probability
    cage_probability: Probability
    rod_probability: Probability
    iliac_probability: Probability = 0.0
    graft_probability: Probability = 0.0


class FramingConfig(Checked):
    rows: Uniform
    chain_fraction: Uniform
    s1_row: Uniform
    s1_column: Uniform
    aspect: Uniform
    heads_missing_probability: Probability
    heads_cut_probability: Probability
    faces_right_probability: Probability
    rotation: TruncatedNormal
    letterbox_probability: Probability
    spacing_probability: Probability


class ProjectionConfig(Checked):
    """Switches that tell what the simulator's parts are good for; see benchmarks/simulator_carry_over.py."""

    point_source: bool = True
    pelvis: bool = True


class TissueConfig(Checked):
    bone_contrast: Uniform
    gas: Uniform
    trabeculae: Uniform
    # None by default: a set that was frozen earlier keeps its films.
    thicket: Uniform = Field(default_factory=lambda: [0.0, 0.0])
    contents: Uniform = Field(default_factory=lambda: [0.0, 0.0])
    unevenness: Uniform = Field(default_factory=lambda: [0.0, 0.0])
    shell: Uniform = Field(default_factory=lambda: [0.35, 1.0])
    soft_posterior: bool = False
    posterior_lines: Uniform = Field(default_factory=lambda: [0.0, 0.0])
    worn_discs: Uniform = Field(default_factory=lambda: [0.0, 0.0])
    layers: Uniform = Field(default_factory=lambda: [0.0, 0.0])
    skin_behind: Uniform = Field(default_factory=lambda: [0.8, 1.6])
    skin_reach: Uniform = Field(default_factory=lambda: [2.0, 4.5])


class AutomaticConfig(Checked):
    """Films exposed and windowed by the system. None by default: a set that was frozen earlier keeps its films."""

    probability: Probability = 0.0
    thickness: Uniform = Field(default_factory=lambda: [1.0, 1.0])
    reach_mm: Uniform = Field(default_factory=lambda: [30.0, 30.0])
    evenness: Uniform = Field(default_factory=lambda: [0.8, 0.8])
    detail: Uniform = Field(default_factory=lambda: [0.0, 0.0])
    latitude: Uniform = Field(default_factory=lambda: [1.0, 1.0])
    hardness: Uniform = Field(default_factory=lambda: [2.0, 2.0])
    grey: TruncatedNormal = Field(default_factory=lambda: [0.6, 0.08, 0.38, 0.8])


class ExposureConfig(Checked):
    softness: Uniform
    hardening: Uniform
    blur_mm: Uniform
    scatter: Uniform
    scatter_reach_mm: Uniform
    heel: Uniform
    noise: Uniform
    compression_probability: Probability
    compression: Uniform
    unsharp: Uniform
    s_curve_probability: Probability
    brightness: Uniform
    local_equalisation_probability: Probability
    automatic: AutomaticConfig = Field(default_factory=AutomaticConfig)


class DisplayConfig(Checked):
    jpeg_probability: Probability
    text_probability: Probability


class SurroundingsConfig(Checked):
    marker_probability: Probability
    button_probability: Probability
    zip_probability: Probability
    wire_probability: Probability
    bright_border_probability: Probability
    border_softness_mm: Uniform


class SimulatorConfig(Checked):
    """simulator.yaml: lengths in units of the L3 body's depth, angles in degrees."""

    anatomy: AnatomyConfig
    implants: ImplantsConfig
    framing: FramingConfig
    tissue: TissueConfig
    exposure: ExposureConfig
    display: DisplayConfig
    surroundings: SurroundingsConfig
    projection: ProjectionConfig = Field(default_factory=ProjectionConfig)


class _Changes(Checked):
    """A file that says only what differs from simulator.yaml."""

    anatomy: dict[str, Any] = Field(default_factory=dict)
    implants: dict[str, Any] = Field(default_factory=dict)
    framing: dict[str, Any] = Field(default_factory=dict)
    tissue: dict[str, Any] = Field(default_factory=dict)
    exposure: dict[str, Any] = Field(default_factory=dict)
    display: dict[str, Any] = Field(default_factory=dict)
    surroundings: dict[str, Any] = Field(default_factory=dict)
    projection: dict[str, Any] = Field(default_factory=dict)


def load_simulator_config(path: Path | None = None) -> SimulatorConfig:
    """The simulator's configuration: simulator.yaml, with the changes that another file makes to it.

    Raises:
        ConfigurationError: a file does not fit the schema.
    """
    base = load_checked(config_folder() / "simulator.yaml", SimulatorConfig)
    if path is None:
        return base
    changes = load_checked(path, _Changes).model_dump()
    content = base.model_dump()
    for section, values in changes.items():
        content[section] |= values
    return check(content, SimulatorConfig, path)


def hard_config() -> SimulatorConfig:
    """The configuration of the frozen, hard test set."""
    return load_simulator_config(config_folder() / "simulator_hard.yaml")
