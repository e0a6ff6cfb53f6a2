"""Sagittal as a MONAI Label app: lateral films in, segments and spino-pelvic parameters out. Not for clinical use."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

# MONAI Label puts the app's folder on the path only while it reads this file.
from lib.datastore import FILM_ENDINGS, FilmFolder, check_film, correction
from lib.desk import Desk
from lib.errors import answer_known_errors
from lib.infer import InspectFilm, LivePredictor
from lib.logs import keep_logs_in, serve_logs_from
from lib.options import Options
from lib.schedule import TrainingSchedule
from lib.strategies import MostUncertainFilm, RandomFilm
from lib.train import LearnFromCorrections, training_progress
from monailabel.config import settings
from monailabel.interfaces.app import MONAILabelApp
from monailabel.interfaces.datastore import Datastore, DefaultLabelTag
from monailabel.interfaces.tasks.infer_v2 import InferTask
from monailabel.interfaces.tasks.strategy import Strategy
from monailabel.interfaces.tasks.train import TrainTask
from sagittal import NOT_FOR_CLINICAL_USE, __version__
from sagittal.inference import shipped_model
from sagittal.learning import ModelStore, SkippedFilms, Submissions, UncertaintyScores
from sagittal.learning.model_store import file_version

logger = logging.getLogger(__name__)

# Its MLflow store does not work with this MONAI, and its scoring would start a process at every next sample.
for _setting in ("MONAI_LABEL_TRACKING_ENABLED", "MONAI_LABEL_AUTO_UPDATE_SCORING"):
    setattr(settings, _setting, False)
    os.environ[_setting] = "false"

MODELS = {
    "spine": "SpineNet: segments and sees landmarks itself; parameters from both",
    "bilunet": "BiLuNet: segments, and parameters from their geometry",
    "mbnet": "MBNet: segments, parameters from their geometry, and the values of its own branch beside them",
}


class SagittalApp(MONAILabelApp):
    """Two models over a local folder of films, and a loop that learns from corrected labels."""

    def __init__(self, app_dir: str, studies: str, conf: dict[str, str]) -> None:
        self._options = Options.read(conf)
        self._state = self._options.state_folder(studies)
        self._serving = "monailabel.app" in sys.modules
        settings.MONAI_LABEL_SESSION_PATH = str(self._state / "sessions")
        self._store = ModelStore(self._state / "models", self._shipped)
        self._predictors = {name: LivePredictor(self._store, name) for name in MODELS}
        self._submissions = Submissions(self._state / "submissions.json")
        self._skipped = SkippedFilms(self._state / "skipped.json")
        super().__init__(
            app_dir=app_dir,
            studies=studies,
            conf=conf,
            name="Sagittal",
            description=f"Spino-pelvic parameters from lateral lumbar X-rays. {NOT_FOR_CLINICAL_USE}. "
            f"Films: {', '.join(FILM_ENDINGS)}; sub-folders are not read.",
            version=__version__,
        )
        self._schedule = TrainingSchedule(
            self._submissions,
            self._state / "training.lock",
            self._options.train_after,
            start=lambda: self.async_training(self._options.train_model),
            on_end=self._log_last_training,
        )
        # Also after /reload, which makes a new app without telling it so: asking itself over HTTP would never end.
        self._server_mode = self._serving

    def _shipped(self, name: str) -> Path:
        return self._options.models / f"{name}.pt" if self._options.models else shipped_model(name)

    def init_datastore(self) -> Datastore:
        if self.studies.startswith(("http://", "https://")):
            return super().init_datastore()
        return FilmFolder(self.studies, serving=self._serving, auto_reload=settings.MONAI_LABEL_DATASTORE_AUTO_RELOAD)

    def init_infers(self) -> dict[str, InferTask]:
        return {n: InspectFilm(self._store, n, title, self._predictors[n]) for n, title in MODELS.items()}

    def init_trainers(self) -> dict[str, TrainTask]:
        return {
            n: LearnFromCorrections(n, f"Learn from final labels. {title}", self._store, self._state, self._options)
            for n, title in MODELS.items()
        }

    def init_strategies(self) -> dict[str, Strategy]:
        scores = UncertaintyScores(self._state / "uncertainty.json")
        predictor = self._predictors[self._options.train_model]
        return {
            "random": RandomFilm(self._skipped),
            "most_uncertain": MostUncertainFilm(predictor, scores, self._options.candidates, self._skipped),
        }

    def on_init_complete(self) -> None:
        """In the server alone: training's own process makes an app too, but never calls this."""
        super().on_init_complete()
        keep_logs_in(self._state / "logs", Path(self.app_dir))
        serve_logs_from(self._state / "logs")
        answer_known_errors()
        Desk(
            self.datastore,
            self._skipped,
            self._submissions,
            self._schedule,
            training_progress(self._state),
            self._options.train_after,
            self._last_training,
        ).open()
        self._schedule.watch()

    def infer(self, request: dict[str, Any], datastore: Datastore | None = None) -> Any:
        check_film(datastore or self.datastore(), request.get("image"), tempfile.gettempdir())
        return super().infer(request, datastore)

    def on_save_label(self, image_id: str, label_id: str) -> dict[str, Any]:
        """Count a final label that is new or changed; start a training when enough wait.

        MONAI Label tells neither tag nor author, and calls this for labels of every tag: the store knows.
        """
        store = self.datastore()
        version = None
        if store.get_label_by_image_id(image_id, DefaultLabelTag.FINAL):
            label = correction(store, image_id).label
            version = file_version(label)
            self._submissions.submit(image_id, label)
        self._schedule.consider()
        return {
            "server_version": __version__,
            "label_version": version,
            "pending": len(self._submissions.pending),
            "train_after": self._options.train_after,
            "training": self._schedule.running(),
        }

    def _last_training(self) -> dict[str, Any]:
        """What the last training of any model came to; empty before the first."""
        ended = [stats for trainer in self._trainers.values() if (stats := trainer.stats())]
        return max(ended, key=lambda stats: str(stats["time"]), default={})

    def _log_last_training(self) -> None:
        # The last lines of a process that ends may be lost on their way into the server's log.
        if last := self._last_training():
            logger.info("Last training of %s: %s", last["model"], last["reason"])
