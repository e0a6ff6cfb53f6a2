"""The check sees a film's content, whatever its borders; a picture with two like sides is told by its symmetry."""

from __future__ import annotations

import numpy as np
import pytest
from sagittal.view.picture import COLUMNS, ROWS, prepared, symmetry
from skimage.filters import gaussian


@pytest.fixture
def texture() -> np.ndarray:
    """(448, 320) smooth noise in 0..1, no two sides alike."""
    noise = gaussian(np.random.default_rng(3).standard_normal((448, 320)), 4)
    return np.clip(0.5 + noise / (4 * noise.std()), 0.2, 1).astype(np.float32)


def test_every_shape_becomes_the_same(texture: np.ndarray) -> None:
    for film in (texture, texture[:100], texture[:, :50]):
        seen = prepared(film)
        assert seen.shape == (ROWS, COLUMNS)
        assert seen.min() >= 0
        assert seen.max() <= 1


def test_empty_borders_change_nothing(texture: np.ndarray) -> None:
    framed = np.pad(texture, ((60, 30), (0, 80)))
    np.testing.assert_allclose(prepared(framed), prepared(texture), atol=0.02)


def test_a_black_film_is_no_error() -> None:
    assert prepared(np.zeros((50, 40), np.float32)).max() == 0


def test_a_picture_with_like_sides_is_symmetric_and_another_is_not(texture: np.ndarray) -> None:
    both = np.concatenate([texture[:, :160], texture[:, 159::-1]], axis=1)
    best, median, difference = symmetry(prepared(both))
    assert best > 0.9
    assert difference == pytest.approx(best - median)
    assert difference > 0.5
    assert symmetry(prepared(texture))[2] < 0.4
