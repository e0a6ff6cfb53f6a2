"""Skipped films are remembered with their reason."""

from __future__ import annotations

from pathlib import Path

from sagittal.learning import SkippedFilms


def test_a_skipped_film_is_remembered_until_it_is_taken_back(tmp_path: Path) -> None:
    skipped = SkippedFilms(tmp_path / "state" / "skipped.json")
    assert skipped.reasons() == {}
    skipped.skip("a", "no lateral film")
    skipped.skip("a", "a frontal film")
    skipped.skip("b", "hips are cut off")
    assert SkippedFilms(tmp_path / "state" / "skipped.json").reasons() == {
        "a": "a frontal film",
        "b": "hips are cut off",
    }
    assert skipped.take_back("a")
    assert not skipped.take_back("a")
    assert set(skipped.reasons()) == {"b"}
