"""Tiny drawn films for tests of training and inference: bright shapes of the four classes, no anatomy."""

from __future__ import annotations

import json
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from sagittal.anatomy.definitions import default_definitions
from sagittal.training import TrainingConfig, TrainingResult, train


def draw_film(seed: int, rows: int = 96, columns: int = 64) -> tuple[np.ndarray, np.ndarray, float]:
    """A film (rows, columns) uint8, its class mask, and the tilt in degrees that its values are made from."""
    random = np.random.default_rng(seed)
    tilt = float(random.uniform(-20, 20))
    mask = Image.new("L", (columns, rows))
    pen = ImageDraw.Draw(mask)
    left = columns * random.uniform(0.25, 0.4)
    slope = np.tan(np.radians(tilt))
    width, height = columns * 0.35, rows * 0.09
    for body in range(3):
        top = rows * (0.15 + 0.14 * body)
        quad = [(left, top), (left + width, top + width * slope / 3)]
        pen.polygon([*quad, *((x, y + height) for x, y in reversed(quad))], fill=1)
    pen.rectangle([left + 2, rows * 0.58, left + width, rows * 0.7], fill=2)
    radius = rows * 0.1
    for head, (x, y) in enumerate([(0.26, 0.84), (0.7, 0.86)]):
        x, y = columns * x, rows * y
        pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=3 + head)
    classes = np.asarray(mask)
    grey = np.array([30, 210, 160, 120, 90], np.float64)[classes] + random.normal(0, 4, classes.shape)
    return grey.clip(0, 255).astype(np.uint8), classes, tilt


def write_drawn_dataset(folder: Path, training: int = 8, validation: int = 4) -> Path:
    """A dataset.json with drawn films; LDI is absent everywhere."""
    parts: dict[str, list[dict[str, object]]] = {"training": [], "validation": []}
    for seed in range(training + validation):
        film, mask, tilt = draw_film(seed)
        for kind, pixels in (("images", film), ("labels", mask)):
            (folder / kind).mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(folder / kind / f"{seed}.png")
        values = {name: tilt + 10 * place for place, name in enumerate(default_definitions().value_branch)}
        parts["training" if seed < training else "validation"].append(
            {
                "image": f"images/{seed}.png",
                "label": f"labels/{seed}.png",
                "parameters": {**values, "LDI": None},
                "subject": str(seed),
            }
        )
    path = folder / "dataset.json"
    path.write_text(json.dumps(parts), encoding="utf-8")
    return path


def small_config(folder: Path, network: str = "BiLuNet", **changes: object) -> TrainingConfig:
    """A quick training at 64 x 64 of a network a quarter of the published width."""
    path = folder / f"{network}.yaml"
    path.write_text(
        f"network: {{_target_: sagittal.networks.{network}, width: 8, dropout: 0.0, normalization: true}}\n",
        encoding="utf-8",
    )
    settings: dict[str, object] = {
        "network": str(path),
        "epochs": 2,
        "batch_size": 4,
        "optimizer": "adamw",
        "learning_rate": 1e-2,
        "input_size": 64,
        "activation": "softmax",
        "segmentation_loss": "dice_cross_entropy",
    }
    return TrainingConfig.model_validate({**settings, **changes})


@cache
def drawn_dataset() -> Path:
    """The dataset.json of drawn films that `trained` networks have learned; made once for all tests."""
    return write_drawn_dataset(Path(tempfile.mkdtemp(prefix="sagittal-drawn-")), training=24, validation=4)


@cache
def trained(network: str) -> TrainingResult:
    """A network that has learned the drawn films, MBNet from BiLuNet's weights; made once for all tests."""
    datalist = drawn_dataset()
    bilunet = None if network == "BiLuNet" else trained("BiLuNet").checkpoint
    # The tilt is learned late, and only where the values weigh more than the masks, which are known by then.
    more = {"epochs": 16} if bilunet is None else {"epochs": 20, "alpha": 0.3}
    # With this seed both heads are told apart early.
    config = small_config(datalist.parent, network, schedule="cosine", warm_up=0.05, seed=2, **more)
    return train(config, datalist, datalist.parent / network, init=bilunet)
