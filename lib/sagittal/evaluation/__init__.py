"""Evaluation: scores of masks, parameters and trained networks."""

from sagittal.evaluation.checkpoint import evaluate_checkpoint
from sagittal.evaluation.metrics import (
    accuracy,
    confusion_matrix,
    match_heads,
    merge_heads,
    overlaps,
    segmentation_scores,
)

__all__ = [
    "accuracy",
    "confusion_matrix",
    "evaluate_checkpoint",
    "match_heads",
    "merge_heads",
    "overlaps",
    "segmentation_scores",
]
