"""Several films of one subject: changes, instability, and incidences that cannot both be true."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from sagittal.anatomy import Body, EndPlate, Landmarks, ParameterValue, parameters_from_landmarks
from sagittal.anatomy.clinical import assess
from sagittal.anatomy.comparison import ComparedFilm, ComparisonError, compare

from ..clinical.drawn import body, spine
from ..conftest import Patient


def film(
    name: str,
    landmarks: Landmarks,
    *,
    mm: float | None = None,
    age: float | None = None,
    subject: str | None = None,
    intervals: Mapping[str, float] = MappingProxyType({}),
) -> ComparedFilm:
    """A film with a pixel of `mm`, and a 90 % interval of plus and minus what is stated for some parameters."""
    parameters = dict(parameters_from_landmarks(landmarks))
    for parameter, half in intervals.items():
        value = parameters[parameter].value
        assert value is not None
        parameters[parameter] = replace(parameters[parameter], interval_90=(value - half, value + half))
    spacing = None if mm is None else (mm, mm)
    findings = assess(landmarks, parameters, age_years=age, length_spacing_mm=spacing)
    return ComparedFilm(name, parameters, {f.name: f for f in findings}, age, subject)


def with_incidence(name: str, value: float, age: float | None = None) -> ComparedFilm:
    return ComparedFilm(name, {"PI": ParameterValue("PI", value, "deg", None, "within")}, {}, age)


def test_changes_are_told_against_the_first_film() -> None:
    before, after, late = (Patient(pelvic_tilt=tilt).landmarks() for tilt in (28.0, 15.0, 18.0))
    comparison = compare([film("before", before), film("after", after), film("late", late)])
    tilt = next(change for change in comparison.parameters if change.name == "PT")
    assert tilt.values == pytest.approx((28, 15, 18))
    assert tilt.changes[0] is None
    assert tilt.changes[1:] == pytest.approx((-13, -10))
    schwab = next(change for change in comparison.findings if change.name == "Schwab PT")
    assert schwab.grades == ("+", "0", "0")
    assert schwab.changes_class
    assert [change.name for change in comparison.parameters] == list(parameters_from_landmarks(before))


@pytest.mark.parametrize(("change", "certain"), [(4.9, False), (5.1, True), (-5.1, True)])
def test_a_change_is_certain_when_it_exceeds_the_errors_of_both_films(change: float, certain: bool) -> None:
    # Errors of 3 and 4 degrees are 5 together.
    first = film("a", Patient(sacral_slope=38).landmarks(), intervals={"SS": 3})
    second = film("b", Patient(sacral_slope=38 + change).landmarks(), intervals={"SS": 4})
    slope = next(c for c in compare([first, second]).parameters if c.name == "SS")
    assert slope.intervals_90[1] == pytest.approx((change - 5, change + 5))
    assert slope.is_certain == (None, certain)


def test_what_is_absent_on_one_film_has_no_change_but_the_reason() -> None:
    landmarks = Patient().landmarks()
    comparison = compare([film("a", landmarks), film("b", replace(landmarks, femoral_heads=()))])
    incidence = next(change for change in comparison.parameters if change.name == "PI")
    assert incidence.changes == (None, None)
    assert incidence.reasons == (None, "no femoral head found")
    assert incidence.is_certain == (None, None)


@pytest.mark.parametrize(
    ("angle", "verdict"), [(12, "stable"), (math.nextafter(12, 13) + 1e-9, "unstable"), (-13, "unstable")]
)
def test_a_disc_that_turns_by_more_than_12_degrees_is_unstable(angle: float, verdict: str) -> None:
    rest = (9.0, 8.0, 7.0, 5.0, 3.0, 2.0)
    landmarks = [Patient(discs=(14.0 + turn, *rest)).landmarks() for turn in (0.0, angle)]
    # A pixel so small that no slip counts.
    films = [film(name, found, mm=0.01) for name, found in zip(("flexion", "extension"), landmarks, strict=True)]
    parameters = [dict(found.parameters) for found in films]
    for values, turn in zip(parameters, (0.0, angle), strict=True):
        values["L5S1"] = replace(values["L5S1"], value=14.0 + turn)
    films = [replace(found, parameters=values) for found, values in zip(films, parameters, strict=True)]
    motion = {m.segment: m for m in compare(films, dynamic=True).segments}["L5S1"]
    assert motion.angle == pytest.approx(abs(angle))
    assert motion.verdict == verdict
    assert any("more than 12" in reason for reason in motion.reasons) == (verdict == "unstable")


@pytest.mark.parametrize(("forward", "verdict"), [(11.9, "stable"), (12.1, "unstable"), (-12.1, "unstable")])
def test_a_slip_that_changes_by_more_than_3_mm_is_unstable(forward: float, verdict: str) -> None:
    films = [film("flexion", spine({"L4": body(3, forward=forward)}), mm=0.25), film("extension", spine(), mm=0.25)]
    motion = {m.segment: m for m in compare(films, dynamic=True).segments}["L4L5"]
    assert motion.slip_mm == pytest.approx(abs(forward) / 4)
    assert motion.slip_percent == pytest.approx(abs(forward))
    assert motion.angle == pytest.approx(0)
    assert motion.verdict == verdict


@pytest.mark.parametrize("spacings", [(None, None), (0.25, None)])
def test_without_a_spacing_that_can_be_trusted_a_slip_is_left_open(spacings: tuple[float | None, ...]) -> None:
    landmarks = spine({"L4": body(3, forward=40)}), spine()
    films = [film(n, found, mm=mm) for n, found, mm in zip(("a", "b"), landmarks, spacings, strict=True)]
    motion = {m.segment: m for m in compare(films, dynamic=True).segments}["L4L5"]
    assert motion.verdict == "open"
    assert motion.slip_mm is None
    assert motion.slip_percent == pytest.approx(40)
    assert motion.reasons == ("slip: 3 mm cannot be judged without a spacing that can be trusted on every film",)


def test_a_segment_that_is_missing_on_one_film_is_left_open_for_its_reason() -> None:
    landmarks = spine()
    without = replace(landmarks, bodies={n: b for n, b in landmarks.bodies.items() if n != "L4"})
    films = [film("a", landmarks, mm=0.25), film("b", without, mm=0.25)]
    motion = {m.segment: m for m in compare(films, dynamic=True).segments}["L4L5"]
    assert (motion.angle, motion.slip_mm, motion.verdict) == (None, None, "open")
    assert motion.reasons == ("angle: level L4 not found (b)", "slip: level L4 not found (b)")


def test_the_widest_of_several_films_counts() -> None:
    films = [film(str(i), spine({"L4": body(3, forward=f)}), mm=0.25) for i, f in enumerate((0.0, 8.0, -8.0))]
    motion = {m.segment: m for m in compare(films, dynamic=True).segments}["L4L5"]
    assert motion.slip_mm == pytest.approx(4)
    assert motion.verdict == "unstable"


def test_films_that_are_no_flexion_and_extension_have_no_instability() -> None:
    films = [film("before", spine({"L4": body(3, forward=40)}), mm=0.25), film("after", spine(), mm=0.25)]
    assert compare(films).segments == ()


@pytest.mark.parametrize(
    ("values", "ages", "flagged"),
    [
        ((50, 55), (40, 41), False),
        ((50, 55.01), (40, 41), True),
        ((50, 44.99), (40, 41), True),
        ((50, 53, 47.9), (40, 41, 42), True),
        ((40, 50), (12, 22), False),
        ((40, 50), (17.9, None), False),
        ((40, 50), (18, None), True),
        ((40, 50), (None, None), True),
    ],
)
def test_one_adult_has_one_incidence(values: tuple[float, ...], ages: tuple[float | None, ...], flagged: bool) -> None:
    films = [with_incidence(f"film {i}", *known) for i, known in enumerate(zip(values, ages, strict=True))]
    assert bool(compare(films).flags) == flagged


def test_the_flag_says_which_films_and_for_whom_it_holds() -> None:
    (known,) = compare([with_incidence("a", 50, 40), with_incidence("b", 57)]).flags
    (unknown,) = compare([with_incidence("a", 50), with_incidence("b", 57)]).flags
    assert known.startswith("PI of one adult differs by 7.0 degrees: 50.0 on a, 57.0 on b.")
    assert "if he is an adult" in unknown


def test_films_of_different_subjects_are_refused_unless_told() -> None:
    landmarks = Patient().landmarks()
    films = [film("a", landmarks, subject="P1"), film("b", landmarks, subject="P2"), film("c", landmarks)]
    with pytest.raises(ComparisonError, match="different subjects: P1, P2"):
        compare(films)
    assert compare(films, any_subject=True).flags == ()
    assert compare(films[1:])


def test_different_subjects_have_different_incidences() -> None:
    films = [replace(with_incidence(name, value, 40), subject=name) for name, value in (("a", 40), ("b", 60))]
    assert compare(films, any_subject=True).flags == ()


@pytest.mark.parametrize(("names", "fault"), [(["a"], "two films or more, got 1"), (["a", "a"], "name of its own")])
def test_a_comparison_needs_two_films_with_names(names: list[str], fault: str) -> None:
    with pytest.raises(ComparisonError, match=fault):
        compare([with_incidence(name, 50) for name in names])


def chain(polygons: list[list[list[float]]]) -> Landmarks:
    """L1 to S1 of a real chain of a patient who faces right."""
    ordered = sorted((np.array(p, float) for p in polygons), key=lambda p: float(p[:, 1].mean()))
    bodies = {}
    for level, points in zip(("L1", "L2", "L3", "L4", "L5"), ordered, strict=False):
        rows = points[np.argsort(points[:, 1])]
        (tl, tr), (bl, br) = (sorted(map(tuple, half), key=lambda p: p[0]) for half in (rows[:2], rows[2:]))
        bodies[level] = Body(tr, tl, br, bl)
    left, right = sorted(map(tuple, ordered[5][np.argsort(ordered[5][:, 1])][:2]), key=lambda p: p[0])
    return Landmarks(bodies, EndPlate(right, left), (), "right")


def test_real_spines_bend_between_flexion_and_extension(shared_data: Path) -> None:
    chains = json.loads((shared_data / "priors" / "corner_chains.json").read_text(encoding="utf-8"))
    turned = []
    for subject in range(1, 40):
        positions = {c["position"]: c["polygons"] for c in chains if c["subject"] == subject}
        if {"flexion", "extension"} <= positions.keys() and all(len(p) == 6 for p in positions.values()):
            films = [film(name, chain(positions[name])) for name in ("flexion", "extension")]
            lordosis = next(c for c in compare(films, dynamic=True).parameters if c.name == "LL")
            turned.append(lordosis.changes[1])
    assert len(turned) > 20
    # Extension deepens the lordosis.
    assert np.median([change for change in turned if change is not None]) > 5
