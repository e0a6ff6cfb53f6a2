"""Segmental angles, discs, heads, the count of bodies, and lengths."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sagittal.anatomy import Circle, parameters_from_landmarks
from sagittal.anatomy.clinical import assess

from ..conftest import Patient, moved, repeatable
from .drawn import DISC, HEIGHT, body, findings, spine

angles = st.floats(-12, 12)
SEGMENTS = ("L1L2", "L2L3", "L3L4", "L4L5", "L5S1")


@repeatable
@given(st.tuples(*[angles] * 7), st.tuples(*[angles] * 7))
def test_a_segmental_angle_is_the_upper_wedge_and_the_disc_and_their_sum_is_the_lordosis(
    wedges: tuple[float, ...], discs: tuple[float, ...]
) -> None:
    landmarks = Patient(wedges=wedges, discs=discs).landmarks()
    found, parameters = findings(landmarks), parameters_from_landmarks(landmarks)
    for segment in SEGMENTS:
        wedge, disc = parameters[segment[:2]].value, parameters[segment].value
        assert wedge is not None
        assert disc is not None
        assert found[f"segmental {segment}"].value == pytest.approx(wedge + disc, abs=1e-9)
    total = sum(found[f"segmental {segment}"].value for segment in SEGMENTS)  # type: ignore[misc]
    assert total == pytest.approx(parameters["LL"].value, abs=1e-9)


def test_an_unusual_segmental_angle_is_a_hint_and_no_disease() -> None:
    found = findings(Patient(discs=(3.0, 9.0, 8.0, 7.0, 5.0, 3.0, 2.0), wedges=(3.0, 2, 0, -1, -2, -3, -3)).landmarks())
    finding = found["segmental L5S1"]
    assert finding.value == pytest.approx(6)
    assert (finding.status, finding.reason) == ("hint", "9 of 10 films show 7 to 28 degrees")
    assert found["segmental L4L5"].status == "normal"


def test_the_disc_height_index_is_the_disc_over_the_bodies_beside_it() -> None:
    found = findings(spine())
    assert found["disc height index L4L5"].value == pytest.approx(100 * DISC / HEIGHT)
    assert found["disc height index L5S1"].value == pytest.approx(100 * DISC / HEIGHT)
    assert found["disc height index L4L5"].status == "normal"


def test_a_narrow_disc_is_a_hint() -> None:
    lower = replace(
        body(3),
        inferior_anterior=(200.0, body(4).superior_anterior[1] - 10),
        inferior_posterior=(300.0, body(4).superior_posterior[1] - 10),
    )
    found = findings(spine({"L4": lower}))
    # L4 has grown to 110, L5 is 80 high.
    assert found["disc height index L4L5"].value == pytest.approx(100 * 10 / 95)
    assert (found["disc height index L4L5"].grade, found["disc height index L4L5"].status) == ("narrow", "hint")


def test_a_slip_does_not_heighten_the_disc() -> None:
    slipped = findings(spine({"L4": body(3, forward=60)}))
    assert slipped["disc height index L4L5"].value == pytest.approx(100 * DISC / HEIGHT)


@pytest.mark.parametrize(
    ("separation", "rotation", "status"), [(0, 0, "normal"), (100, 8, "normal"), (225, 17, "normal"), (226, 18, "hint")]
)
def test_the_heads_apart_tell_of_an_oblique_pelvis(separation: float, rotation: int, status: str) -> None:
    # Radius 30: 7.5 radii are 225 pixels; at 17.5 degrees the centres lie 225.5 % of the radius apart.
    heads = (Circle((200.0, 800.0), 28.0), Circle((200.0 + 0.3 * separation, 800.0), 32.0))
    finding = findings(spine(heads=heads))["head obliquity"]
    assert finding.value == pytest.approx(separation)
    assert finding.status == status
    assert f"a rotation of the pelvis by {rotation} degrees at most" in (finding.reason or "")
    assert ("PI is unreliable beyond 17.5 degrees" in (finding.reason or "")) == (status == "hint")


def test_heads_too_far_apart_for_any_rotation_are_told_so() -> None:
    heads = (Circle((100.0, 800.0), 20.0), Circle((300.0, 800.0), 20.0))
    assert "more than any rotation" in (findings(spine(heads=heads))["head obliquity"].reason or "")


@pytest.mark.parametrize(
    ("heads", "reason"),
    [((), "no femoral head found"), ((Circle((200.0, 800.0), 30.0),), "only one femoral head found")],
)
def test_obliquity_needs_both_heads(heads: tuple[Circle, ...], reason: str) -> None:
    finding = findings(spine(heads=heads))["head obliquity"]
    assert (finding.status, finding.reason) == ("absent", reason)


def test_lumbar_bodies_are_counted() -> None:
    landmarks = spine()
    five = findings(landmarks)["lumbar bodies"]
    six = findings(replace(landmarks, bodies={**landmarks.bodies, "L6": body(5)}))["lumbar bodies"]
    without_l1 = {level: found for level, found in landmarks.bodies.items() if level != "L1"}
    four = findings(replace(landmarks, bodies=without_l1))["lumbar bodies"]
    assert (five.value, five.status) == (5, "normal")
    assert (six.value, six.status) == (6, "hint")
    assert (four.value, four.reason) == (None, "not all of them were found: L1 missing")


def test_lengths_are_absent_without_a_spacing_that_can_be_trusted() -> None:
    found = findings(spine())
    assert found["lengths"].status == "absent"
    assert not [finding for finding in found.values() if finding.unit == "mm" and finding.value is not None]


def test_lengths_are_in_mm_of_the_patient() -> None:
    found = findings(spine({"L4": body(3, forward=20)}), length_spacing_mm=(0.25, 0.25))
    assert found["slip length L4L5"].value == pytest.approx(5)
    assert found["disc height L4L5"].value == pytest.approx(DISC / 4)
    assert found["Ha L3"].value == pytest.approx(HEIGHT / 4)
    assert found["Hm L3"].status == "absent"
    assert "lengths" not in found


def test_lengths_know_pixels_that_are_not_square() -> None:
    squeezed = moved(spine({"L4": body(3, forward=20)}), lambda x, y: (x, y / 2))
    found = findings(squeezed, pixel_aspect=(0.5, 0.25), length_spacing_mm=(0.5, 0.25))
    assert found["slip length L4L5"].value == pytest.approx(5)
    assert found["Hp L3"].value == pytest.approx(HEIGHT / 4)


def test_every_finding_has_its_own_name_and_says_why_it_is_absent() -> None:
    landmarks = replace(spine(), bodies={}, s1=None, anterior=None)
    found = assess(landmarks, parameters_from_landmarks(landmarks))
    assert len({finding.name for finding in found}) == len(found)
    assert all(finding.status == "absent" and finding.reason for finding in found)
    assert all(finding.value is finding.bounds is finding.grade is None for finding in found)


@pytest.mark.parametrize(
    "wrong",
    [{"pixel_aspect": (0.0, 1.0)}, {"length_spacing_mm": (0.2, math.nan)}, {"age_years": -1}, {"age_years": math.inf}],
)
def test_sizes_and_ages_that_are_none_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        assess(spine(), {}, **wrong)  # type: ignore[arg-type]
