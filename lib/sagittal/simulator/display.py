"""From attenuation to what a vendor's workstation shows: detector, noise, window, processing, text, compression."""

from __future__ import annotations

import cv2
import numpy as np

from sagittal.simulator.canvas import Image, smooth_noise
from sagittal.simulator.config import DisplayConfig
from sagittal.simulator.sampling import uniform

WORDS = ("Extension", "Flexion", "STANDING", "LAT", "Neutral", "ERECT", "PORTABLE")


def display(attenuation: Image, trunk: Image, scale: float, config: DisplayConfig, rng: np.random.Generator) -> Image:
    """Display values (rows, columns) 0..1 of an attenuation image; `scale` is in pixels per mm."""
    image = _soft_clip(attenuation, trunk)
    image = cv2.GaussianBlur(image, (0, 0), max(0.3, uniform(rng, config.blur_mm) * scale))
    inside = trunk > 0.3
    low = float(np.percentile(attenuation, rng.uniform(0.1, 2))) if rng.random() < 0.5 else 0.0
    reference = image[inside] if inside.any() else image
    low = min(low, float(np.percentile(reference, 20))) * rng.uniform(0.3, 1.0)
    high = float(np.percentile(reference, rng.uniform(99.0, 99.9))) * rng.uniform(0.98, 1.12)
    if rng.random() < 0.55:
        # Most films are windowed to the bone: much of the soft tissue's thickness is compressed away.
        low = max(low, float(np.percentile(reference, rng.uniform(0.5, 8))) * rng.uniform(0.4, 0.95))
    image = (image - low) / max(high - low, 1e-3)
    image = np.clip(image, 0, 1.2)
    image = _noise(image, config, rng, scale)
    if rng.random() < config.unsharp_probability:
        sigma = rng.uniform(1.0, 12.0)
        image = image + rng.uniform(0.3, 1.8) * (image - cv2.GaussianBlur(image, (0, 0), sigma))
    image = np.clip(image, 0, 1).astype(np.float32) ** np.float32(uniform(rng, config.gamma))
    if rng.random() < config.local_equalisation_probability:
        tiles = int(rng.integers(3, 10))
        equaliser = cv2.createCLAHE(rng.uniform(1.0, 4.0), (tiles, tiles))
        image = equaliser.apply((image * 65535).astype(np.uint16)).astype(np.float32) / 65535
    return np.clip(image * rng.uniform(0.75, 1.0) + rng.uniform(0, 0.06), 0, 1)


def _soft_clip(attenuation: Image, trunk: Image) -> Image:
    """Metal is compressed before windowing, or it flattens all else."""
    knee = float(np.percentile(attenuation[trunk > 0.3], 97)) if (trunk > 0.3).any() else 1.5
    over = np.maximum(attenuation - knee, 0)
    return np.minimum(attenuation, knee) + np.float32(0.45) * np.tanh(over / np.float32(0.6))


def _noise(image: Image, config: DisplayConfig, rng: np.random.Generator, scale: float) -> Image:
    """Quantum noise grows where little arrives (bright, dense parts); part of it is correlated (detector MTF)."""
    amplitude = config.noise[0] * (config.noise[1] / config.noise[0]) ** rng.random()
    white = rng.standard_normal(image.shape, dtype=np.float32)
    if rng.random() < 0.6:
        sigma = rng.uniform(0.4, 1.1)
        white = cv2.GaussianBlur(white, (0, 0), sigma)
        white /= max(float(white.std()), 1e-6)
    grain = white * np.float32(amplitude) * (0.4 + 0.6 * np.clip(image, 0, 1))
    if rng.random() < 0.3:
        rows, columns = image.shape
        grain = grain + smooth_noise(rng, (rows, columns), 4.0 * scale) * np.float32(amplitude * 0.5)
    noisy: Image = image + grain
    return noisy


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
