"""What a workstation adds to a film: burnt-in text, compression."""

from __future__ import annotations

import cv2
import numpy as np

from sagittal.simulator.canvas import Image

WORDS = ("Extension", "Flexion", "STANDING", "LAT", "Neutral", "ERECT", "PORTABLE")


def burn_in_text(image: Image, facing_left: bool, rng: np.random.Generator) -> None:
    """Side marker and words, as technicians place them; drawn after any flip so that they read."""
    rows, columns = image.shape
    size = rows / 640
    value = float(rng.uniform(0.85, 1.0))
    x = int(columns * (rng.uniform(0.02, 0.25) if facing_left == (rng.random() < 0.8) else rng.uniform(0.65, 0.85)))
    y = int(rows * rng.uniform(0.08, 0.95))
    thickness = max(1, round(size * rng.uniform(1, 2.5)))
    cv2.putText(
        image,
        str(rng.choice(["L", "R"])),
        (x, y),
        cv2.FONT_HERSHEY_SIMPLEX,
        size * rng.uniform(0.7, 1.8),
        value,
        thickness,
        cv2.LINE_AA,
    )
    if rng.random() < 0.6:
        word = str(rng.choice(WORDS))
        below = (max(2, x - int(20 * size)), min(rows - 3, y + int(28 * size)))
        cv2.putText(image, word, below, cv2.FONT_HERSHEY_SIMPLEX, size * rng.uniform(0.4, 0.8), value, 1, cv2.LINE_AA)


def compress(image: Image, rng: np.random.Generator) -> Image:
    """The artefacts of a JPEG of random quality."""
    _, coded = cv2.imencode(
        ".jpg", (image * 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 95))]
    )
    return cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE).astype(np.float32) / 255
