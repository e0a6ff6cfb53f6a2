"""A trained network at work: film -> class mask and values."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from sagittal.anatomy.definitions import Definitions, default_definitions
from sagittal.films import Film
from sagittal.inference.head_landmarks import part_heads, with_discs
from sagittal.inference.landmark_peaks import LandmarkPeak, find_peaks
from sagittal.inference.looks import DEFAULT_LOOKS, LOOKS, PLAIN, STRIDE, Look, mean_scores
from sagittal.inference.preparation import Letterbox, class_scores, network_input, normalise, prepare_film
from sagittal.networks.model_file import ModelError, ModelFile, load_model
from sagittal.networks.spine_net import SpineNet
from sagittal.networks.value_scale import ValueScale

# A closer look is worth its time where what was found fills less than this share of the film. It is framed as training
# films are: with this margin, as a share of its longer side, beyond rows and columns with so many pixels found.
CLOSER = 0.75
MARGIN = 0.1
LEAST_RUN = 4


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a network says of a film.

    `class_mask` is (rows, columns) uint8 of class ids on the film's own grid. `values` are those of the value branch
    by name, in degrees or %, None without one. `landmarks` are the peaks of its heat maps, if any, and the discs of the
    heads where it sees those; the heads of `class_mask` are then parted by these. `pixel_uncertainty`
    is (rows, columns) float32: the calibrated probability that a pixel's class is another; None where not asked for.
    """

    class_mask: npt.NDArray[np.uint8]
    values: Mapping[str, float] | None
    landmarks: tuple[LandmarkPeak, ...] = ()
    pixel_uncertainty: npt.NDArray[np.float32] | None = None


class Predictor:
    """Runs one trained network.

    Args:
        checkpoint: a model file (`.pt`).
        device: where to run; default: a GPU where there is one.
        looks: how SpineNet looks at a film (`LOOKS`); more looks take more time. Others look once.

    Raises:
        ModelError: the file is missing, no model file of ours, or does not fit this version.
        KeyError: no such looks.
    """

    def __init__(self, checkpoint: Path, device: torch.device | str | None = None, looks: str = DEFAULT_LOOKS) -> None:
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self.model = load_model(Path(checkpoint))
        try:
            self.scale = checked_scale(self.model)
            self.definitions = calibrated_definitions(self.model)
            network = self.model.build()
        except ModelError as error:
            raise ModelError(f"{checkpoint}: {error}; train the model again with this version") from error
        self.network = network.to(self.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._looks = LOOKS[looks]

    @property
    def name(self) -> str:
        """Which network it is: `spine`, `bilunet` or `mbnet`."""
        name = str(self.model.network["_target_"]).rpartition(".")[2].lower()
        return "spine" if name == "spinenet" else name

    @property
    def calibrated(self) -> bool:
        """Whether somebody measured how far to trust it; else its uncertainties are guesses on the wide side."""
        return self.model.calibration is not None

    @property
    def sees_landmarks(self) -> bool:
        """Whether it has heat maps of landmarks, and with them uncertainties of its own."""
        return isinstance(self.network, SpineNet)

    @torch.inference_mode()
    def predict(self, film: Film, pixel_uncertainty: bool = False) -> Prediction:
        """Segment a film and emit its values and landmarks."""
        image, letterbox = prepare_film(film, self.model.input_size)
        scores, beside = self._run(image, letterbox)
        if not self.sees_landmarks:
            values = None if beside is None or self.scale is None else self._named(beside)
            unsure = self._wrong_on_film(scores, letterbox) if pixel_uncertainty else None
            return Prediction(on_film(scores, letterbox), values, (), unsure)
        top, bottom, left, right = found_window(scores, letterbox)
        rows, columns = film.shape
        if (bottom - top) * (right - left) > CLOSER * rows * columns:
            top, bottom, left, right = 0, rows, 0, columns
        return self._closer(film, (top, bottom, left, right), pixel_uncertainty)

    @torch.inference_mode()
    def variants(self, film: Film, looks: Sequence[Look]) -> Iterator[npt.NDArray[np.uint8]]:
        """The class mask that each look alone gives, on the film's grid."""
        image, letterbox = prepare_film(film, self.model.input_size)
        for look in looks:
            yield on_film(self._looked(image, letterbox, look)[0], letterbox)

    @torch.inference_mode()
    def scores(self, film: Film) -> Tensor:
        """(C, S, S) class scores of one look at the whole film, on the network's grid (`prepare_film`)."""
        return self._run(*prepare_film(film, self.model.input_size))[0]

    def _closer(self, film: Film, window: tuple[int, int, int, int], pixel_uncertainty: bool) -> Prediction:
        """Class mask and landmarks of all looks at the part of the film where the first one found something."""
        top, bottom, left, right = window
        part = normalise(film.pixels[top:bottom, left:right])
        letterbox = Letterbox.fit((bottom - top, right - left), self.model.input_size, film.pixel_aspect)
        image = letterbox.place(torch.from_numpy(part)[None])
        seen = [self._looked(image, letterbox, look) for look in self._looks]
        scores, heat = (mean_scores([look[k] for look in seen]) for k in (0, 1))
        mask = np.zeros(film.shape, np.uint8)
        mask[top:bottom, left:right] = on_film(scores, letterbox)
        kinds, calibration = self.definitions.landmark_channels, self.definitions.calibration
        peaks = find_peaks(heat[: len(kinds)], kinds, letterbox, calibration)
        peaks = with_discs(peaks, heat[len(kinds) :], letterbox, calibration)
        landmarks = tuple(replace(peak, x=peak.x + left, y=peak.y + top) for peak in peaks)
        part_heads(mask, landmarks, film.pixel_aspect[0] / film.pixel_aspect[1])
        unsure = None
        if pixel_uncertainty:
            unsure = np.zeros(film.shape, np.float32)
            unsure[top:bottom, left:right] = self._wrong_on_film(scores, letterbox)
        return Prediction(mask, None, landmarks, unsure)

    def _looked(self, image: Tensor, letterbox: Letterbox, look: Look) -> tuple[Tensor, Tensor]:
        """What `_run` says of the image as a look sees it, on the image's own grid; SpineNet's heat, others' scores."""
        size = (image.shape[-2], image.shape[-1])
        scores, heat = self._run(look.of(image), letterbox, look)
        return look.back(scores, size), look.back(heat if self.sees_landmarks and heat is not None else scores, size)

    def _run(self, image: Tensor, letterbox: Letterbox, look: Look = PLAIN) -> tuple[Tensor, Tensor | None]:
        """(1, S, S) in 0..1 -> class scores (C, S, S) and what comes beside: scaled values (V,) or heat (K, S, S),
        and after the landmarks' heat the two maps of the heads where the network has them."""
        prepared = network_input(image[None].to(self.device), int(self.network.in_channels))
        if isinstance(self.network, SpineNet):
            return self._run_spine(prepared, letterbox, look)
        outputs = self.network(prepared.contiguous(memory_format=torch.channels_last))
        logits, values = outputs if isinstance(outputs, tuple) else (outputs, None)
        return class_scores(logits, self.model.activation)[0], None if values is None else values[0]

    def _run_spine(self, prepared: Tensor, letterbox: Letterbox, look: Look) -> tuple[Tensor, Tensor]:
        """Class scores and heat; the padding beside the film is not looked at: it is a third of the square."""
        rows, columns = (slice_of(k, letterbox, prepared.shape[-2:], look) for k in (0, 1))
        part = prepared[..., rows, columns].contiguous(memory_format=torch.channels_last)
        full = self.network(part).at((part.shape[-2], part.shape[-1]))
        found = class_scores(full.classes, self.model.activation)[0]
        scores = torch.zeros(len(found), *prepared.shape[-2:], device=found.device)
        scores[0] = 1.0
        logits = full.landmarks[0] if full.heads is None else torch.cat([full.landmarks[0], full.heads[0]])
        heat = torch.zeros(len(logits), *prepared.shape[-2:], device=found.device)
        scores[:, rows, columns], heat[:, rows, columns] = found, logits.sigmoid()
        return scores, heat

    def _wrong_on_film(self, scores: Tensor, letterbox: Letterbox) -> npt.NDArray[np.float32]:
        """(C, S, S) class scores -> (rows, columns) calibrated probability that the likeliest class is wrong."""
        likeliest = softened(scores, self.definitions.calibration["temperature"]).max(dim=0).values
        wrong: npt.NDArray[np.float32] = (1 - letterbox.restore(likeliest[None])[0]).clamp(0, 1).cpu().numpy()
        return wrong

    def _named(self, scaled: Tensor) -> dict[str, float]:
        assert self.scale is not None
        values = self.scale.invert(scaled.double().cpu().numpy())
        return {name: float(value) for name, value in zip(self.model.value_names, values, strict=True)}


def slice_of(axis: int, letterbox: Letterbox, size: Sequence[int], look: Look = PLAIN) -> slice:
    """Where along an axis the film lies in a look's picture of (rows, columns), widened to a multiple of the stride."""
    scale = size[axis] / letterbox.size
    start, length = letterbox.offset[axis] * scale, letterbox.inner[axis] * scale
    wide = min(size[axis], math.ceil(length / STRIDE) * STRIDE)
    first = min(max(0, round(start - (wide - length) / 2)), size[axis] - wide)
    if axis == 1 and look.mirrored:
        first = size[axis] - wide - first
    return slice(first, first + wide)


def on_film(scores: Tensor, letterbox: Letterbox) -> npt.NDArray[np.uint8]:
    """(C, S, S) class scores -> (rows, columns) class ids on the film's grid."""
    # Not argmax, which takes six times as long on a CPU.
    mask: npt.NDArray[np.uint8] = letterbox.restore(scores).max(dim=0).indices.to(torch.uint8).cpu().numpy()
    return mask


def softened(scores: Tensor, temperature: float) -> Tensor:
    """(C, ...) class scores as probabilities that sum to 1, softened by a temperature (Guo 2017)."""
    return (scores.clamp(min=1e-7).log() / temperature).softmax(dim=0)


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


def calibrated_definitions(model: ModelFile) -> Definitions:
    """The definitions with the model's own calibration.

    A constant that it lacks (an older file, or all of them: nobody calibrated it) is that of configs/calibration.yaml;
    one that this version does not know is left out.

    Raises:
        ModelError: a constant is no positive number.
    """
    definitions = default_definitions()
    own = model.calibration or {}
    try:
        known = {name: float(own.get(name, usual)) for name, usual in definitions.calibration.items()}
    except (AttributeError, TypeError, ValueError) as error:
        raise ModelError(f"its calibration is damaged ({error!r})") from error
    # Powers may be 0, which is no deviation.
    wrong = [n for n, value in known.items() if not math.isfinite(value) or value < 0 or not (value or "power" in n)]
    if wrong:
        raise ModelError(f"its calibration is damaged (no positive numbers: {', '.join(wrong)})")
    return replace(definitions, calibration=known)


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
