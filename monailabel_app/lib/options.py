"""What a user may set with `--conf NAME VALUE`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

ModelName = Literal["spine", "bilunet", "mbnet"]


class Options(BaseModel):
    """Options of the app; an unknown name is an error that lists the known ones."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: Path | None = None
    """Folder of trained models, logs and scores; default `<studies>/.sagittal`."""
    models: Path | None = None
    """Folder that holds spine.pt, bilunet.pt and mbnet.pt instead of the shipped weights."""
    train_after: Annotated[int, Field(ge=1)] = 5
    """Newly submitted final labels that start a training."""
    train_model: ModelName = "spine"
    """The model that such a training improves."""
    training: str = "corrections"
    """Training settings: a name in configs/training, or a file."""
    epochs: Annotated[int, Field(ge=1)] | None = None
    """Epochs of a training on corrections, where they differ from the training settings."""
    minimum_validation: Annotated[int, Field(ge=1)] = 3
    """With fewer labelled validation films, simulated ones join them."""
    simulated_validation: Annotated[int, Field(ge=1)] = 8
    """How many simulated validation films there are."""
    candidates: Annotated[int, Field(ge=1)] = 4
    """Films that one request for the most uncertain one may score anew."""
    server_mode: bool = False
    """MONAI Label's own."""

    @classmethod
    def read(cls, conf: Mapping[str, str]) -> Options:
        """Check what came from the command line.

        Raises:
            ValueError: names each option that is unknown or has a wrong value.
        """
        try:
            return cls.model_validate(dict(conf))
        except ValidationError as error:
            faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
            raise ValueError(f"--conf {faults}. Known options: {', '.join(cls.model_fields)}") from error

    def state_folder(self, studies: str) -> Path:
        """Where everything lives that changes while the server runs.

        Raises:
            ValueError: the studies are no folder and no state folder is set.
        """
        if self.state is not None:
            return self.state.expanduser().absolute()
        if studies.startswith(("http://", "https://")):
            raise ValueError("studies behind an address need a folder for trained models: --conf state DIR")
        return Path(studies).absolute() / ".sagittal"
