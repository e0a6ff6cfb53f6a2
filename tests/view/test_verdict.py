"""What the view means for the verdict: a doubt is said, never blocks what was measured, and is told from a failure."""

from __future__ import annotations

import numpy as np
import pytest
from sagittal.anatomy import Measurement, measure_mask
from sagittal.anatomy.landmarks import Landmarks
from sagittal.anatomy.lateral_view import NOT_READ
from sagittal.anatomy.measurement import Quality
from sagittal.view import LATERAL, View, with_view
from sagittal.view.kinds import CLOCKWISE, FRONTAL, UPSIDE_DOWN
from sagittal.view.verdict import UNREADABLE

SEEN, PERHAPS, NOT_SEEN = View(LATERAL, 0.99), View(LATERAL, 0.8), View(FRONTAL, 0.02)
EMPTY = np.zeros((8, 8), np.uint8)


def measured(verdict: str, *reasons: str) -> Measurement:
    return Measurement(Landmarks({}, None, (), None), {}, Quality(verdict, reasons), (*reasons, "a remark"), EMPTY)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("verdict", "view", "said", "expected", "first"),
    [
        ("measurable", SEEN, None, "measurable", None),
        ("measurable", NOT_SEEN, None, "measurable with caution", "may be no lateral lumbar X-ray: the picture looks"),
        ("measurable", SEEN, "the file says view AP", "measurable with caution", "may be no lateral lumbar X-ray: the"),
        ("measurable with caution", NOT_SEEN, None, "measurable with caution", "may be no lateral lumbar X-ray"),
        ("not measurable", SEEN, None, "not measurable", UNREADABLE),
        ("measurable", PERHAPS, None, "measurable", None),
        ("not measurable", PERHAPS, None, "not measurable", NOT_READ),
        ("not measurable", NOT_SEEN, None, "not measurable", "not a lateral lumbar X-ray: the picture looks like an X"),
        (
            "not measurable",
            SEEN,
            "the file says view AP",
            "not measurable",
            "not a lateral lumbar X-ray: the file says",
        ),
        ("not measurable", None, None, "not measurable", None),
        ("measurable", None, "the file says view AP", "measurable with caution", "may be no lateral lumbar X-ray"),
    ],
)
def test_verdict_and_first_reason(
    verdict: str, view: View | None, said: str | None, expected: str, first: str | None
) -> None:
    before = measured(verdict, *(() if verdict == "measurable" else ("no sacrum found",)))
    after = with_view(before, view, said)
    assert after.quality.verdict == expected
    if first is None:
        assert after == before
    else:
        assert after.quality.reasons[0].startswith(first)
        assert set(before.quality.reasons) <= set(after.quality.reasons)
    assert set(after.quality.reasons) <= set(after.warnings)
    assert after.warnings[-1] == "a remark"


def test_the_anatomy_s_own_guess_at_the_picture_gives_way_to_what_was_seen() -> None:
    before = measured("not measurable", f"{NOT_READ}: lumbar bodies found: 2")
    assert with_view(before, SEEN, None).quality.reasons == (UNREADABLE, "lumbar bodies found: 2")


@pytest.mark.parametrize(
    ("kind", "advice"),
    [(CLOCKWISE, "turn it by 90 degrees counter-clockwise"), (UPSIDE_DOWN, "turn it by 180 degrees")],
)
def test_a_film_that_lies_is_told_how_to_turn(kind: str, advice: str) -> None:
    reasons = with_view(measured("not measurable", "no sacrum found"), View(kind, 0.01), None).quality.reasons
    assert advice in reasons[0]


def test_values_and_landmarks_stay_whatever_the_picture_looks_like() -> None:
    mask = np.zeros((60, 40), np.uint8)
    mask[10:20, 10:25] = 1
    before = measure_mask(mask)
    after = with_view(before, NOT_SEEN, "the file says view AP")
    assert after.parameters == before.parameters
    assert after.landmarks == before.landmarks
    assert after.label_map is before.label_map
