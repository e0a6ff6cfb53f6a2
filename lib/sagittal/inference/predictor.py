"""A trained network at work: film -> class mask and values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from sagittal.anatomy.definitions import default_definitions
from sagittal.films import Film
from sagittal.inference.landmark_peaks import LandmarkPeak, find_peaks
from sagittal.inference.preparation import Letterbox, class_scores, network_input, normalise, prepare_film
from sagittal.networks.model_file import ModelError, ModelFile, load_model
from sagittal.networks.spine_net import SpineNet, SpineOutput
from sagittal.networks.value_scale import ValueScale

SPREAD_ZOOMS = (0.9, 0.8)
# A second look is worth its time where what was found fills less than this share of the film. It is framed as training
# films are: with this margin, as a share of its longer side, beyond rows and columns with so many pixels found.
CLOSER = 0.75
MARGIN = 0.1
LEAST_RUN = 4


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
        """Which network it is: `spine`, `bilunet` or `mbnet`."""
        name = str(self.model.network["_target_"]).rpartition(".")[2].lower()
        return "spine" if name == "spinenet" else name

    @torch.inference_mode()
    def predict(self, film: Film, spread: bool = False) -> Prediction:
        """Segment a film and emit its values; with `spread` also run variants of it and tell how far they disagree."""
        image, letterbox = prepare_film(film, self.model.input_size)
        scores, beside = self._look(image)
        uncertainty = self._spread(image, scores) if spread else None
        if isinstance(self.network, SpineNet):
            mask, landmarks = self._second_look(film, letterbox, scores, beside)
            return Prediction(mask, None, landmarks, uncertainty)
        values = None if beside is None or self.scale is None else self._named(beside)
        return Prediction(on_film(scores, letterbox), values, (), uncertainty)

    def _look(self, image: Tensor) -> tuple[Tensor, Tensor | None]:
        """`_run`; of SpineNet the mean with a mirrored run: half of what depends on the side that the patient faces."""
        scores, beside = self._run(image)
        if not isinstance(self.network, SpineNet):
            return scores, beside
        mirrored, heat = self._run(image.flip(-1))
        assert beside is not None
        assert heat is not None
        return (scores + mirrored.flip(-1)) / 2, (beside + heat.flip(-1)) / 2

    def _second_look(
        self, film: Film, letterbox: Letterbox, scores: Tensor, heat: Tensor | None
    ) -> tuple[npt.NDArray[np.uint8], tuple[LandmarkPeak, ...]]:
        """Class mask and landmarks, from a closer look at what was found where that leaves much of the film out."""
        assert heat is not None
        kinds = default_definitions().landmark_channels
        top, bottom, left, right = found_window(scores, letterbox)
        rows, columns = film.shape
        if (bottom - top) * (right - left) > CLOSER * rows * columns:
            return on_film(scores, letterbox), find_peaks(heat, kinds, letterbox)
        part = normalise(film.pixels[top:bottom, left:right])
        closer = Letterbox.fit((bottom - top, right - left), self.model.input_size, film.pixel_aspect)
        scores, heat = self._look(closer.place(torch.from_numpy(part)[None]))
        assert heat is not None
        mask = np.zeros(film.shape, np.uint8)
        mask[top:bottom, left:right] = on_film(scores, closer)
        peaks = find_peaks(heat, kinds, closer)
        return mask, tuple(replace(peak, x=peak.x + left, y=peak.y + top) for peak in peaks)

    def _run(self, image: Tensor) -> tuple[Tensor, Tensor | None]:
        """(1, S, S) in 0..1 -> class scores (C, S, S) and what comes beside: scaled values (V,) or heat (K, S, S)."""
        prepared = network_input(image[None].to(self.device), int(self.network.in_channels))
        outputs = self.network(prepared.contiguous(memory_format=torch.channels_last))
        if isinstance(outputs, SpineOutput):
            full = outputs.at((image.shape[-2], image.shape[-1]))
            return class_scores(full.classes, self.model.activation)[0], full.landmarks[0].sigmoid()
        logits, values = outputs if isinstance(outputs, tuple) else (outputs, None)
        return class_scores(logits, self.model.activation)[0], None if values is None else values[0]

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


def on_film(scores: Tensor, letterbox: Letterbox) -> npt.NDArray[np.uint8]:
    """(C, S, S) class scores -> (rows, columns) class ids on the film's grid."""
    # Not argmax, which takes six times as long on a CPU.
    mask: npt.NDArray[np.uint8] = letterbox.restore(scores).max(dim=0).indices.to(torch.uint8).cpu().numpy()
    return mask


def found_window(scores: Tensor, letterbox: Letterbox) -> tuple[int, int, int, int]:
    """(top, bottom, left, right) in film pixels of all that (C, S, S) scores call foreground, with a margin.

    The whole film where next to nothing was found.
    """
    found = scores.max(dim=0).indices > 0
    rows, columns = (torch.nonzero(found.sum(dim=axis) >= LEAST_RUN).flatten().tolist() for axis in (1, 0))
    if not rows or not columns:
        return 0, letterbox.shape[0], 0, letterbox.shape[1]
    margin = MARGIN * max(rows[-1] - rows[0], columns[-1] - columns[0])
    left, top = letterbox.to_film(columns[0] - margin, rows[0] - margin)
    right, bottom = letterbox.to_film(columns[-1] + margin, rows[-1] + margin)
    film_rows, film_columns = letterbox.shape
    return max(0, int(top)), min(film_rows, int(bottom) + 1), max(0, int(left)), min(film_columns, int(right) + 1)


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
