"""The classifier is what was written; a file that is none is refused with what to do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sagittal.view import KINDS, LATERAL
from sagittal.view.classifier import ViewClassifier, ViewError
from sagittal.view.look import FEATURE_COUNT


def classifier(features: int = 4) -> ViewClassifier:
    rng = np.random.default_rng(0)
    draw = [rng.standard_normal(shape).astype(np.float32) for shape in ((features,), (features, 7), (7,))]
    return ViewClassifier(draw[0], np.full(features, 2, np.float32), draw[1], draw[2])


def test_the_file_holds_what_was_written(tmp_path: Path) -> None:
    before, features = classifier(), np.random.default_rng(1).standard_normal((5, 4)).astype(np.float32)
    before.save(tmp_path / "view.npz")
    after = ViewClassifier.load(tmp_path / "view.npz")
    np.testing.assert_allclose(after.probabilities(features), before.probabilities(features), atol=2e-3)
    np.testing.assert_allclose(after.probabilities(features).sum(axis=1), 1, rtol=1e-5)


def test_the_view_is_the_likeliest_kind_and_the_probability_of_a_lateral_film() -> None:
    features = np.zeros(4, np.float32)
    found = classifier()
    probabilities = found.probabilities(features[None])[0]
    assert found.view(features).looks_like == KINDS[probabilities.argmax()]
    assert found.view(features).lateral == pytest.approx(probabilities[KINDS.index(LATERAL)])


def test_a_file_that_is_missing_damaged_or_of_another_version_is_refused(tmp_path: Path) -> None:
    damaged, other = tmp_path / "damaged.npz", tmp_path / "other.npz"
    damaged.write_bytes(b"PK\x03\x04 no archive")
    np.savez(other, kinds=np.array(["cat", "dog"]))
    for path in (tmp_path / "missing.npz", damaged, other):
        with pytest.raises(ViewError, match=r"sagittal fit-view"):
            ViewClassifier.load(path)


def test_the_one_that_ships_fits_this_version() -> None:
    assert ViewClassifier.load().weights.shape == (FEATURE_COUNT, len(KINDS))
