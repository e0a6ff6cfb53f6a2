"""The pictures that the view check is fitted on, and the fit."""

from __future__ import annotations

import numpy as np
from sagittal.training.view import fit_classifier, view_samples
from sagittal.view import KINDS, LATERAL
from sagittal.view.kinds import FRONTAL, OTHER, SLICE
from sagittal.view.picture import COLUMNS, ROWS


def test_a_seed_gives_lateral_films_both_ways_the_same_lying_and_other_pictures() -> None:
    samples = list(view_samples(4))
    kinds = [kind for kind, _ in samples]
    assert kinds.count(LATERAL) == kinds.count(FRONTAL) == kinds.count(SLICE) == 2
    assert kinds.count(OTHER) == 2
    assert set(kinds) <= set(KINDS)
    assert len(kinds) == 9
    for _, picture in samples:
        assert picture.shape == (ROWS, COLUMNS)
        assert picture.dtype == np.float32
        assert 0 <= picture.min() < picture.max() <= 1


def test_the_fit_tells_kinds_apart_that_differ_in_their_features_however_rare_one_is() -> None:
    rng = np.random.default_rng(0)
    found = [kind for kind in KINDS for _ in range(3 if kind == OTHER else 40)]
    centres = rng.normal(0, 4, (len(KINDS), 12))
    features = np.array([centres[KINDS.index(kind)] + rng.normal(0, 0.5, 12) for kind in found], np.float32)
    probabilities = fit_classifier(found, features).probabilities(features)
    assert [KINDS[k] for k in probabilities.argmax(axis=1)] == found
