"""A trained network at work: film -> class mask and values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from sagittal.anatomy.definitions import default_definitions
from sagittal.films import Film
from sagittal.inference.landmark_peaks import LandmarkPeak, find_peaks
from sagittal.inference.preparation import Letterbox, class_scores, network_input, prepare_film
from sagittal.networks.model_file import ModelError, ModelFile, load_model
from sagittal.networks.spine_net import SpineOutput
from sagittal.networks.value_scale import ValueScale

SPREAD_ZOOMS = (0.9, 0.8)


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a network says of a film.

    `class_mask` is (rows, columns) uint8 of class ids on the film's own grid. `values` are those of the value branch
    by name, in degrees or %, None without one. `landmarks` are the peaks of its
    heat maps, if any. `uncertainty` is the test-time spread in 0..1, None where not asked for.
    """

    class_mask: npt.NDArray[np.uint8]
    values: Mapping[str, float] | None
    landmarks: tuple[LandmarkPeak, ...] = ()
    uncertainty: float | None = None


class Predictor:
    """Runs one trained network.

    Args:
        checkpoint: a model file (`.pt`).
        device: where to run; default: a GPU where there is one.

    Raises:
        ModelError: the file is missing, no model file of ours, or does not fit this version.
    """

    def __init__(self, checkpoint: Path, device: torch.device | str | None = None) -> None:
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self.model = load_model(Path(checkpoint))
        try:
            self.scale = checked_scale(self.model)
            network = self.model.build()
        except ModelError as error:
            raise ModelError(f"{checkpoint}: {error}; train the model again with this version") from error
        self.network = network.to(self.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @property
    def name(self) -> str:
        """Which network it is: `bilunet` or `mbnet`."""
        return str(self.model.network["_target_"]).rpartition(".")[2].lower()

    @torch.inference_mode()
    def predict(self, film: Film, spread: bool = False) -> Prediction:
        """Segment a film and emit its values; with `spread` also run variants of it and tell how far they disagree."""
        image, letterbox = prepare_film(film, self.model.input_size)
        scores, beside = self._run(image)
        # Not argmax, which takes six times as long on a CPU.
        mask = letterbox.restore(scores).max(dim=0).indices.to(torch.uint8).cpu().numpy()
        return Prediction(
            class_mask=mask,
            values=None if beside is None or self.scale is None else self._named(beside),
            landmarks=() if beside is None or self.scale is not None else self._peaks(beside, letterbox),
            uncertainty=self._spread(image, scores) if spread else None,
        )

    def _run(self, image: Tensor) -> tuple[Tensor, Tensor | None]:
        """(1, S, S) in 0..1 -> class scores (C, S, S) and what comes beside: scaled values (V,) or heat (K, S, S)."""
        prepared = network_input(image[None].to(self.device), int(self.network.in_channels))
        outputs = self.network(prepared.contiguous(memory_format=torch.channels_last))
        if isinstance(outputs, SpineOutput):
            return class_scores(outputs.classes, self.model.activation)[0], outputs.landmarks[0].sigmoid()
        logits, values = outputs if isinstance(outputs, tuple) else (outputs, None)
        return class_scores(logits, self.model.activation)[0], None if values is None else values[0]

    @staticmethod
    def _peaks(heat: Tensor, letterbox: Letterbox) -> tuple[LandmarkPeak, ...]:
        return find_peaks(heat, default_definitions().landmark_channels, letterbox)

    def _named(self, scaled: Tensor) -> dict[str, float]:
        assert self.scale is not None
        values = self.scale.invert(scaled.double().cpu().numpy())
        return {name: float(value) for name, value in zip(self.model.value_names, values, strict=True)}

    def _spread(self, image: Tensor, scores: Tensor) -> float:
        """1 - mean Dice of the film's mask with those of a mirrored and of smaller copies; 1 when nothing is found."""
        mask = scores.argmax(dim=0)
        variants = [self._run(image.flip(-1))[0].flip(-1).argmax(dim=0)]
        variants += [zoomed(self._run(zoomed(image, zoom))[0], 1 / zoom).argmax(dim=0) for zoom in SPREAD_ZOOMS]
        agreements = [mean_dice(mask, variant, len(self.model.classes)) for variant in variants]
        return 1 - sum(agreements) / len(agreements)


def zoomed(image: Tensor, zoom: float) -> Tensor:
    """(C, S, S) magnified about its centre, zeros around."""
    matrix = torch.tensor([[[1 / zoom, 0, 0], [0, 1 / zoom, 0]]], device=image.device, dtype=image.dtype)
    grid = functional.affine_grid(matrix, [1, *image.shape], align_corners=False)
    return functional.grid_sample(image[None], grid, align_corners=False)[0]


def mean_dice(first: Tensor, second: Tensor, classes: int) -> float:
    """Mean Dice over the foreground classes that are in either mask; 0 when there are none."""
    dices = []
    for label in range(1, classes):
        one, other = first == label, second == label
        pixels = int(one.sum() + other.sum())
        if pixels:
            dices.append(2 * int((one & other).sum()) / pixels)
    return sum(dices) / len(dices) if dices else 0.0


def checked_scale(model: ModelFile) -> ValueScale | None:
    """The scale of a model's values, None without value branch.

    Raises:
        ModelError: classes, values or scale are not those of this version.
    """
    definitions = default_definitions()
    if model.classes != tuple(definitions.classes):
        raise ModelError(f"it has the classes {model.classes}, this version {tuple(definitions.classes)}")
    if model.activation not in ("softmax", "sigmoid"):
        raise ModelError(f"it has an unknown activation {model.activation!r}")
    has_branch = isinstance(model.network, Mapping) and str(model.network.get("_target_")).endswith(".MBNet")
    if not has_branch:
        return None
    if model.value_names != definitions.value_branch:
        raise ModelError(f"it has the values {model.value_names}, this version {definitions.value_branch}")
    try:
        scale = ValueScale.from_dict(model.value_scale or {})
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"the scale of its values is damaged ({error!r})") from error
    if len(scale.offset) != len(model.value_names) or not all(map(math.isfinite, [*scale.offset, *scale.factor])):
        raise ModelError("the scale of its values is damaged")
    return scale
