"""Local contrast shows the same lines however a film was exposed, and raises no noise where nothing is."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sagittal.networks import SpineNet
from sagittal.networks.local_contrast import FLOOR, LARGEST, local_contrast
from torch import Tensor

WINDOW = 0.05


def lines(rows: int = 96, columns: int = 80) -> Tensor:
    """Bright lines, as of end plates, every ten rows."""
    picture = torch.zeros(1, 1, rows, columns)
    picture[:, :, ::10] = 2.0
    return picture


@given(offset=st.floats(-1, 1), gain=st.floats(0.6, 1.8))
def test_brightness_and_contrast_of_a_film_do_not_matter(offset: float, gain: float) -> None:
    seen = local_contrast(lines(), WINDOW)
    assert torch.allclose(local_contrast(offset + gain * lines(), WINDOW), seen, atol=1e-3)


def test_a_slow_change_of_brightness_over_the_film_hardly_matters() -> None:
    slope = torch.linspace(-2, 2, 96)[None, None, :, None]
    away = (local_contrast(lines() + slope, WINDOW) - local_contrast(lines(), WINDOW)).abs()
    assert away[:, :, 10:-10].mean() < 0.1


def test_what_is_even_stays_even_and_faint_noise_stays_faint() -> None:
    assert local_contrast(torch.full((1, 1, 64, 64), -2.0), WINDOW).abs().max() < 1e-4
    faint = FLOOR / 10 * torch.randn(1, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    assert local_contrast(faint, WINDOW).std() < 0.15


def test_it_stays_within_its_bounds_beside_metal() -> None:
    picture = torch.zeros(1, 1, 64, 64)
    picture[..., 31, 31] = 50
    seen = local_contrast(picture, WINDOW)
    assert seen.max() == LARGEST
    assert seen.min() >= -LARGEST


def test_the_network_sees_a_film_and_its_brighter_copy_more_alike_than_without() -> None:
    torch.manual_seed(0)
    plain, local = SpineNet().eval(), SpineNet(narrow_window=0.02, wide_window=0.08).eval()
    local.load_state_dict(plain.state_dict())
    film = lines(128, 96).expand(-1, 3, -1, -1) - 1
    changes = []
    with torch.inference_mode():
        for network in (plain, local):
            seen, brighter = network(film).classes, network(film * 0.7 + 0.8).classes
            changes.append(float((brighter - seen).abs().mean() / seen.std()))
    assert changes[1] < changes[0]


def test_one_window_alone_is_refused() -> None:
    with pytest.raises(ValueError, match="both windows"):
        SpineNet(narrow_window=0.02)
