"""What a network sees on a film, beside the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from sagittal.anatomy import Landmarks, measure_mask
from sagittal.anatomy.definitions import Definitions
from sagittal.anatomy.landmarks import Side
from sagittal.anatomy.measurement import Measurement
from sagittal.datasets import read_landmarks
from sagittal.datasets.layout import Entry
from sagittal.films import Film, read_film, read_mask
from sagittal.inference.landmark_peaks import LandmarkPeak, grid_deviation
from sagittal.inference.predictor import Predictor
from sagittal.inference.preparation import prepare_film

PIXELS = 1500  # of each film, for the temperature


@dataclass(frozen=True, eq=False)
class Truth:
    """What is right on a film: (rows, columns) class ids, landmarks in film pixels, values (None: absent)."""

    class_mask: npt.NDArray[np.uint8]
    landmarks: Landmarks
    values: Mapping[str, float | None]


@dataclass(frozen=True, eq=False)
class SeenFilm:
    """What a network sees on a film with square pixels, and the truth.

    `calibration` are the constants that the covariances of the `peaks` rest on. `pixels` are class scores (N, C) at
    random pixels of the network's grid and the true class of each (N,).
    """

    mask: npt.NDArray[np.uint8]
    peaks: tuple[LandmarkPeak, ...]
    calibration: Mapping[str, float]
    pixels: tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]
    anterior: Side | None
    truth: Truth


def truth_of(entry: Entry) -> tuple[Film, Truth]:
    """The film of a datalist's entry (paths made absolute) with its mask and, where it has them, landmarks and values;
    what it lacks is measured on the mask.

    Raises:
        FilmError, DatalistError: name the file that cannot be used.
        ValueError: the entry has no mask.
    """
    if entry.label is None:
        raise ValueError(f"{entry.image}: has no mask; a calibration needs one of each film")
    film = read_film(Path(entry.image))
    mask = read_mask(Path(entry.label), film.shape)
    if entry.landmarks is not None and entry.parameters is not None:
        return film, Truth(mask, read_landmarks(Path(entry.landmarks)), entry.parameters)
    measured = measure_mask(mask, pixel_aspect=film.pixel_aspect, anterior=film.anterior)
    landmarks = measured.landmarks if entry.landmarks is None else read_landmarks(Path(entry.landmarks))
    values = {name: parameter.value for name, parameter in measured.parameters.items()}
    return film, Truth(mask, landmarks, entry.parameters or values)


def look_at(film: Film, truth: Truth, predictor: Predictor, seed: int) -> SeenFilm:
    """What the network sees; the seed draws the pixels."""
    prediction = predictor.predict(film)
    return SeenFilm(
        prediction.class_mask,
        prediction.landmarks,
        predictor.definitions.calibration,
        _pixels(predictor, film, truth.class_mask, seed),
        film.anterior,
        truth,
    )


def _pixels(
    predictor: Predictor, film: Film, truth: npt.NDArray[np.uint8], seed: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    scores = predictor.scores(film)
    _, letterbox = prepare_film(film, predictor.model.input_size)
    label = letterbox.place_label(torch.tensor(truth)[None])[0].numpy()
    (top, left), (rows, columns) = letterbox.offset, letterbox.inner
    rng = np.random.default_rng(seed)
    y, x = top + rng.integers(0, rows, PIXELS), left + rng.integers(0, columns, PIXELS)
    return scores[:, y, x].T.cpu().numpy(), label[y, x].astype(np.int64)


def measure_seen(film: SeenFilm, definitions: Definitions) -> Measurement:
    """The measurement as the constants of these definitions make it."""
    seen = [_recalibrated(peak, film.calibration, definitions.calibration) for peak in film.peaks]
    return measure_mask(film.mask, anterior=film.anterior, seen=seen, definitions=definitions)


def _recalibrated(peak: LandmarkPeak, before: Mapping[str, float], after: Mapping[str, float]) -> LandmarkPeak:
    old, new = (grid_deviation(peak.kind, peak.height, constants) for constants in (before, after))
    (xx, xy), (yx, yy) = (np.asarray(peak.covariance) * (new / old) ** 2).tolist()
    return replace(peak, covariance=((xx, xy), (yx, yy)))
