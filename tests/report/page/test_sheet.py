"""Text is measured as it will be set: nothing that was fitted runs over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath
from sagittal.report.page.sheet import ELLIPSIS, FONT, MM_PER_POINT, printable, shortened, text_width, wrapped

lines = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=120)


@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_a_width_is_that_of_the_letters_as_drawn(weight: str) -> None:
    text = "PI 31.2° to −6.4, Spinopelvic measurement WWW"
    path = TextPath((0, 0), text, size=10, prop=FontProperties(family=FONT, weight=weight))
    drawn = path.get_extents().width * MM_PER_POINT
    assert drawn <= text_width(text, 10, weight) <= 1.04 * drawn


@given(lines, st.floats(5, 120))
def test_a_shortened_text_fits_and_begins_as_it_did(text: str, width: float) -> None:
    short = shortened(text, 8, width)
    assert text_width(short, 8) <= width
    assert short == text or (short.endswith(ELLIPSIS) and text.startswith(short[:-1]))


@given(lines, st.floats(8, 120))
def test_wrapped_lines_fit_and_lose_no_letter(text: str, width: float) -> None:
    wrap = wrapped(text, 8, width)
    assert all(text_width(line, 8) <= width for line in wrap)
    assert "".join("".join(wrap).split()) == "".join(text.split())


def test_letters_that_the_font_lacks_are_boxes() -> None:
    assert printable("a 山 ü") == "a □ ü"
    assert text_width("山", 8) > 0
