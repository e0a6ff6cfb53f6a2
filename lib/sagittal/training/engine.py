"""The training engine."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from monai.data import DataLoader
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.tensorboard import SummaryWriter

from sagittal import __version__
from sagittal.anatomy.definitions import default_definitions
from sagittal.configuration import ConfigurationError
from sagittal.datasets import DatalistError
from sagittal.inference.preparation import network_input
from sagittal.networks.build import build_network, network_config
from sagittal.networks.mbnet import MBNet
from sagittal.networks.model_file import ModelFile, load_model, save_model
from sagittal.networks.spine_net import SpineNet, SpineOutput
from sagittal.networks.value_scale import ValueScale
from sagittal.training.config import TrainingConfig
from sagittal.training.films import Films, entry_values, read_datalist
from sagittal.training.losses import SEGMENTATION_LOSSES, landmark_loss, value_loss
from sagittal.training.memory import keep_freed_memory
from sagittal.training.schedule import learning_rate
from sagittal.training.state import RunState
from sagittal.training.stream import StreamLoader, make_stream, streamed_entries
from sagittal.training.validation import validate
from sagittal.training.warm_start import warm_start

logger = logging.getLogger(__name__)

# What the best epoch is best at: landmarks where a network has them (angles follow from points), else areas.
METRICS = ("landmark_score", "mean_foreground_iou")
OnEpoch = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True)
class TrainingResult:
    """`checkpoint` is the model file of the best epoch, `best_metric` its score on the validation films.

    It is the score of landmarks, or the mean foreground IoU where the network has none.

    `history` has a mapping per epoch: epoch, step, samples, minutes, loss, learning_rate and the validation scores.
    """

    checkpoint: Path
    best_metric: float
    history: tuple[Mapping[str, Any], ...]


def train(
    config: TrainingConfig,
    datalist: Path,
    out: Path,
    *,
    init: Path | None = None,
    on_epoch: OnEpoch | None = None,
) -> TrainingResult:
    """Train on the datalist's "training" films and keep the epoch that is best on its "validation" films.

    Writes `best.pt` (model file), `last.pt` (to go on from), `train.log` and TensorBoard events to `out`. A run that
    was interrupted goes on from its last whole epoch when it is started again with the same folder and settings.

    Args:
        config: how to train.
        datalist: a dataset.json in MONAI's datalist convention.
        out: folder of the run.
        init: model file to start from; weights that fit are taken over, and its scale of the values.
        on_epoch: called with the epoch's entry of the history.

    Raises:
        ConfigurationError, DatalistError, FilmError, ModelError, TrainingError: name what is wrong and where.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    out.mkdir(parents=True, exist_ok=True)
    with log_file(out / "train.log"):
        run = Run(config, datalist, out, init, device)
        try:
            return run.finish(on_epoch)
        except KeyboardInterrupt:
            logger.warning("interrupted in epoch %d; start again to go on from there", run.state.epoch + 1)
            raise


class Run:
    """One run: films, network, optimiser and where it stands."""

    def __init__(
        self, config: TrainingConfig, datalist: Path, out: Path, init: Path | None, device: torch.device
    ) -> None:
        self.config, self.out, self.device = config, out, device
        if device.type == "cpu":
            keep_freed_memory()
        parts = read_datalist(datalist)
        if config.streaming is not None:
            parts["training"] = streamed_entries(config)
        for part in ("training", "validation"):
            if not parts[part]:
                raise DatalistError(f"{datalist}: has no films under '{part}'; both training and validation need some")
        self.network_config = network_config(config.network)
        if self.network_config["_target_"].endswith(".MBNet"):
            self.network_config["input_size"] = config.input_size
        torch.manual_seed(config.seed)
        network = build_network(self.network_config)
        initial = load_model(init) if init is not None else None
        self.scale = value_scale(network, config, parts["training"], initial)
        if config.pretrained and initial is None and isinstance(network, SpineNet):
            network.encoder.load_pretrained()
        if initial is not None:
            logger.info("%d tensors taken over from the initial model", warm_start(network, initial))
        self.network: nn.Module = network.to(device)
        if self.channels_last:
            self.network = self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.state = RunState(self.network, make_optimizer(config, self.network))
        if self.last.exists():
            self.state.resume(self.last, config, device)
            logger.info("going on after epoch %d", self.state.epoch)
        started = time.monotonic()
        channels = default_definitions().landmark_channels if isinstance(network, SpineNet) else ()
        films = partial(Films, size=config.input_size, device=device, landmark_channels=channels)
        self.validation = films(parts["validation"])
        self.training: Films | StreamLoader
        if config.streaming is not None:
            self.training = make_stream(config, channels)
        else:
            self.training = films(
                parts["training"],
                cache_rate=config.cache_rate,
                augmentation=config.augmentation,
                seed=config.seed,
                columns=config.columns,
            )
        self.films = len(self.training) if isinstance(self.training, Films) else self.training.films
        self.validator = build_network(self.network_config).to(device)
        self.total_steps = config.epochs * -(-self.films // config.batch_size)
        if config.max_steps is not None:
            self.total_steps = min(self.total_steps, config.max_steps)
        logger.info(
            "%d training and %d validation films loaded in %.0f s; %s with %.2f M weights on %s",
            self.films,
            len(self.validation),
            time.monotonic() - started,
            Path(config.network).stem,
            sum(weight.numel() for weight in self.network.parameters()) / 1e6,
            device.type,
        )

    @property
    def channels_last(self) -> bool:
        """Faster on a GPU; on a CPU for convolutions of single channels alone."""
        return self.device.type == "cuda" or isinstance(self.network, SpineNet)

    @property
    def last(self) -> Path:
        return self.out / "last.pt"

    @property
    def best(self) -> Path:
        return self.out / "best.pt"

    @property
    def progress(self) -> float:
        """Share of the run that is done: of its steps or of its time, whichever is further."""
        share = self.state.step / self.total_steps
        if self.config.max_minutes is not None:
            share = max(share, self.state.seconds / 60 / self.config.max_minutes)
        return share

    def finish(self, on_epoch: OnEpoch | None) -> TrainingResult:
        """Run all epochs that are left."""
        with SummaryWriter(str(self.out / "tensorboard")) as board:
            while self.progress < 1 and self.state.epoch < self.config.epochs:
                entry = self.epoch()
                for name, value in entry.items():
                    if isinstance(value, float):
                        board.add_scalar(name, value, self.state.epoch)
                if on_epoch is not None:
                    on_epoch(entry)
        return TrainingResult(self.best, self.state.best_metric, tuple(self.state.history))

    def epoch(self) -> dict[str, Any]:
        """Train one epoch (less where the run ends within it), validate, save."""
        state, started = self.state, time.monotonic()
        before = state.seconds
        loss = self.pass_over_films(started)
        self.validator.load_state_dict(state.weights())
        scores = validate(self.validator, self.validation, self.config.batch_size, self.scale)
        state.epoch += 1
        state.seconds = before + time.monotonic() - started
        entry: dict[str, Any] = {
            "epoch": state.epoch,
            "step": state.step,
            "samples": state.samples,
            "minutes": round(state.seconds / 60, 2),
            "loss": loss,
            "learning_rate": learning_rate(self.config, min(self.progress, 1.0)),
            **scores,
        }
        state.history.append(entry)
        metric = next(scores[name] for name in METRICS if name in scores) or 0.0
        if metric > state.best_metric:
            state.best_metric = metric
            save_model(self.model_file(scores), self.best)
        state.save(self.last, self.config)
        logger.info(
            "epoch %d step %d %.1f min loss %.4f IoU %s best %.4f",
            state.epoch,
            state.step,
            state.seconds / 60,
            loss,
            " ".join(f"{scores[f'iou_{name}'] or 0:.3f}" for name in default_definitions().classes),
            state.best_metric,
        )
        return entry

    def pass_over_films(self, started: float) -> float:
        """One pass of optimisation, ended early when steps or time are used up; returns the mean loss."""
        config, state = self.config, self.state
        # Seeds come from the epoch's number, so that a resumed run draws what the uninterrupted one would have.
        torch.manual_seed(config.seed + 1_000_003 * (state.epoch + 1))
        self.network.train()
        seconds, losses = state.seconds, []
        for batch in self.batches():
            losses.append(self.step(batch))
            state.seconds = seconds + time.monotonic() - started
            if state.step % 50 == 0:
                logger.info("step %d %.1f min loss %.4f", state.step, state.seconds / 60, float(np.mean(losses[-50:])))
            if self.progress >= 1:
                break
        return float(np.mean(losses))

    def batches(self) -> Iterator[Mapping[str, Tensor]]:
        """Those of the present epoch."""
        config, epoch = self.config, self.state.epoch
        if isinstance(self.training, StreamLoader):
            return self.training.epoch(epoch)
        self.training.epoch = epoch
        loader = DataLoader(
            self.training,
            batch_size=config.batch_size,
            shuffle=True,
            generator=torch.Generator().manual_seed(config.seed + epoch),
            num_workers=config.workers if self.device.type == "cpu" else 0,
        )
        return iter(loader)

    def step(self, batch: Mapping[str, Tensor]) -> float:
        """One optimisation step; returns the loss."""
        config, state = self.config, self.state
        for group in state.optimizer.param_groups:
            group["lr"] = learning_rate(config, min(self.progress, 1.0))
        images = network_input(batch["image"].to(self.device), int(self.network.in_channels))  # type: ignore[arg-type]
        if self.channels_last:
            images = images.contiguous(memory_format=torch.channels_last)
        # Not on the CPU: bfloat16 is far slower than single precision there.
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.device.type == "cuda"):
            outputs = self.network(images)
        loss = self.loss(outputs, batch)
        state.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if config.gradient_clip is not None:
            nn.utils.clip_grad_norm_(self.network.parameters(), config.gradient_clip)
        state.optimizer.step()
        state.step += 1
        state.samples += len(images)
        state.follow(config.ema)
        return float(loss.detach())

    def loss(self, outputs: Tensor | tuple[Tensor, Tensor], batch: Mapping[str, Tensor]) -> Tensor:
        """The segmentation loss; with a value branch alpha of it and 1 - alpha of the value loss."""
        label = batch["label"].to(self.device)
        segment = SEGMENTATION_LOSSES[self.config.segmentation_loss]
        if isinstance(outputs, Tensor):
            return segment(outputs.float(), label)
        if isinstance(outputs, SpineOutput):
            heat = batch["heat"].to(self.device).float() / 255
            grid = (outputs.classes.shape[-2], outputs.classes.shape[-1])
            label = functional.interpolate(label.float(), grid, mode="nearest-exact")
            heat = functional.interpolate(heat, grid, mode="bilinear", antialias=True)
            known = batch["heat_known"].to(self.device)
            return segment(outputs.classes.float(), label) + landmark_loss(outputs.landmarks.float(), heat, known)
        assert self.scale is not None
        targets = torch.from_numpy(self.scale.scale(batch["values"].double().cpu().numpy())).float().to(self.device)
        weight = self.config.alpha
        return weight * segment(outputs[0].float(), label) + (1 - weight) * value_loss(outputs[1].float(), targets)

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
                "films": {"training": self.films, "validation": len(self.validation)},
                "version": __version__,
            },
            metrics=dict(scores),
        )


def value_scale(
    network: nn.Module, config: TrainingConfig, entries: list[dict[str, Any]], initial: ModelFile | None
) -> ValueScale | None:
    """The scale of the value branch: that of the initial model, whose weights speak it, else from the films."""
    if not isinstance(network, MBNet):
        return None
    if network.value_activation == "sigmoid" and config.value_scaling != "min_max":
        raise ConfigurationError(
            f"key 'value_scaling': the sigmoid of {config.network} needs min_max, got {config.value_scaling}"
        )
    if initial is not None and initial.value_scale is not None:
        return ValueScale.from_dict(initial.value_scale)
    return ValueScale.fit(np.array([entry_values(entry) for entry in entries]), config.value_scaling)


def make_optimizer(config: TrainingConfig, network: nn.Module) -> torch.optim.Optimizer:
    optimizer = torch.optim.AdamW if config.optimizer == "adamw" else torch.optim.Adam
    return optimizer(network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)


@contextmanager
def log_file(path: Path) -> Iterator[None]:
    """Lines of the training log go to `path` too."""
    package = logging.getLogger("sagittal.training")
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    level = package.level
    package.addHandler(handler)
    package.setLevel(logging.INFO)
    try:
        yield
    finally:
        package.removeHandler(handler)
        package.setLevel(level)
        handler.close()
