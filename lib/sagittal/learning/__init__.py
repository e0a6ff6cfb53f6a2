"""Learning from corrections: what lies between a submitted label and new live weights. Knows no server."""

from sagittal.datasets.split import is_validation_film
from sagittal.learning.corrections import Correction, Skipped, labelled_film, write_training_set
from sagittal.learning.gate import GateDecision, decide
from sagittal.learning.model_store import LiveModel, ModelStore
from sagittal.learning.progress import TrainingProgress
from sagittal.learning.skipped import SkippedFilms
from sagittal.learning.submissions import Submissions
from sagittal.learning.uncertainty import UncertaintyScores

__all__ = [
    "Correction",
    "GateDecision",
    "LiveModel",
    "ModelStore",
    "Skipped",
    "SkippedFilms",
    "Submissions",
    "TrainingProgress",
    "UncertaintyScores",
    "decide",
    "is_validation_film",
    "labelled_film",
    "write_training_set",
]
