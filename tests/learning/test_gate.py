"""New weights go live only if they are not worse."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sagittal.learning import decide

figure = st.floats(0, 1)


@given(candidate=figure, live=figure)
def test_weights_pass_exactly_when_they_are_not_worse(candidate: float, live: float) -> None:
    assert decide(candidate=candidate, live=live, films=3).accepted == (candidate >= live)


def test_equal_weights_pass() -> None:
    assert decide(candidate=0.8, live=0.8, films=3).accepted


@pytest.mark.parametrize("live", [0.0, 0.7, math.nan])
def test_weights_without_a_figure_are_refused(live: float) -> None:
    assert not decide(candidate=math.nan, live=live, films=3).accepted


def test_nothing_passes_without_a_validation_film() -> None:
    assert not decide(candidate=1.0, live=0.0, films=0).accepted


def test_the_reason_gives_both_figures_and_the_number_of_films() -> None:
    reason = decide(candidate=0.4908, live=0.4947, films=12).reason
    assert "refused" in reason
    assert all(figure in reason for figure in ("0.4908", "0.4947", "12"))
