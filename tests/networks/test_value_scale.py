"""Values are scaled from the training films and come back in degrees."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sagittal.networks import ValueScale

VALUES = arrays(np.float64, (7, 3), elements=st.floats(-180, 180) | st.just(np.nan))


@given(values=VALUES, method=st.sampled_from(["standardise", "min_max"]))
def test_what_is_scaled_and_inverted_is_the_same(values: np.ndarray, method: str) -> None:
    scale = ValueScale.from_dict(ValueScale.fit(values, method).as_dict())
    np.testing.assert_allclose(scale.invert(scale.scale(values)), values, atol=1e-8)


@given(values=VALUES)
def test_min_max_lies_within_0_and_1(values: np.ndarray) -> None:
    scaled = ValueScale.fit(values, "min_max").scale(values)
    known = scaled[np.isfinite(scaled)]
    assert ((known >= 0) & (known <= 1)).all()


def test_standardised_values_have_mean_0_and_deviation_1_over_those_that_are_known() -> None:
    values = np.array([[10.0, 5.0], [20.0, np.nan], [30.0, 7.0]])
    scaled = ValueScale.fit(values, "standardise").scale(values)
    np.testing.assert_allclose(np.nanmean(scaled, axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(np.nanstd(scaled, axis=0), 1)
    assert np.isnan(scaled[1, 1])


def test_a_value_that_no_film_has_is_left_as_it_is() -> None:
    scale = ValueScale.fit(np.full((4, 1), np.nan), "standardise")
    assert (scale.offset[0], scale.factor[0]) == (0, 1)


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(ValueError, match="standardise or min_max, got 'log'"):
        ValueScale.fit(np.zeros((1, 1)), "log")
