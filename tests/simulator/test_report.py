"""Figures of films tell what they claim to tell."""

from __future__ import annotations

import numpy as np
import pytest
from sagittal.anatomy.landmarks import Body, Circle, EndPlate, Landmarks
from sagittal.simulator.contact_sheet import contact_sheet
from sagittal.simulator.statistics import BANDS, PIXELS_PER_DEPTH, film_statistics, statistics_report

BODY = Body((60.0, 100.0), (120.0, 100.0), (60.0, 150.0), (120.0, 150.0))
MARKS = Landmarks({"L3": BODY}, EndPlate((60.0, 200.0), (120.0, 200.0)), (Circle((80.0, 270.0), 25.0),), "left")


def flat(**lines: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """An even film with lines of a brightness along the plates of L3, S1 and the head's rim."""
    film = np.full((320, 200), 0.3, np.float32)
    film[98:103, 60:121] += lines.get("plates", 0)
    film[148:153, 60:121] += lines.get("plates", 0)
    film[198:203, 60:121] += lines.get("s1", 0)
    y, x = np.mgrid[0:320, 0:200]
    film[np.abs(np.hypot(x - 80, y - 270) - 25) < 2] += lines.get("heads", 0)
    return film


@pytest.mark.parametrize(("line", "name"), [("plates", "end plates"), ("s1", "S1"), ("heads", "heads")])
def test_contrast_is_that_of_the_line_alone(line: str, name: str) -> None:
    found = film_statistics(flat(**{line: 0.4}), MARKS).contrast
    assert found[name] is not None
    assert found[name] > 3
    assert all(abs(value or 0) < 0.5 for other, value in found.items() if other != name)


def test_contrast_is_absent_where_the_film_ends() -> None:
    below = Landmarks(MARKS.bodies, MARKS.s1, (Circle((80.0, 500.0), 25.0),), "left")
    assert film_statistics(flat(plates=0.4), below).contrast["heads"] is None


def test_scale_does_not_matter_but_the_depth_does() -> None:
    film = np.random.default_rng(0).random((320, 200)).astype(np.float32)
    doubled = np.kron(film, np.ones((2, 2), np.float32))
    half = Body(*(tuple(2 * value + 0.5 for value in point) for point in vars(BODY).values()))  # type: ignore[arg-type]
    one, two = film_statistics(film, MARKS), film_statistics(doubled, Landmarks({"L3": half}, None, (), "left"))
    assert one.power == pytest.approx(two.power, abs=0.03)
    assert one.grey == pytest.approx(two.grey, abs=0.03)


@pytest.mark.parametrize("band", range(len(BANDS) - 1))
def test_power_lies_in_the_octave_of_a_wave(band: int) -> None:
    waves = 1.4 * BANDS[band]
    rows = np.arange(320) / PIXELS_PER_DEPTH
    film = np.repeat(0.5 + 0.4 * np.sin(2 * np.pi * waves * rows)[:, None], 200, axis=1).astype(np.float32)
    assert film_statistics(film, MARKS).power[band] > 0.8


def test_a_film_without_l3_is_refused() -> None:
    with pytest.raises(ValueError, match="L3"):
        film_statistics(flat(), Landmarks({}, None, (), "left"))


def test_the_report_has_a_column_a_group() -> None:
    figures = film_statistics(flat(plates=0.2), MARKS)
    lines = statistics_report({"one": [figures], "two": [figures, figures]}, ["L3", "L4S1"])
    assert lines[0] == "| figure | one (1) | two (2) |"
    assert all(line.count("|") == 4 for line in lines)
    assert lines[-1] == "| L4S1 | - | - |"


def test_a_sheet_holds_every_film_at_one_height() -> None:
    films = [(f"film {n}", np.full((100, 40 + 10 * n), n / 8, np.float32)) for n in range(8)]
    sheet = contact_sheet(films, rows=200, across=3)
    assert sheet.shape == (3 * 222, 3 * 220)
    for n in range(8):
        row, column = divmod(n, 3)
        assert sheet[222 * row + 120, 220 * column + 20] == round(n / 8 * 255)
    with pytest.raises(ValueError, match="needs films"):
        contact_sheet([])
