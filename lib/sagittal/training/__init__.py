"""Training of the networks."""

from sagittal.datasets import DatalistError
from sagittal.evaluation import evaluate_checkpoint
from sagittal.training.config import TrainingConfig, load_training_config
from sagittal.training.engine import TrainingResult, train
from sagittal.training.state import TrainingError

__all__ = [
    "DatalistError",
    "TrainingConfig",
    "TrainingError",
    "TrainingResult",
    "evaluate_checkpoint",
    "load_training_config",
    "train",
]
