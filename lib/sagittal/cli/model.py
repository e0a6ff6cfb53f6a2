"""Which checkpoint a user means."""

from __future__ import annotations

from pathlib import Path


def checkpoint_of(model: str) -> Path:
    """A shipped network by its name, else the checkpoint at a path.

    Raises:
        FileNotFoundError: there is neither.
    """
    from sagittal.inference import shipped_model, shipped_models

    if Path(model).suffix == ".pt":
        if not Path(model).is_file():
            raise FileNotFoundError(f"{model}: no such checkpoint")
        return Path(model)
    if model not in shipped_models():
        there = ", ".join(shipped_models()) or "none"
        raise FileNotFoundError(f"no network '{model}' is shipped (there: {there}); name one, or a checkpoint (.pt)")
    return shipped_model(model)
