"""What an annotator's desk asks beyond MONAI Label's own routes: where the work stands, and films to skip."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Body, HTTPException
from fastapi.routing import APIRoute
from monailabel.interfaces.datastore import Datastore
from sagittal import __version__
from sagittal.learning import SkippedFilms, Submissions, TrainingProgress

from lib.schedule import TrainingSchedule

API_VERSION = 1
LONGEST_REASON = 500


class Desk:
    """Routes under /sagittal/: `GET status`, `PUT skip?image=` and `DELETE skip?image=`."""

    def __init__(
        self,
        datastore: Callable[[], Datastore],
        skipped: SkippedFilms,
        submissions: Submissions,
        schedule: TrainingSchedule,
        progress: TrainingProgress,
        train_after: int,
        last_training: Callable[[], dict[str, Any]],
    ) -> None:
        self._datastore = datastore
        self._skipped = skipped
        self._submissions = submissions
        self._schedule = schedule
        self._progress = progress
        self._train_after = train_after
        self._last_training = last_training

    def open(self) -> None:
        """Only where the server's web application is loaded. Ours come first: the web page takes the rest."""
        from monailabel.app import app

        for path, endpoint, method in (
            ("/sagittal/status", self.status, "GET"),
            ("/sagittal/skip", self.skip, "PUT"),
            ("/sagittal/skip", self.take_back, "DELETE"),
        ):
            app.router.routes.insert(0, APIRoute(path, endpoint, methods=[method], tags=["Sagittal"]))

    def status(self) -> dict[str, Any]:
        """Films, labels and training as they stand."""
        store = self._datastore()
        films = set(store.list_images())
        running = self._schedule.running()
        return {
            "api": API_VERSION,
            "version": __version__,
            "films": len(films),
            "labelled": len(store.get_labeled_images()),
            "skipped": len(films & self._skipped.reasons().keys()),
            "pending": len(self._submissions.pending),
            "train_after": self._train_after,
            "training": {"running": running, **(self._progress.now() if running else {})},
            "last_training": self._last_training(),
        }

    def skip(self, image: str, reason: Annotated[str, Body(embed=True, max_length=LONGEST_REASON)]) -> dict[str, Any]:
        """A film is not to be labelled, and why. Raises HTTPException 404, 422."""
        if image not in self._datastore().list_images():
            raise HTTPException(404, f"there is no film '{image}' in this folder of films")
        if not reason.strip():
            raise HTTPException(422, "say why the film is skipped")
        self._skipped.skip(image, reason.strip())
        return {"image": image, "skipped": len(self._skipped.reasons())}

    def take_back(self, image: str) -> dict[str, Any]:
        """Hand a film out again. Raises HTTPException 404."""
        if not self._skipped.take_back(image):
            raise HTTPException(404, f"'{image}' was not skipped")
        return {"image": image, "skipped": len(self._skipped.reasons())}
