"""Schemas of labels.yaml and parameters.yaml."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from sagittal.configuration.load import Checked

Channel = Annotated[int, Field(ge=0, le=255)]
Color = Annotated[list[Channel], Field(min_length=3, max_length=3)]


class LabelClass(Checked):
    id: Channel
    color: Color


class Structure(Checked):
    id: Annotated[int, Field(ge=1, le=255)]
    class_: str = Field(alias="class")
    color: Color
    code: str
    meaning: str


Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class Labels(Checked):
    """labels.yaml."""

    classes: dict[str, LabelClass]
    structures: dict[str, Structure]
    levels_from_sacrum: list[str]
    landmark_channels: list[str]

    @model_validator(mode="after")
    def _refer_to_each_other(self) -> Labels:
        class_ids = [label.id for label in self.classes.values()]
        ids = [structure.id for structure in self.structures.values()]
        if len({*ids, *class_ids}) != len(ids) + len(class_ids):
            raise ValueError("ids of classes and structures must all differ")
        for name, structure in self.structures.items():
            if structure.class_ not in self.classes:
                raise ValueError(f"structure {name} names an unknown class {structure.class_}")
        for level in self.levels_from_sacrum:
            if level not in self.structures:
                raise ValueError(f"levels_from_sacrum names an unknown structure {level}")
        return self


class Parameter(Checked):
    title: str
    unit: str
    definition: str
    range: Annotated[list[float], Field(min_length=2, max_length=2)] | None
    source: str
    published_range_width: float | None = None


class Parameters(Checked):
    """parameters.yaml."""

    parameters: dict[str, Parameter]
    ldi_minimum_lordosis: float
    value_branch: list[str]

    @model_validator(mode="after")
    def _refer_to_each_other(self) -> Parameters:
        unknown = [name for name in self.value_branch if name not in self.parameters]
        if unknown:
            raise ValueError(f"value_branch names unknown parameters {unknown}")
        for name, parameter in self.parameters.items():
            if parameter.range is not None and parameter.range[0] >= parameter.range[1]:
                raise ValueError(f"parameter {name}: range must rise, got {parameter.range}")
        return self


class UncertaintyModel(Checked):
    """Constants of `sagittal.anatomy.uncertainty`."""

    plate_floor: Positive
    plate_stair: Positive
    plate_gain: Positive
    plate_pooled: Share
    hidden_factor: Positive
    head_gain: Positive
    single_head: Positive
    tilt_floor: Positive
    tilt_s1_gain: Positive


class Uncertainty(Checked):
    """uncertainty.yaml."""

    uncertainty: UncertaintyModel


class SpacingPriors(Checked):
    """Priors of `sagittal.anatomy.chain`."""

    pitch: Positive
    neighbours: Positive
    neighbours_spread: Positive
    sacrum: Positive
    sacrum_spread: Positive
    sacrum_step: Positive
    spread_per_missed: Positive
    size_spread: Positive
    turn_spread: Positive


class Spacing(Checked):
    """spacing.yaml."""

    spacing: SpacingPriors


class SlopePriors(Checked):
    """Priors of `sagittal.anatomy.slope_prior`: by level [usual, standard deviation] in degrees."""

    wedges: dict[str, Annotated[list[float], Field(min_length=2, max_length=2)]]
    discs: dict[str, Annotated[list[float], Field(min_length=2, max_length=2)]]


class Slopes(Checked):
    """slopes.yaml."""

    slopes: SlopePriors


class FusionModel(Checked):
    """Constants of `sagittal.anatomy.fusion`, `s1_hypotheses` and `recut`, and of `slope_prior.settle_plates`."""

    gate: Positive
    noise_height: Share
    candidates: Annotated[int, Field(ge=1)]
    mask_plate_right: Share
    elsewhere: Positive
    plate_length: Positive
    plate_length_spread: Positive
    plate_opening: float
    plate_opening_spread: Positive
    plate_distance: Positive
    plate_distance_spread: Positive
    sacral_slope: float
    sacral_slope_spread: Positive
    unseen_plate: Share
    sure: Share
    unseen_height: Share
    usual_height: Share
    known_plate: Positive
    disc_height: Share
    plate_length_off: Positive
    thickest_disc: Positive
    usual_disc: Positive
    thinnest_disc: Positive
    farthest_slip: Positive
    most_oblique: Annotated[float, Field(gt=0, le=90)]
    oblique_reach: Positive
    recut_share: Share
    shortest_plate: Positive
    longest_plate: Positive
    plate_slack: Positive
    plate_half: Positive
    least_piece: Positive
    least_height: Share
    nearest_head: Positive
    farthest_head: Positive
    usual_head_radius: Positive


class FusionFile(Checked):
    """fusion.yaml."""

    fusion: FusionModel


class QualityModel(Checked):
    """Limits of `sagittal.anatomy.quality` and what labelling a film gains."""

    caution_half_width: Positive
    stop_half_width: Positive
    adult_spread: dict[str, Positive]


class QualityFile(Checked):
    """quality.yaml."""

    quality: QualityModel


class CalibrationModel(Checked):
    """How far to trust the landmarks, mask and class scores of a network of which nobody measured it."""

    temperature: Positive
    corner_deviation: Positive
    corner_power: float
    s1_deviation: Positive
    s1_power: float
    head_deviation: Positive
    head_power: float
    mask_corner_along: Positive
    mask_corner_across: Positive
    mask_corner_power: float
    mask_s1_along: Positive
    mask_s1_across: Positive
    mask_s1_power: float
    mask_head: Positive
    body_gain: Positive
    l5_gain: Positive
    l1_gain: Positive
    s1_gain: Positive
    tilt_gain: Positive
    landmark_gain: Positive


class CalibrationFile(Checked):
    """calibration.yaml."""

    calibration: CalibrationModel
