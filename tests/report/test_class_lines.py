"""Findings in a few lines: what stands out is named, what was not looked at too."""

from __future__ import annotations

from typing import Any

from sagittal.report.class_lines import ClassLine, class_lines


def finding(name: str, value: float | None, status: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "value": value,
        "unit": "%",
        "bounds": None,
        "grade": None,
        "status": status,
        "reason": None,
    } | more


def test_a_class_of_the_whole_spine_has_its_own_line() -> None:
    gap = finding("GAP", None, "hint", unit="", bounds=[1.0, 4.0], grade="proportioned to moderately disproportioned")
    assert class_lines([gap]) == (ClassLine("GAP score", "1 to 4, proportioned to moderately disproportioned", "hint"),)


def test_what_is_absent_is_said_with_its_reason() -> None:
    absent = finding("Schwab PT", None, "absent", reason="no femoral head found")
    assert class_lines([absent]) == (ClassLine("Schwab PT", "absent: no femoral head found", "absent"),)


def test_of_the_levels_only_what_stands_out_is_named() -> None:
    slips = [
        finding("slip L3L4", 1.0, "normal", grade="none"),
        finding("slip L4L5", 18.04, "abnormal", grade="I"),
        finding("slip L5S1", -9.0, "hint", grade="I"),
    ]
    assert class_lines(slips) == (ClassLine("Slips", "L4L5 18.0 %, I; L5S1 −9.0 %, I", "abnormal"),)
    assert class_lines(slips[:1]) == (ClassLine("Slips", "none", "normal"),)


def test_a_level_that_was_not_looked_at_is_never_passed_over() -> None:
    bodies = [
        finding("Genant L1", None, "absent", reason="level L1 not found"),
        finding("Genant L2", 3.0, "normal", grade="none"),
    ]
    assert class_lines(bodies) == (ClassLine("Loss of height", "none (not told: L1)", "normal"),)
    assert class_lines(bodies[:1]) == (ClassLine("Loss of height", "absent: level L1 not found", "absent"),)


def test_lengths_of_slips_are_no_slips_in_percent() -> None:
    lengths = [finding("slip length L4L5", 5.0, "unranged", unit="mm")]
    assert class_lines(lengths) == ()


def test_an_older_result_has_no_lines() -> None:
    assert class_lines(()) == ()
