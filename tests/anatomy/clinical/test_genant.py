"""Heights of bodies and the grade of what they lost."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from sagittal.anatomy.clinical import default_limits
from sagittal.anatomy.definitions import default_definitions
from skimage import draw

from ..conftest import moved
from .drawn import DEPTH, FRONT, HEIGHT, body, findings, spine, superior_row

ID = default_definitions().structures["L3"].id


@pytest.mark.parametrize(
    ("loss", "grade"),
    [
        (0, "none"),
        (math.nextafter(20, 0), "none"),
        (20, "mild"),
        (25, "mild"),
        (math.nextafter(25, 26), "moderate"),
        (40, "moderate"),
        (math.nextafter(40, 41), "severe"),
        (80, "severe"),
    ],
)
def test_grades(loss: float, grade: str) -> None:
    assert default_limits().genant.of(loss).grade == grade


@pytest.mark.parametrize(
    ("anterior", "posterior", "loss", "grade"),
    [
        (80, 80, 0, "none"),
        (66, 80, 17.5, "none"),
        (62, 80, 22.5, "mild wedge"),
        (56, 80, 30, "moderate wedge"),
        (40, 80, 50, "severe wedge"),
        # Both heights lost, as against the neighbours.
        (60, 60, 25, "mild crush"),
        (44, 44, 45, "severe crush"),
        # Only the lesser of both losses is one of the whole body.
        (80, 60, 0, "none"),
    ],
)
def test_worked_cases(anterior: float, posterior: float, loss: float, grade: str) -> None:
    found = findings(spine({"L3": body(2, anterior=anterior, posterior=posterior)}))
    finding = found["Genant L3"]
    assert finding.value == pytest.approx(loss)
    assert finding.grade == grade
    assert finding.status == ("normal" if grade == "none" else "abnormal")
    assert found["Ha/Hp L3"].value == pytest.approx(100 * anterior / posterior)
    assert all(found[f"Genant {level}"].grade == "none" for level in ("L1", "L2", "L4", "L5"))


def test_a_fractured_neighbour_does_not_hide_a_crush() -> None:
    found = findings(spine({"L2": body(1, anterior=30, posterior=30), "L3": body(2, anterior=56, posterior=56)}))
    assert found["Genant L3"].grade == "moderate crush"


def label_map(middle: float) -> np.ndarray:
    """L3 with an upper plate that sinks to `middle` of height between its corners."""
    labels = np.zeros((900, 400), np.uint8)
    top, bottom = superior_row(2), superior_row(2) + HEIGHT
    xs = np.linspace(FRONT, FRONT + DEPTH, 41)
    sunk = top + (HEIGHT - middle) * (1 - ((xs - FRONT - DEPTH / 2) / (DEPTH / 2)) ** 2) ** 0.5
    rows, columns = draw.polygon([*sunk, bottom, bottom], [*xs, FRONT + DEPTH, FRONT])
    labels[rows, columns] = ID
    return labels


@pytest.mark.parametrize(
    ("middle", "grade"),
    [(80, "none"), (68, "none"), (62, "mild biconcave"), (56, "moderate biconcave"), (40, "severe biconcave")],
)
def test_the_middle_height_is_that_of_the_mask(middle: float, grade: str) -> None:
    found = findings(spine(), label_map=label_map(middle))
    assert found["Hm/Hp L3"].value == pytest.approx(100 * middle / HEIGHT, abs=2)
    assert found["Genant L3"].grade == grade
    assert found["Genant L3"].reason is None


def test_the_middle_height_passes_over_holes_and_ragged_edges() -> None:
    labels = label_map(80)
    rng = np.random.default_rng(7)
    labels[int(superior_row(2)) + 20 : int(superior_row(2)) + 50, 230:270] = 0
    for column in range(200, 301):
        labels[int(superior_row(2)) : int(superior_row(2)) + rng.integers(0, 5), column] = 0
    assert findings(spine(), label_map=labels)["Hm/Hp L3"].value == pytest.approx(97.5, abs=2.5)


def test_the_middle_height_knows_pixels_that_are_not_square() -> None:
    tall = np.repeat(label_map(56), 2, axis=0)
    landmarks = spine()
    stretched = moved(landmarks, lambda x, y: (x, 2 * y + 0.5))
    found = findings(stretched, label_map=tall, pixel_aspect=(0.5, 1.0))
    assert found["Hm/Hp L3"].value == pytest.approx(70, abs=2)


def test_without_a_mask_the_middle_height_is_absent_and_the_grade_says_what_it_did_not_look_for() -> None:
    found = findings(spine())
    assert found["Hm/Hp L3"].status == "absent"
    assert found["Hm/Hp L3"].reason == "the middle height is absent: no mask is given that shows the body's outline"
    assert "biconcave loss was not looked for" in (found["Genant L3"].reason or "")


def test_a_mask_without_the_body_gives_no_middle_height() -> None:
    found = findings(spine(), label_map=np.zeros((900, 400), np.uint8))
    assert found["Hm/Hp L3"].reason == "the middle height is absent: the mask does not show the body's outline there"


def test_a_body_alone_has_no_neighbours_to_be_crushed_against() -> None:
    landmarks = spine()
    alone = findings(replace(landmarks, bodies={"L3": landmarks.bodies["L3"]}))
    assert "a crush was not looked for" in (alone["Genant L3"].reason or "")
    assert (alone["Genant L2"].status, alone["Genant L2"].reason) == ("absent", "level L2 not found")
