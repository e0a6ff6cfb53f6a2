"""Which checkpoint a user means."""

from __future__ import annotations

from pathlib import Path


def checkpoint_of(model: str) -> Path:
    """A shipped network by its name, else the checkpoint at a path.

    Raises:
        FileNotFoundError: there is neither.
    """
    from sagittal.inference import shipped_model

    if Path(model).suffix == ".pt":
        if not Path(model).is_file():
            raise FileNotFoundError(f"{model}: no such checkpoint")
        return Path(model)
    shipped = shipped_model(model)
    if not shipped.is_file():
        raise FileNotFoundError(
            f"no network '{model}' is shipped; name bilunet, mbnet or the path of a checkpoint (.pt)"
        )
    return shipped
