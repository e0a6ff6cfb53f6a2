"""Expected errors of films, kept so that the next film is found without asking the network again."""

from __future__ import annotations

from pathlib import Path

from sagittal.learning.state_file import read_state, write_state


class UncertaintyScores:
    """One score per film and model version; a film that cannot be scored is kept as None, so that it is not retried.

    Scores of other versions are dropped as soon as a new version's first score is written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, model_version: str) -> dict[str, float | None]:
        """Film id -> score, for films that this version has seen."""
        state = read_state(self._path)
        return dict(state["scores"]) if state.get("model_version") == model_version else {}

    def add(self, model_version: str, film_id: str, score: float | None) -> None:
        """Keep one film's score."""
        scores = self.of(model_version) | {film_id: score}
        write_state(self._path, {"model_version": model_version, "scores": scores})
