"""Inference: film -> mask and values -> inspection. What needs torch is imported when it is asked for."""

from typing import TYPE_CHECKING, Any

from sagittal.inference.inspection import Inspection, inspect_film, inspect_mask
from sagittal.inference.shipped import shipped_model, shipped_models

if TYPE_CHECKING:
    from sagittal.inference.predictor import Prediction, Predictor
    from sagittal.networks.model_file import ModelError

__all__ = [
    "Inspection",
    "ModelError",
    "Prediction",
    "Predictor",
    "inspect_film",
    "inspect_mask",
    "shipped_model",
    "shipped_models",
]


def __getattr__(name: str) -> Any:
    if name in ("Prediction", "Predictor", "ModelError"):
        from sagittal.inference import predictor

        return getattr(predictor, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
