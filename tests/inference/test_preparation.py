"""A film comes back from the network's square grid to where it was."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sagittal.inference.preparation import Letterbox, network_input, normalise

sides = st.integers(20, 300)


@settings(max_examples=60, deadline=None)
@given(rows=sides, columns=sides, size=st.sampled_from([64, 128, 256]))
def test_the_film_keeps_its_aspect_and_lies_in_the_middle(rows: int, columns: int, size: int) -> None:
    letterbox = Letterbox.fit((rows, columns), size)
    inner = letterbox.inner
    assert max(inner) == size
    assert inner[0] / inner[1] == pytest.approx(rows / columns, rel=0.6 / min(inner))
    for axis in (0, 1):
        after = size - inner[axis] - letterbox.offset[axis]
        assert 0 <= after - letterbox.offset[axis] <= 1


@settings(max_examples=40, deadline=None)
@given(rows=sides, columns=sides)
def test_a_ramp_survives_the_way_there_and_back(rows: int, columns: int) -> None:
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    ramp = torch.from_numpy(np.stack([y / rows, x / columns]))
    letterbox = Letterbox.fit((rows, columns), 256)
    back = letterbox.restore(letterbox.place(ramp))
    inside = (slice(None), slice(3, -3), slice(3, -3))
    # A shift of half a pixel of the square would show as 0.5 / 256 of the longer side.
    assert float((back - ramp)[inside].mean().abs()) < 0.2 / 256


def test_label_and_film_are_placed_alike() -> None:
    mask = np.zeros((300, 170), np.uint8)
    mask[90:180, 40:110] = 2
    letterbox = Letterbox.fit(mask.shape, 128)
    label = letterbox.place_label(torch.from_numpy(mask)[None])[0]
    soft = letterbox.place(torch.from_numpy((mask > 0).astype(np.float32))[None])[0]
    assert set(label.unique().tolist()) == {0, 2}
    assert float(((label > 0) == (soft > 0.5)).float().mean()) > 0.995


def test_pixels_that_are_not_square_are_made_so() -> None:
    letterbox = Letterbox.fit((100, 100), 200, pixel_aspect=(2.0, 1.0))
    assert letterbox.inner == (200, 100)


@pytest.mark.parametrize(("shape", "aspect"), [((0, 10), (1.0, 1.0)), ((10, 10), (0.0, 1.0))])
def test_a_film_without_size_is_refused(shape: tuple[int, int], aspect: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="positive size"):
        Letterbox.fit(shape, 64, aspect)


def test_normalising_takes_no_notice_of_brightness_and_contrast() -> None:
    film = np.random.default_rng(0).random((60, 40)).astype(np.float32)
    np.testing.assert_allclose(normalise(film * 0.3 + 0.2), normalise(film), atol=1e-4)
    assert not normalise(np.full((8, 8), 0.4, np.float32)).any()


def test_grey_is_repeated_for_three_channels() -> None:
    prepared = network_input(torch.full((2, 1, 4, 4), 0.75), 3)
    assert prepared.shape == (2, 3, 4, 4)
    assert float(prepared.min()) == float(prepared.max()) == 1.0
