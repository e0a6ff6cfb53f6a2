"""The validation split is fixed."""

from hypothesis import given
from hypothesis import strategies as st
from sagittal.datasets import is_validation_film

film_ids = st.text(min_size=1, max_size=40)


@given(film=film_ids, small=st.floats(0, 1), large=st.floats(0, 1))
def test_a_larger_share_only_adds_films(film: str, small: float, large: float) -> None:
    small, large = sorted((small, large))
    assert is_validation_film(film, large) or not is_validation_film(film, small)


def test_about_a_fifth_of_the_films_is_held_out() -> None:
    held_out = sum(is_validation_film(f"film-{number}") for number in range(2000))
    assert 340 < held_out < 460


def test_known_films_stay_on_their_side_for_good() -> None:
    # Written down once: another rule would move films that models have learned from into the validation split.
    assert [name for name in map(str, range(20)) if is_validation_film(name)] == ["8", "9"]
