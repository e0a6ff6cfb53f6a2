"""Scores of masks and parameters."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from sagittal.anatomy.definitions import Definitions, default_definitions

Mask = npt.NDArray[np.uint8]
Matrix = npt.NDArray[np.int64]
HEADS = ("femoral_head_1", "femoral_head_2")


def confusion_matrix(truth: Mask, found: Mask, classes: int) -> Matrix:
    """(classes, classes) pixel counts, a row per true and a column per found class; masks of one shape.

    Raises:
        ValueError: the shapes differ or an id is no class.
    """
    if truth.shape != found.shape:
        raise ValueError(f"Expected masks of one shape, got {truth.shape} and {found.shape}")
    if max(truth.max(initial=0), found.max(initial=0)) >= classes:
        raise ValueError(f"Expected class ids below {classes}, got {truth.max(initial=0)} and {found.max(initial=0)}")
    pairs = truth.astype(np.int64).ravel() * classes + found.ravel()
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)


def overlaps(confusion: Matrix) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """IoU and Dice per class; NaN for a class that is in neither mask."""
    common = np.diag(confusion).astype(np.float64)
    both = (confusion.sum(axis=0) + confusion.sum(axis=1)).astype(np.float64)
    with np.errstate(invalid="ignore"):
        return common / (both - common), 2 * common / both


def segmentation_scores(confusion: Matrix, definitions: Definitions | None = None) -> dict[str, float | None]:
    """`iou_<class>` and `dice_<class>`, both heads as one (`iou_femoral_heads`), and the means over the foreground.

    A class that is in neither mask has None and is left out of the means.
    """
    definitions = definitions or default_definitions()
    names = {label.id: name for name, label in definitions.classes.items()}
    iou, dice = overlaps(confusion)
    scores: dict[str, float | None] = {}
    for measure, values in (("iou", iou), ("dice", dice)):
        scores |= {f"{measure}_{names[index]}": number_or_none(value) for index, value in enumerate(values)}
        foreground = values[1:][np.isfinite(values[1:])]
        scores[f"mean_foreground_{measure}"] = float(foreground.mean()) if foreground.size else None
    merged_iou, merged_dice = overlaps(merge_heads(confusion, definitions))
    scores["iou_femoral_heads"] = number_or_none(merged_iou[definitions.classes[HEADS[0]].id])
    scores["dice_femoral_heads"] = number_or_none(merged_dice[definitions.classes[HEADS[0]].id])
    return scores


def merge_heads(confusion: Matrix, definitions: Definitions | None = None) -> Matrix:
    """Counts with head 2 taken for head 1."""
    first, second = head_ids(definitions)
    merged = confusion.copy()
    merged[first] += merged[second]
    merged[:, first] += merged[:, second]
    merged[second] = 0
    merged[:, second] = 0
    return merged


def match_heads(confusion: Matrix, definitions: Definitions | None = None) -> Matrix:
    """One film's counts with the found heads exchanged where that agrees better: a film does not tell them apart."""
    first, second = head_ids(definitions)
    exchanged = confusion.copy()
    exchanged[:, [first, second]] = confusion[:, [second, first]]
    agreement = [int(counts[first, first] + counts[second, second]) for counts in (confusion, exchanged)]
    return exchanged if agreement[1] > agreement[0] else confusion


def head_ids(definitions: Definitions | None = None) -> tuple[int, int]:
    classes = (definitions or default_definitions()).classes
    return classes[HEADS[0]].id, classes[HEADS[1]].id


def accuracy(name: str, error: float, definitions: Definitions | None = None) -> Mapping[str, float] | None:
    """Eq. 6 of MBNet: 1 - |error| / width of the standard range, None for a parameter without one.

    `published` has the width that the paper computed with (85 for SS), `corrected` that of the range itself.
    """
    parameter = (definitions or default_definitions()).parameters[name]
    if parameter.range is None:
        return None
    width = parameter.range[1] - parameter.range[0]
    return {
        "published": 1 - abs(error) / (parameter.published_range_width or width),
        "corrected": 1 - abs(error) / width,
    }


def number_or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
