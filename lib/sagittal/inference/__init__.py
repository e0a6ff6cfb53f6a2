"""Inference: film -> mask and values -> inspection."""

from sagittal.inference.inspection import Inspection, inspect_film, inspect_mask
from sagittal.inference.predictor import Prediction, Predictor
from sagittal.inference.shipped import shipped_model, shipped_models
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
