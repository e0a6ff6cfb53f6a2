"""Scores are kept per model version."""

from pathlib import Path

from sagittal.learning import UncertaintyScores


def test_scores_of_one_version_add_up(tmp_path: Path) -> None:
    scores = UncertaintyScores(tmp_path / "scores.json")
    scores.add("one", "a", 0.25)
    scores.add("one", "unreadable", None)
    assert UncertaintyScores(tmp_path / "scores.json").of("one") == {"a": 0.25, "unreadable": None}


def test_another_version_starts_anew(tmp_path: Path) -> None:
    scores = UncertaintyScores(tmp_path / "scores.json")
    scores.add("one", "a", 0.25)
    assert scores.of("two") == {}
    scores.add("two", "b", 0.5)
    assert scores.of("one") == {}
    assert scores.of("two") == {"b": 0.5}
