"""The check at work: film -> view."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import torch
from torch.nn import functional

from sagittal.inference.preparation import network_input
from sagittal.networks.efficientnet_lite import FEATURES, EfficientNetLite
from sagittal.view.classifier import Matrix, ViewClassifier
from sagittal.view.kinds import View
from sagittal.view.picture import Picture, prepared, symmetry

# Which of the encoder's features are looked at, by their channels (1/16 and 1/32 of the picture), and how finely:
# coarse enough to bear another framing, fine enough to tell up from down.
LEVELS = (3, 4)
GRID = (3, 2)


class FeatureExtractor:
    """Features of pictures: those of an encoder that learned from photographs and never saw a film, and symmetry.

    That it never saw one is the point: new weights of the default network change nothing here.

    Raises:
        ModuleNotFoundError: the package with the encoder's weights is not installed.
    """

    def __init__(self) -> None:
        self._encoder = EfficientNetLite()
        self._encoder.load_pretrained()
        self._encoder.eval()

    @torch.inference_mode()
    def __call__(self, pictures: Sequence[Picture]) -> Matrix:
        """Pictures as `prepared` makes them -> (N, F)."""
        found = self._encoder(network_input(torch.from_numpy(np.stack(pictures))[:, None], 3))
        pooled = [functional.adaptive_avg_pool2d(found[level], GRID).flatten(1).numpy() for level in LEVELS]
        shape = np.array([symmetry(picture) for picture in pictures], np.float32)
        return np.concatenate([*pooled, shape], axis=1)


FEATURE_COUNT = sum(FEATURES[level] for level in LEVELS) * GRID[0] * GRID[1] + 3


class ViewCheck:
    """Tells of a film's pixels what they look like."""

    def __init__(self, classifier: ViewClassifier | None = None) -> None:
        self._features = FeatureExtractor()
        self._classifier = classifier or ViewClassifier.load()

    def __call__(self, pixels: Picture) -> View:
        """(rows, columns) display values, bone bright -> view."""
        return self._classifier.view(self._features([prepared(pixels)])[0])


@cache
def view_check() -> ViewCheck:
    """The check with the classifier that ships.

    Raises:
        ViewError: the classifier's file is missing or damaged.
    """
    return ViewCheck()
