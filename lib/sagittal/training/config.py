"""Schema of configs/training/*.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from sagittal.configuration import config_folder, load_checked
from sagittal.configuration.load import Checked

Positive = Annotated[float, Field(gt=0)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]


class StreamingConfig(Checked):
    """Films simulated while training, in place of the datalist's training films.

    Attributes:
        films: an epoch.
        patients: kept in stock, a process.
        films_per_patient: films that each gives on average before a new one takes its place.
        simulator: a file of changes to simulator.yaml, by path; None: simulator.yaml as it is.
    """

    films: Count
    patients: Annotated[int, Field(ge=4)] = 64
    films_per_patient: Count = 10
    simulator: str | None = None


class TrainingConfig(Checked):
    """How a network is trained.

    Attributes:
        network: name of a file in configs/networks, or the path of one.
        epochs: passes over the training films; `max_steps` and `max_minutes` (wall clock) end it earlier, and the
            schedule follows whichever comes first.
        patience: end also when so many epochs brought no better one; None: never.
        batch_size: films a step, of all processes together.
        input_size: side of the letterboxed square in pixels, a multiple of 32.
        alpha: weight of the segmentation loss; the value loss has 1 - alpha. No matter without value branch.
        value_scaling: `standardise` (mean 0, deviation 1) or `min_max` (0..1) over the training films.
        schedule: `constant`, or `cosine` down to zero after a linear warm-up of `warm_up` (fraction of the run).
        gradient_clip: largest norm of the gradient.
        ema: decay of the moving average of the weights that is validated and saved; None: the weights themselves.
        augmentation: bundle entries of random transforms: MONAI's of {"image": (1, H, W) in 0..1, "label": (1, H, W)
            class ids, "values": (V,)}, and those of `sagittal.training.augmentation`.
        columns: width of the strip around the labelled structures that training sees of the square: tall films leave
            its sides empty; None: all of it.
        pretrained: start the encoder from weights learned on photographs, where the network has such an encoder and
            no initial model is given.
        streaming: simulate the training films while training; the datalist's are for validation alone.
        cache_rate: fraction of the films that is kept in memory.
        workers: processes that augment, or draw streamed films; 0: the training process itself. A GPU augments itself,
            and films of a datalist need no others then.
        compile: let torch.compile make the network faster; where that fails, a note in the log and training goes on.
        measured_films: validation films on which the anatomy measures the network's masks at the end of an epoch.
        checkpoint_minutes: time between checkpoints within an epoch; what follows on the last is lost by a kill.
    """

    network: str
    epochs: Count
    batch_size: Count
    learning_rate: Positive
    optimizer: Literal["adam", "adamw"]
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    schedule: Literal["constant", "cosine"] = "constant"
    warm_up: Fraction = 0.0
    gradient_clip: Positive | None = None
    ema: Annotated[float, Field(gt=0, lt=1)] | None = None
    seed: int = 0
    input_size: Annotated[int, Field(ge=32, multiple_of=32)] = 512
    activation: Literal["sigmoid", "softmax"]
    segmentation_loss: Literal["binary_cross_entropy", "categorical_cross_entropy", "dice_cross_entropy"]
    alpha: Fraction = 0.9
    value_loss: Literal["mse"] = "mse"
    value_scaling: Literal["standardise", "min_max"] = "standardise"
    max_steps: Count | None = None
    max_minutes: Positive | None = None
    patience: Count | None = None
    augmentation: list[dict[str, Any]] = Field(default_factory=list)
    columns: Annotated[int, Field(ge=32, multiple_of=32)] | None = None
    pretrained: bool = False
    streaming: StreamingConfig | None = None
    cache_rate: Fraction = 1.0
    workers: Annotated[int, Field(ge=0)] = 0
    compile: bool = False
    measured_films: Annotated[int, Field(ge=0)] = 40
    checkpoint_minutes: Positive = 5.0

    @field_validator("augmentation")
    @classmethod
    def _name_targets(cls, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for entry in entries:
            if "_target_" not in entry:
                raise ValueError(f"every entry needs a _target_, got {entry}")
        return entries


def load_training_config(name_or_path: str | Path) -> TrainingConfig:
    """A file of configs/training by name, or any file by path.

    Raises:
        ConfigurationError: names the file and every key that is unknown, missing or of the wrong type.
    """
    path = Path(name_or_path)
    if path.suffix not in (".yaml", ".yml"):
        path = config_folder() / "training" / f"{name_or_path}.yaml"
    return load_checked(path, TrainingConfig)
