"""Which film to label next."""

from __future__ import annotations

import logging
import random
import time
from pathlib import Path
from typing import Any

from monailabel.interfaces.datastore import Datastore
from monailabel.interfaces.tasks.strategy import Strategy
from sagittal.films import FilmError, read_film
from sagittal.inference.expected_error import expected_error
from sagittal.learning import SkippedFilms, UncertaintyScores

from lib.infer import LivePredictor

logger = logging.getLogger(__name__)


class RandomFilm(Strategy):
    """A film without a final label, drawn at random; the longer ago it was handed out, the likelier."""

    def __init__(self, skipped: SkippedFilms) -> None:
        super().__init__("A random film without a final label")
        self._skipped = skipped

    def __call__(self, request: dict[str, Any], datastore: Datastore) -> dict[str, Any] | None:
        films = _open_films(datastore, self._skipped)
        if not films:
            return None
        now = int(time.time())
        waited = [now - _last_served(datastore, film, request["strategy"]) + 1 for film in films]
        return {"id": random.choices(films, weights=waited)[0]}


class MostUncertainFilm(Strategy):
    """The film whose parameters are expected to be the farthest off.

    A request scores at most `candidates` films that the live weights have not seen yet; scores are kept, so requests
    that follow come nearer to the most uncertain film of all.
    """

    def __init__(
        self, predictor: LivePredictor, scores: UncertaintyScores, candidates: int, skipped: SkippedFilms
    ) -> None:
        super().__init__("The film whose parameters are the least certain")
        self._predictor = predictor
        self._scores = scores
        self._candidates = candidates
        self._skipped = skipped

    def __call__(self, request: dict[str, Any], datastore: Datastore) -> dict[str, Any] | None:
        films = _open_films(datastore, self._skipped)
        if not films:
            return None
        live, predictor = self._predictor()
        known = self._scores.of(live.version)
        fresh = [film for film in films if film not in known]
        for film_id in random.sample(fresh, min(self._candidates, len(fresh))):
            try:
                film = read_film(Path(datastore.get_image_uri(film_id)))
                score = expected_error(film, predictor)
            except FilmError:
                logger.warning("A film cannot be read and is left out of the most uncertain ones")
                score = None
            self._scores.add(live.version, film_id, score)
        known = self._scores.of(live.version)
        scored = {film: score for film in films if (score := known.get(film)) is not None}
        if not scored:
            return {"id": random.choice(films)}
        # A film just handed out goes to the end of the line, so that two annotators get two films.
        served = {film: _last_served(datastore, film, request["strategy"]) for film in scored}
        film = min(scored, key=lambda name: (served[name] > 0, -scored[name]))
        return {"id": film, "uncertainty": scored[film], "scored": len(scored), "unlabelled": len(films)}


def _open_films(datastore: Datastore, skipped: SkippedFilms) -> list[str]:
    """Films without a final label that nobody skipped."""
    left_out = skipped.reasons()
    return [film for film in datastore.get_unlabeled_images() if film not in left_out]


def _last_served(datastore: Datastore, film: str, strategy: str) -> int:
    return int(datastore.get_image_info(film).get("strategy", {}).get(strategy, {}).get("ts", 0))
