"""Training on corrected labels, and the gate before the live weights."""

from __future__ import annotations

import json
import logging
import math
import shutil
from pathlib import Path
from typing import Any

import yaml
from monailabel.interfaces.datastore import Datastore
from monailabel.interfaces.tasks.train import TrainTask
from sagittal.learning import GateDecision, ModelStore, Submissions, TrainingProgress, decide, write_training_set
from sagittal.learning.validation import simulated_validation_films
from sagittal.networks.model_file import ModelFile, load_model
from sagittal.training import TrainingConfig, evaluate_checkpoint, load_training_config, train

from lib.datastore import final_labels
from lib.options import Options
from lib.schedule import training_lock

logger = logging.getLogger(__name__)


class LearnFromCorrections(TrainTask):
    """Trains one model on all final labels, starting from its live weights; better or equal weights go live."""

    def __init__(self, name: str, description: str, store: ModelStore, state: Path, options: Options) -> None:
        super().__init__(description)
        self._name = name
        self._store = store
        self._state = state
        self._options = options
        self._submissions = Submissions(state / "submissions.json")
        self._training = load_training_config(options.training)

    def config(self) -> dict[str, Any]:
        return {"epochs": self._options.epochs or self._training.epochs}

    def stats(self) -> dict[str, Any]:
        """What the last training came to."""
        history = self._store.history(self._name)
        return history[-1] if history else {}

    def __call__(self, request: dict[str, Any], datastore: Datastore) -> dict[str, Any]:
        # The server looks whether this lock is free once a second, for a moment.
        with training_lock(self._state / "training.lock", wait_s=10):
            outcome = self._learn(datastore, int(request.get("epochs") or self.config()["epochs"]))
            self._submissions.end_training()
        return outcome

    def _learn(self, datastore: Datastore, epochs: int) -> dict[str, Any]:
        folder = self._state / "training" / self._name
        shutil.rmtree(folder, ignore_errors=True)
        progress = training_progress(self._state)
        progress.begin(self._name, epochs)
        corrections = final_labels(datastore)
        self._submissions.absorb({correction.film_id: correction.label for correction in corrections})
        films = write_training_set(
            corrections,
            folder,
            simulated_validation=simulated_validation_films(
                self._state / "validation", self._options.simulated_validation
            ),
            minimum_validation=self._options.minimum_validation,
        )
        for skipped in films.skipped:
            logger.warning("A label is left out of the training: %s", skipped.reason)
        if not films.training:
            return self._finish({"live": False, "reason": "no final label is left to train on"})
        live = self._store.live(self._name)
        config = like_live_model(self._training, load_model(live.path), folder / "network.yaml")
        result = train(
            config.model_copy(update={"epochs": epochs}),
            films.datalist,
            folder / "run",
            init=live.path,
            on_epoch=lambda entry: progress.note(entry["epoch"]),
        )
        decision = self._compare(result.checkpoint, live.path, list(films.validation))
        if decision.accepted:
            version = self._store.publish(self._name, result.checkpoint).version
        else:
            version = self._store.live(self._name).version
            self._store.keep_aside(self._name, result.checkpoint)
        return self._finish(
            {
                "live": decision.accepted,
                "reason": decision.reason,
                "candidate_iou": decision.candidate,
                "live_iou": decision.live,
                "validation_films": decision.films,
                "training_films": len(films.training),
                "skipped_labels": len(films.skipped),
                "version": version,
            }
        )

    def _compare(self, candidate: Path, live: Path, films: list[dict[str, Any]]) -> GateDecision:
        # No figure: no foreground in any mask, neither true nor found.
        scores = [evaluate_checkpoint(checkpoint, films)["mean_foreground_iou"] for checkpoint in (candidate, live)]
        figures = [math.nan if score is None else float(score) for score in scores]
        return decide(candidate=figures[0], live=figures[1], films=len(films))

    def _finish(self, outcome: dict[str, Any]) -> dict[str, Any]:
        self._store.record(self._name, outcome)
        logger.info("Training of %s: %s", self._name, json.dumps(outcome))
        return outcome


def training_progress(state: Path) -> TrainingProgress:
    """How far the training is that runs on a state folder: one at a time."""
    return TrainingProgress(state / "training_progress.json")


def like_live_model(config: TrainingConfig, model: ModelFile, network: Path) -> TrainingConfig:
    """Training settings for going on from a trained model: its network (written to `network`), input and outputs."""
    network.write_text(yaml.safe_dump({"network": dict(model.network)}), encoding="utf-8")
    carried: dict[str, Any] = {
        "network": str(network),
        "input_size": model.input_size,
        "activation": model.activation,
        "segmentation_loss": "binary_cross_entropy" if model.activation == "sigmoid" else "dice_cross_entropy",
    }
    if model.value_scale is not None and model.value_scale["method"] != "degrees":
        carried["value_scaling"] = model.value_scale["method"]
    return config.model_copy(update=carried)
