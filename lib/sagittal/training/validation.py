"""Scores on the validation films, on the network's grid."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage
from torch import Tensor, nn

from sagittal.anatomy import measure_mask
from sagittal.anatomy.definitions import default_definitions
from sagittal.evaluation.metrics import confusion_matrix, number_or_none, segmentation_scores
from sagittal.inference.head_landmarks import part_heads, with_discs
from sagittal.inference.landmark_peaks import LandmarkPeak, find_peaks
from sagittal.inference.preparation import Letterbox, network_input
from sagittal.networks.spine_net import SpineOutput
from sagittal.networks.value_scale import ValueScale
from sagittal.training.films import Draw, Films

Mask = npt.NDArray[np.uint8]
Values = npt.NDArray[np.float64]

# A landmark farther from its peak than this share of the side is not found; an angle that is absent or more than so
# many degrees off is not measured.
FARTHEST = 0.03
WORST_ANGLE = 20.0
# The angles that a film is judged by; what else there is follows from these or from their parts.
JUDGED = ("PI", "PT", "SS", "LL", "L4S1")
# A spine has some ten pieces. A mask of more than this is noise, on which the anatomy spends minutes in vain.
MOST_PIECES = 80


@torch.inference_mode()
def validate(
    network: nn.Module, films: Films, batch_size: int, scale: ValueScale | None, measured_films: int
) -> dict[str, float | None]:
    """Scores of a network, and `selection_score`, by which the best epoch is chosen.

    Over all films `segmentation_scores`; with heat maps `landmark_score`, 1 where every landmark has its peak in its
    place, 0 where none is near; with a value branch `mae_<value>` in degrees or %, None where unknown, and
    `value_score`. On the first `measured_films` films the anatomy measures the network's mask (and landmarks):
    `measured_mae_<parameter>` over those present, and `parameter_score`. Both scores are 1 where every angle of JUDGED
    is right, 0 where all are absent or WORST_ANGLE off.

    The network is left in evaluation mode.
    """
    network.eval()
    classes = int(network.out_channels)  # type: ignore[arg-type]
    device = next(network.parameters()).device
    confusion = np.zeros((classes, classes), dtype=np.int64)
    emitted: list[Values] = []
    measured: list[Values] = []
    distances: list[float] = []
    for start in range(0, len(films), batch_size):
        batch = films.__getitems__([Draw(0, film) for film in range(start, min(start + batch_size, len(films)))])
        outputs = network(network_input(batch["image"].to(device), int(network.in_channels)))  # type: ignore[arg-type]
        logits, values = split_outputs(outputs)
        found = logits.argmax(dim=1).to(torch.uint8).cpu().numpy()
        truth = batch["values"].double().cpu().numpy()
        confusion += confusion_matrix(batch["label"][:, 0].cpu().numpy(), found, classes)
        peaks = peaks_of(outputs, logits.shape[-1])
        if peaks:
            known = batch["heat_known"].tolist()
            distances += landmark_distances(peaks, batch["heat"], known)
        if values is not None and scale is not None:
            emitted.append(scale.invert(values.double().cpu().numpy()) - truth)
        for film in range(min(len(found), measured_films - start)):
            measured.append(measured_values(found[film], peaks[film] if peaks else ()) - truth[film])
            # What is absent in truth has no error; what is absent in the measurement alone has an infinite one.
            missed = np.isnan(measured[-1]) & np.isfinite(truth[film])
            measured[-1][missed] = math.inf
    scores = segmentation_scores(confusion)
    if distances:
        scores["landmark_score"] = number_or_none(1 - float(np.mean(distances)) / FARTHEST)
    if emitted:
        scores |= mean_absolute("mae", np.concatenate(emitted))
        scores["value_score"] = angle_score(np.concatenate(emitted))
    if measured:
        scores |= mean_absolute("measured_mae", np.array(measured))
        scores["parameter_score"] = angle_score(np.array(measured))
    return scores | {"selection_score": selection_score(scores)}


def selection_score(scores: Mapping[str, float | None]) -> float:
    """What the best epoch is best at: the mean of the scores of landmarks and of angles that there are.

    Areas count one part in a hundred beside it: they decide while a network is too young for anything to be measured.
    """
    parts = [scores.get(name) for name in ("landmark_score", "parameter_score", "value_score")]
    known = [part for part in parts if part is not None]
    return (sum(known) / len(known) if known else 0.0) + 0.01 * (scores["mean_foreground_iou"] or 0.0)


def angle_score(errors: Values) -> float | None:
    """(films, V) errors, NaN where there is no truth -> 1 where all of JUDGED are right, 0 where all are far off."""
    names = default_definitions().value_branch
    judged = np.abs(errors[:, [names.index(name) for name in JUDGED]])
    known = judged[~np.isnan(judged)]
    return 1 - float(np.minimum(known, WORST_ANGLE).mean()) / WORST_ANGLE if known.size else None


def measured_values(mask: Mask, peaks: tuple[LandmarkPeak, ...]) -> Values:
    """What the anatomy measures on (S, S) class ids and landmarks, in the order of the value branch; NaN: absent.

    The letterbox keeps the film's proportions, so its angles are the film's.
    """
    names = default_definitions().value_branch
    if any(ndimage.label(mask == label)[1] > MOST_PIECES for label in range(1, int(mask.max(initial=0)) + 1)):
        return np.full(len(names), math.nan)
    parted = mask.copy()
    part_heads(parted, peaks, 1.0)
    found = measure_mask(parted, seen=peaks).parameters
    return np.array([math.nan if (value := found[name].value) is None else value for name in names])


def peaks_of(outputs: object, side: int) -> list[tuple[LandmarkPeak, ...]]:
    """The landmarks that a network sees on each film, on a grid of `side`; none without heat maps."""
    if not isinstance(outputs, SpineOutput):
        return []
    letterbox, kinds = Letterbox.fit((side, side), side), default_definitions().landmark_channels
    full = outputs.at((side, side))
    heats = full.landmarks.sigmoid()
    discs = heats[:, :0] if full.heads is None else full.heads.sigmoid()
    return [
        with_discs(find_peaks(heat, kinds, letterbox), maps, letterbox) for heat, maps in zip(heats, discs, strict=True)
    ]


def landmark_distances(peaks: list[tuple[LandmarkPeak, ...]], truth: Tensor, known: list[bool]) -> list[float]:
    """How far the nearest peak of its kind is from each true landmark, in shares of the grid's side, at most FARTHEST.

    `truth` (films, K, S, S) are heat maps of 0..255, of films that are `known`.
    """
    side = truth.shape[-1]
    letterbox, kinds = Letterbox.fit((side, side), side), default_definitions().landmark_channels
    distances = []
    for found, true_heat in ((found, heat) for found, heat, told in zip(peaks, truth, known, strict=True) if told):
        for true in find_peaks(true_heat.float() / 255, kinds, letterbox):
            away = (math.hypot(peak.x - true.x, peak.y - true.y) for peak in found if peak.kind == true.kind)
            distances.append(min(min(away, default=math.inf) / side, FARTHEST))
    return distances


def split_outputs(outputs: Tensor | tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor | None]:
    """Class logits and, of a network that has a value branch, its values."""
    if isinstance(outputs, SpineOutput):
        rows, columns = outputs.classes.shape[-2:]
        return outputs.at((2 * rows, 2 * columns)).classes, None
    return outputs if isinstance(outputs, tuple) else (outputs, None)


def mean_absolute(prefix: str, errors: Values) -> dict[str, float | None]:
    """(films, V) errors -> `<prefix>_<value>` over those that are finite."""
    scores: dict[str, float | None] = {}
    for name, column in zip(default_definitions().value_branch, errors.T, strict=True):
        known = np.abs(column[np.isfinite(column)])
        scores[f"{prefix}_{name}"] = number_or_none(known.mean()) if known.size else None
    return scores
