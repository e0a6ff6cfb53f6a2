"""The training engine."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter

from sagittal import __version__
from sagittal.anatomy.definitions import default_definitions
from sagittal.configuration import ConfigurationError
from sagittal.datasets import DatalistError
from sagittal.datasets.whole_file import remove_leftovers, replace_file
from sagittal.inference.preparation import network_input
from sagittal.networks.build import build_network, network_config
from sagittal.networks.mbnet import MBNet
from sagittal.networks.model_file import ModelFile, load_model, save_model
from sagittal.networks.spine_net import SpineNet
from sagittal.networks.value_scale import ValueScale
from sagittal.training.augmentation import Batch
from sagittal.training.card import model_card
from sagittal.training.config import TrainingConfig
from sagittal.training.films import entry_values, read_datalist
from sagittal.training.hardware import autocast_type, compiled, gains_from_channels_last, machine
from sagittal.training.loader import load_films, make_loader
from sagittal.training.memory import keep_freed_memory
from sagittal.training.objective import Objective
from sagittal.training.progress import PROGRESS_FILE, OnProgress, Progress, ProgressReport
from sagittal.training.run_log import log_file
from sagittal.training.schedule import learning_rate
from sagittal.training.state import RunState
from sagittal.training.stream import streamed_entries
from sagittal.training.team import Team, joined_team
from sagittal.training.validation import validate
from sagittal.training.warm_start import warm_start

logger = logging.getLogger(__name__)

OnEpoch = Callable[[Mapping[str, Any]], None]
Entries = Mapping[str, list[dict[str, Any]]]
BEST, LAST, CARD = "best.pt", "last.pt", "best.md"


@dataclass(frozen=True)
class TrainingResult:
    """`checkpoint` is the model file of the best epoch, `best_score` its selection score on the validation films.

    `history` has a mapping per epoch: epoch, step, samples, minutes, loss, learning_rate and the validation scores.
    """

    checkpoint: Path
    best_score: float
    history: tuple[Mapping[str, Any], ...]


def train(
    config: TrainingConfig,
    datalist: Path,
    out: Path,
    *,
    init: Path | None = None,
    on_epoch: OnEpoch | None = None,
    on_progress: OnProgress | None = None,
) -> TrainingResult:
    """Train on the datalist's "training" films and keep the epoch that is best on its "validation" films.

    Writes `best.pt` (model file) with its card `best.md`, `last.pt` (to go on from), `progress.json`, `train.log` and
    TensorBoard events to `out`. A run that ended at any moment goes on from its last checkpoint when it is started
    again with the same folder and settings, and ends as if nothing had been (but for the clock, where that ends it).

    Started by torchrun, the processes train one network together; the first one writes and calls back.

    Args:
        config: how to train.
        datalist: a dataset.json in MONAI's datalist convention.
        out: folder of the run.
        init: model file to start from; weights that fit are taken over, and its scale of the values.
        on_epoch: called with the epoch's entry of the history.
        on_progress: called every few seconds.

    Raises:
        ConfigurationError, DatalistError, FilmError, ModelError, TrainingError: name what is wrong and where.
    """
    out.mkdir(parents=True, exist_ok=True)
    with joined_team() as team:
        if not team.leads:
            return Run(config, datalist, out, init, team).finish()
        for name in (BEST, LAST, CARD, PROGRESS_FILE):
            remove_leftovers(out / name)
        report = ProgressReport(out / PROGRESS_FILE, on_progress)
        with log_file(out / "train.log"):
            try:
                result = Run(config, datalist, out, init, team, report).finish(on_epoch)
            except BaseException as error:
                by_hand = isinstance(error, KeyboardInterrupt)
                report.end("interrupted" if by_hand else "failed")
                logger.warning("%s; start again to go on", "interrupted" if by_hand else "failed")
                raise
            report.end("finished")
            return result


class Run:
    """One run: films, network, optimiser and where it stands. Without `report` it is not the leader's."""

    def __init__(
        self,
        config: TrainingConfig,
        datalist: Path,
        out: Path,
        init: Path | None,
        team: Team,
        report: ProgressReport | None = None,
    ) -> None:
        self.config, self.out, self.team, self.device, self.report = config, out, team, team.device, report
        if self.device.type == "cpu":
            keep_freed_memory()
        entries = checked_datalist(datalist, config)
        self.initial = load_model(init) if init is not None else None
        self._make_network(entries)
        started = time.monotonic()
        self.training = make_loader(config, entries["training"], self.network, team)
        self.validation = load_films(config, entries["validation"], self.network, self.device, training=False)
        self.validator = build_network(self.network_config).to(self.device)
        self.state = RunState(self.network, make_optimizer(config, self.network))
        if (out / LAST).exists():
            self.state.resume(out / LAST, config, self.device)
            logger.info("going on after epoch %d and %d batches", self.state.epoch, self.state.batches)
        self.total_steps = config.epochs * len(self.training)
        if config.max_steps is not None:
            self.total_steps = min(self.total_steps, config.max_steps)
        self.wrapped = self._wrapped_network()
        logger.info(
            "%d training and %d validation films loaded in %.0f s; %s with %.2f M weights on %s",
            self.training.films,
            len(self.validation),
            time.monotonic() - started,
            Path(config.network).stem,
            sum(weight.numel() for weight in self.network.parameters()) / 1e6,
            machine(self.device, team.size),
        )

    def _make_network(self, entries: Entries) -> None:
        """The network with its first weights, and what scales its values are on."""
        config = self.config
        self.network_config = network_config(config.network)
        if self.network_config["_target_"].endswith(".MBNet"):
            self.network_config["input_size"] = config.input_size
        torch.manual_seed(config.seed)
        network = build_network(self.network_config)
        self.scale, counted = value_scales(network, config, entries["training"], self.initial)
        if config.pretrained and self.initial is None and isinstance(network, SpineNet):
            network.encoder.load_pretrained()
        if self.initial is not None:
            logger.info("%d tensors taken over from the initial model", warm_start(network, self.initial))
        self.channels_last = gains_from_channels_last(network, self.device)
        self.network: nn.Module = network.to(self.device)
        if self.channels_last:
            self.network = self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.objective = Objective(config, self.scale, counted, self.device)
        self.autocast = autocast_type(self.device)

    def _wrapped_network(self) -> nn.Module:
        network = self.team.wrap(self.network)
        if not self.config.compile:
            return network
        columns = min(self.config.columns or self.config.input_size, self.config.input_size)
        films = -(-self.config.batch_size // self.team.size)
        self.network.train()
        return compiled(network, self._prepared(torch.zeros(films, 1, self.config.input_size, columns)))

    @property
    def progress(self) -> float:
        """Share of the run that is done: of its steps or of its time, whichever is further."""
        share = self.state.step / self.total_steps
        if self.config.max_minutes is not None:
            share = max(share, self.state.seconds / 60 / self.config.max_minutes)
        return share

    @property
    def ended(self) -> bool:
        """Whether epochs, steps, minutes or patience are used up."""
        if self.state.batches:
            return False  # the epoch that it was killed in is still to be validated
        patience = self.config.patience
        tired = patience is not None and self.state.epochs_without_better >= patience
        return tired or self.progress >= 1 or self.state.epoch >= self.config.epochs

    def finish(self, on_epoch: OnEpoch | None = None) -> TrainingResult:
        """Run all epochs that are left."""
        self.tell(None)
        while not self.ended:
            entry = self.epoch()
            if on_epoch is not None:
                on_epoch(entry)
        return TrainingResult(self.out / BEST, self.state.best_score or 0.0, tuple(self.state.history))

    def epoch(self) -> dict[str, Any]:
        """Train one epoch (less where the run ends within it), validate, save."""
        state, started = self.state, time.monotonic()
        loss = self.pass_over_films()
        validating = time.monotonic()
        scores = self.scores()
        state.epoch, state.batches, state.loss_sum = state.epoch + 1, 0, 0.0
        state.seconds = self.team.agreed(state.seconds + time.monotonic() - validating)
        entry: dict[str, Any] = {
            "epoch": state.epoch,
            "step": state.step,
            "samples": state.samples,
            "minutes": round(state.seconds / 60, 2),
            "loss": loss,
            "learning_rate": learning_rate(self.config, min(self.progress, 1.0)),
            **scores,
        }
        best = state.best_score
        state.history.append(entry)
        if self.report is not None:
            if best is None or entry["selection_score"] > best:
                self.save_best(scores)
            state.save(self.out / LAST, self.config)
            self.tell(loss)
            self.log(entry, time.monotonic() - started)
        return entry

    def scores(self) -> dict[str, Any]:
        """On the validation films; the leader's, of which the others learn the one that decides."""
        scores: dict[str, Any] = {"selection_score": 0.0}
        if self.team.leads:
            self.validator.load_state_dict(self.state.weights())
            config = self.config
            scores = validate(self.validator, self.validation, config.batch_size, self.scale, config.measured_films)
        scores["selection_score"] = self.team.agreed(scores["selection_score"])
        return scores

    def pass_over_films(self) -> float:
        """What is left of a pass of optimisation, ended early when steps or time are used up; returns the mean loss."""
        state, clock, saved = self.state, time.monotonic(), time.monotonic()
        self.network.train()
        waiting: list[Tensor] = []
        for batch in self.training.epoch(state.epoch, state.batches) if self.progress < 1 else ():
            waiting.append(self.step(batch))
            state.batches += 1
            now = time.monotonic()
            state.seconds += now - clock
            clock = now
            if self.config.max_minutes is not None:
                state.seconds = self.team.agreed(state.seconds)
            if self.report is not None and self.report.due():
                # Not at every step: a GPU would have to be waited for.
                self._count(waiting)
                self.tell(state.loss_sum / state.batches)
                if now - saved > 60 * self.config.checkpoint_minutes:
                    state.save(self.out / LAST, self.config)
                    saved = now
            if self.progress >= 1:
                break
        self._count(waiting)
        return self.team.mean(state.loss_sum / max(state.batches, 1))

    def _count(self, losses: list[Tensor]) -> None:
        # One after the other: a sum of sums would depend on the clock.
        for loss in losses:
            self.state.loss_sum += float(loss)
        losses.clear()

    def step(self, batch: Batch) -> Tensor:
        """One optimisation step; returns the loss, still on the device."""
        config, state = self.config, self.state
        # So that a resumed run drops out what the uninterrupted one would have.
        torch.manual_seed(hash((config.seed, state.step, self.team.rank)) % 2**63)
        for group in state.optimizer.param_groups:
            group["lr"] = learning_rate(config, min(self.progress, 1.0))
        images = self._prepared(batch["image"])
        with torch.autocast(self.device.type, dtype=self.autocast, enabled=self.autocast is not None):
            outputs = self.wrapped(images)
        loss = self.objective(outputs, batch)
        state.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if config.gradient_clip is not None:
            nn.utils.clip_grad_norm_(self.network.parameters(), config.gradient_clip)
        state.optimizer.step()
        state.step += 1
        state.samples += len(images) * self.team.size
        state.follow(config.ema)
        return loss.detach()

    def _prepared(self, images: Tensor) -> Tensor:
        images = network_input(images.to(self.device, non_blocking=True), int(self.network.in_channels))  # type: ignore[arg-type]
        return images.contiguous(memory_format=torch.channels_last) if self.channels_last else images

    def tell(self, loss: float | None) -> None:
        """Report where the run stands, where this process leads."""
        if self.report is None:
            return
        state = self.state
        self.report.tell(
            Progress(
                stage="running",
                share=min(self.progress, 1.0),
                seconds_left=None,
                epoch=state.epoch,
                epochs=self.config.epochs,
                step=state.step,
                samples=state.samples,
                minutes=state.seconds / 60,
                loss=loss,
                best_score=state.best_score,
            )
        )

    def log(self, entry: Mapping[str, Any], seconds: float) -> None:
        """A line of the log and the figures for TensorBoard."""
        with SummaryWriter(str(self.out / "tensorboard"), purge_step=self.state.epoch) as board:
            for name, value in entry.items():
                if isinstance(value, float):
                    board.add_scalar(name, value, self.state.epoch)
            board.add_scalar("films_per_second", self.training.films / seconds, self.state.epoch)
        logger.info(
            "epoch %d step %d %.1f min loss %.4f IoU %s score %.4f best %.4f",
            entry["epoch"],
            entry["step"],
            entry["minutes"],
            entry["loss"],
            " ".join(f"{entry[f'iou_{name}'] or 0:.3f}" for name in default_definitions().classes),
            entry["selection_score"],
            self.state.best_score,
        )

    def save_best(self, scores: Mapping[str, Any]) -> None:
        """The present weights as the best ones, with their card."""
        model = self.model_file(scores)
        save_model(model, self.out / BEST)
        replace_file(self.out / CARD, model_card(model).encode())

    def model_file(self, scores: Mapping[str, Any]) -> ModelFile:
        """The present weights with all that using them needs."""
        state, definitions = self.state, default_definitions()
        return ModelFile(
            network=self.network_config,
            state=state.weights(),
            input_size=self.config.input_size,
            activation=self.config.activation,
            classes=tuple(definitions.classes),
            value_names=definitions.value_branch if self.scale is not None else (),
            value_scale=None if self.scale is None else self.scale.as_dict(),
            training={
                "config": self.config.model_dump(),
                "seed": self.config.seed,
                "epoch": state.epoch,
                "steps": state.step,
                "samples": state.samples,
                "hours": state.seconds / 3600,
                "machine": machine(self.device, self.team.size),
                "films": {"training": self.training.films, "validation": len(self.validation)},
                "version": __version__,
                "initial": None if self.initial is None else dict(self.initial.training),
            },
            metrics=dict(scores),
            calibration=inherited_calibration(self.initial, self.network_config),
        )


def checked_datalist(path: Path, config: TrainingConfig) -> Entries:
    """The films of a datalist, of which both parts have some; those of a stream take the place of its training films.

    Raises:
        DatalistError: names the file and what is wrong with it.
    """
    parts = read_datalist(path)
    if config.streaming is not None:
        parts["training"] = streamed_entries(config)
    for part in ("training", "validation"):
        if not parts[part]:
            raise DatalistError(f"{path}: has no films under '{part}'; both training and validation need some")
    return parts


def inherited_calibration(initial: ModelFile | None, network: Mapping[str, Any]) -> Mapping[str, float] | None:
    """That of the model a run started from, where it is the same network: the nearest there is until a new one."""
    return initial.calibration if initial is not None and dict(initial.network) == dict(network) else None


def value_scales(
    network: nn.Module, config: TrainingConfig, entries: list[dict[str, Any]], initial: ModelFile | None
) -> tuple[ValueScale | None, ValueScale | None]:
    """The scale that the network's values are on, and the one that the loss counts them on; None without values.

    That of the initial model, whose weights speak it, else from the films; a network that emits degrees speaks those,
    and its loss counts them by the films.
    """
    if not isinstance(network, MBNet):
        return None, None
    if network.value_activation == "sigmoid" and config.value_scaling != "min_max":
        raise ConfigurationError(
            f"key 'value_scaling': the sigmoid of {config.network} needs min_max, got {config.value_scaling}"
        )
    values = np.array([entry_values(entry) for entry in entries])
    if network.emits_degrees:
        return ValueScale.degrees(values.shape[1]), ValueScale.fit(values, config.value_scaling)
    known = None if initial is None or initial.value_scale is None else ValueScale.from_dict(initial.value_scale)
    if known is None or known.method == "degrees":
        known = ValueScale.fit(values, config.value_scaling)
    return known, known


def make_optimizer(config: TrainingConfig, network: nn.Module) -> torch.optim.Optimizer:
    optimizer = torch.optim.AdamW if config.optimizer == "adamw" else torch.optim.Adam
    return optimizer(network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
