"""Training of the networks."""

from sagittal.datasets import DatalistError
from sagittal.evaluation import evaluate_checkpoint
from sagittal.training.config import TrainingConfig, load_training_config
from sagittal.training.engine import TrainingResult, train
from sagittal.training.progress import Progress, read_progress
from sagittal.training.state import TrainingError

__all__ = [
    "DatalistError",
    "Progress",
    "TrainingConfig",
    "TrainingError",
    "TrainingResult",
    "evaluate_checkpoint",
    "load_training_config",
    "read_progress",
    "train",
]
