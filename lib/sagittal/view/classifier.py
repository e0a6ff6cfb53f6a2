"""The classifier of views: a softmax over standardised features, fitted once and kept in a small file."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sagittal.view.kinds import KINDS, LATERAL, View

Matrix = npt.NDArray[np.float32]
WEIGHTS = Path(__file__).parent.parent / "weights" / "view.npz"


class ViewError(ValueError):
    """The classifier's file is missing, damaged, or of another version."""


@dataclass(frozen=True, eq=False)
class ViewClassifier:
    """`mean` and `scale` (F,) of the features, `weights` (F, kinds) and `bias` (kinds,)."""

    mean: Matrix
    scale: Matrix
    weights: Matrix
    bias: Matrix

    def probabilities(self, features: Matrix) -> Matrix:
        """(N, F) features -> (N, kinds), in the order of `KINDS`."""
        logits = (features - self.mean) / self.scale @ self.weights + self.bias
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))

    def view(self, features: Matrix) -> View:
        """The view of one picture by its features (F,)."""
        probabilities = self.probabilities(features[None])[0]
        return View(KINDS[int(probabilities.argmax())], float(probabilities[KINDS.index(LATERAL)]))

    def save(self, path: Path) -> None:
        np.savez_compressed(path, kinds=np.array(KINDS), **{k: v.astype(np.float16) for k, v in self._arrays().items()})

    def _arrays(self) -> dict[str, Matrix]:
        return {"mean": self.mean, "scale": self.scale, "weights": self.weights, "bias": self.bias}

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> ViewClassifier:
        """Read what `save` wrote.

        Raises:
            ViewError: the file is missing, damaged, or knows other kinds of pictures than this version.
        """
        advice = "fit it again with `sagittal fit-view`"
        try:
            with np.load(path, allow_pickle=False) as content:
                if tuple(content["kinds"].tolist()) != KINDS:
                    raise ViewError(f"{path}: knows other kinds of pictures than this version; {advice}")
                arrays = {name: content[name].astype(np.float32) for name in ("mean", "scale", "weights", "bias")}
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
            if isinstance(error, ViewError):
                raise
            raise ViewError(f"{path}: cannot be read as the view check's classifier ({error}); {advice}") from error
        return cls(**arrays)
