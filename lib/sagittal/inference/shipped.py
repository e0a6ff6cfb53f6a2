"""The models that ship with the package."""

from __future__ import annotations

from pathlib import Path

WEIGHTS = Path(__file__).parent.parent / "weights"


def shipped_model(name: str) -> Path:
    """Where the model file of that name (`spine`, `bilunet`, `mbnet`) ships; it may be missing from a bare checkout."""
    return WEIGHTS / f"{name}.pt"


def shipped_models() -> tuple[str, ...]:
    """Names of the models that are there."""
    return tuple(sorted(path.stem for path in WEIGHTS.glob("*.pt")))
