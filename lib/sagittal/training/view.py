"""Fits the view check: simulated lateral films against the same films lying down and drawn pictures of other things."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from sagittal.simulator import SimulatorConfig, load_simulator_config, simulate_film
from sagittal.simulator.config import hard_config
from sagittal.simulator.negatives import draw_negative
from sagittal.view import kinds
from sagittal.view.classifier import Matrix, ViewClassifier
from sagittal.view.look import FeatureExtractor
from sagittal.view.picture import Picture, prepared

# Enough for a picture that is looked at in 224 rows.
ROWS = 288
# How a film is turned (numpy's quarter turns) to be of each kind.
TURNS = {kinds.CLOCKWISE: -1, kinds.COUNTER_CLOCKWISE: 1, kinds.UPSIDE_DOWN: 2}
OTHERS = ("film of a limb or skull", "page of text", "picture of anything")
# Every picture is cut to a shape (columns over rows) of its own, so that none tells its kind; this much is left.
SHAPES, LEAST_ROWS, LEAST_COLUMNS = (0.45, 1.1), 0.72, 0.55
# Weight decay of the softmax.
DECAY = 1e-3
BATCH = 16
# About so many pictures come of one seed.
SAMPLES_PER_SEED = 8.25

Sample = tuple[str, Picture]


def view_samples(seed: int) -> Iterator[Sample]:
    """Some `SAMPLES_PER_SEED` pictures of one seed with their kinds, as `prepared` makes them."""
    rng = np.random.default_rng((seed, 1))
    config = _configuration(seed)
    film = simulate_film(config, seed, rows=ROWS).film.pixels
    turned = str(rng.choice(list(TURNS)))
    pictures = [
        (kinds.LATERAL, film),
        (kinds.LATERAL, film[:, ::-1]),
        (turned, np.rot90(film, TURNS[turned])),
    ]
    frontal = draw_negative("frontal film", config, seed, rows=ROWS)
    sagittal = draw_negative("sagittal slice", config, seed, rows=ROWS)
    pictures += [
        (kinds.FRONTAL, frontal),
        (kinds.FRONTAL, frontal[:, ::-1]),
        (kinds.SLICE, sagittal),
        (kinds.SLICE, draw_negative("transverse slice", config, seed, rows=ROWS)),
        (kinds.OTHER, draw_negative(str(rng.choice(OTHERS)), config, seed, rows=ROWS)),
    ]
    if seed % 4 == 0:
        lying = frontal if seed % 8 else sagittal
        pictures.append((kinds.OTHER, np.rot90(lying, int(rng.integers(1, 4)))))
    for kind, picture in pictures:
        yield kind, prepared(_as_anyone_would_send_it(picture, rng))


def _configuration(seed: int) -> SimulatorConfig:
    """Every fourth film is a hard one."""
    return load_simulator_config() if seed % 4 else hard_config()


def _as_anyone_would_send_it(picture: Picture, rng: np.random.Generator) -> Picture:
    """Cut to any shape, brighter or darker, in less contrast, on a border."""
    rows, columns = picture.shape
    shape = float(np.exp(rng.uniform(*np.log(SHAPES))))
    if columns / rows > shape:
        width = max(1, int(max(rows * shape, LEAST_COLUMNS * columns)))
        left = int(rng.integers(0, columns - width + 1))
        picture = picture[:, left : left + width]
    else:
        height = min(rows, int(max(columns / shape, LEAST_ROWS * rows)))
        top = int(rng.integers(0, rows - height + 1))
        picture = picture[top : top + height]
    picture = picture ** np.float32(rng.uniform(0.6, 1.6))
    if rng.random() < 0.3:
        picture = picture * np.float32(rng.uniform(0.5, 1)) + np.float32(rng.uniform(0, 0.1))
    if rng.random() < 0.3:
        shares = rng.uniform(0, 0.12, 4)
        top, bottom = (int(share * picture.shape[0]) for share in shares[:2])
        left, right = (int(share * picture.shape[1]) for share in shares[2:])
        value = float(rng.choice([0, 0, 1, 0.03]))
        picture = np.pad(picture, ((top, bottom), (left, right)), constant_values=value)
    return np.ascontiguousarray(picture, dtype=np.float32)


def features_of(
    samples: Iterator[Sample], extract: FeatureExtractor, on_sample: Callable[[int], object] | None = None
) -> tuple[list[str], Matrix]:
    """Kinds and features (N, F) of samples."""
    found: list[str] = []
    features, batch = [], []
    for kind, picture in samples:
        found.append(kind)
        batch.append(picture)
        if len(batch) == BATCH:
            features.append(extract(batch))
            batch = []
        if on_sample is not None:
            on_sample(len(found))
    if batch:
        features.append(extract(batch))
    return found, np.concatenate(features)


def fit_classifier(found: list[str], features: Matrix) -> ViewClassifier:
    """The softmax that tells the kinds apart, every kind of the same weight however many there are of it."""
    mean, scale = features.mean(axis=0), features.std(axis=0) + np.float32(1e-3)
    inputs = torch.from_numpy((features - mean) / scale)
    targets = torch.tensor([kinds.KINDS.index(kind) for kind in found])
    share = 1 / torch.bincount(targets, minlength=len(kinds.KINDS)).clamp(min=1)
    weights = torch.zeros(inputs.shape[1], len(kinds.KINDS), requires_grad=True)
    bias = torch.zeros(len(kinds.KINDS), requires_grad=True)
    optimizer = torch.optim.LBFGS([weights, bias], max_iter=100)

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        value = functional.cross_entropy(inputs @ weights + bias, targets, weight=share / share.mean())
        value = value + DECAY * (weights**2).sum()
        value.backward()
        return value

    optimizer.step(loss)
    fitted: list[npt.NDArray[np.float32]] = [tensor.detach().numpy() for tensor in (weights, bias)]
    return ViewClassifier(mean, scale, *fitted)
