"""From what the rays pass through to the picture that a hospital's system shows."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from sagittal.simulator.canvas import Image
from sagittal.simulator.config import AutomaticConfig, ExposureConfig
from sagittal.simulator.materials import Materials
from sagittal.simulator.sampling import truncated_normal, uniform

# Attenuation per mm at a lumbar film's usual beam (some 80 kV): water, cortical bone, titanium, and the path of metal
# beyond which nothing gets through.
WATER, BONE, TITANIUM = 0.0195, 0.062, 0.25
OPAQUE_MM = 30.0


def expose(
    materials: Materials,
    pixels_per_mm: float,
    config: ExposureConfig,
    rng: np.random.Generator,
    *,
    visible: tuple[int, int, int, int] | None = None,
) -> Image:
    """The film (rows, columns) float32 in 0..1, bone bright; `visible` (x0, y0, x1, y1) is what is not collimated.

    Beam with hardening, focal blur, scatter, heel effect, quantum noise, then a vendor's processing: logarithm, dynamic
    range compression, enhanced details, a window set automatically or by hand, local equalisation.
    """
    # A set that was frozen before there was automatic exposure draws no number here.
    automatic = config.automatic.probability > 0 and rng.random() < config.automatic.probability
    softness = uniform(rng, config.softness)
    if automatic:
        softness *= _share_for_thickness(materials, uniform(rng, config.automatic.thickness))
    signal, body = _signal(materials, softness, pixels_per_mm, config, rng)
    image = -np.log(signal + np.float32(rng.uniform(0.0, 0.05)))
    if automatic:
        field = _anatomy(materials, visible)
        return _finished(_automatic(image, body, field, pixels_per_mm, config.automatic, rng), config, rng)
    return _finished(_by_hand(image, body, pixels_per_mm, config, rng), config, rng)


def _share_for_thickness(materials: Materials, limit: float) -> float:
    """The technician sets the voltage by the patient: the thickest parts get `limit` times e less than the middle."""
    soft = materials.soft[::4, ::4]
    soft = soft[soft > 1]
    if soft.size < 100:
        return 1.0
    middle, thickest = np.percentile(soft, [50, 98])
    return min(1.0, limit / max(float(thickest - middle) * WATER, 1e-6))


def _anatomy(materials: Materials, visible: tuple[int, int, int, int] | None) -> npt.NDArray[np.bool_]:
    """The patient within the collimated field, less metal and the rim of skin; the whole film if that is little."""
    rows, columns = materials.soft.shape
    x0, y0, x1, y1 = visible or (0, 0, columns, rows)
    anatomy = np.zeros((rows, columns), bool)
    anatomy[y0:y1, x0:x1] = ((materials.soft > 60) & (materials.metal < 1))[y0:y1, x0:x1]
    return anatomy if anatomy.sum() > 1000 else np.ones_like(anatomy)


def _signal(
    materials: Materials, softness: float, scale: float, config: ExposureConfig, rng: np.random.Generator
) -> tuple[Image, npt.NDArray[np.bool_]]:
    """What the detector sees, 1 in the middle of the body; and where the body is."""
    metal = np.minimum(materials.metal, OPAQUE_MM) * TITANIUM
    attenuation = (materials.soft * WATER + materials.bone * BONE) * np.float32(softness) + metal
    # Hardening: the longer the way, the less the next mm takes away.
    attenuation = attenuation - np.float32(uniform(rng, config.hardening)) * attenuation**2
    primary = cv2.GaussianBlur(np.exp(-attenuation), (0, 0), max(0.3, uniform(rng, config.blur_mm) * scale))
    body = materials.soft > 1
    level = float(np.median(primary[body])) if body.any() else 1.0
    ratio = uniform(rng, config.scatter)
    scatter = _wide_blur(np.minimum(primary, level * 4), uniform(rng, config.scatter_reach_mm) * scale) * ratio
    rows, columns = primary.shape
    heel = 1 + np.linspace(-1, 1, rows)[:, None] * uniform(rng, config.heel)
    heel = heel + np.linspace(-1, 1, columns)[None] * uniform(rng, config.heel)
    signal = (primary + scatter) * heel / (level * (1 + ratio))
    noise = rng.standard_normal(primary.shape).astype(np.float32)
    if rng.random() < 0.7:
        noise = cv2.GaussianBlur(noise, (0, 0), rng.uniform(0.3, 0.8))
        noise /= max(float(noise.std()), 1e-6)
    grain = uniform(rng, config.noise)
    return np.maximum(signal + noise * grain * np.sqrt(np.maximum(signal, 1e-3)), 1e-3).astype(np.float32), body


def _automatic(
    image: Image,
    body: npt.NDArray[np.bool_],
    anatomy: npt.NDArray[np.bool_],
    scale: float,
    config: AutomaticConfig,
    rng: np.random.Generator,
) -> Image:
    """Brightness evened out, details enhanced, the window set from the histogram of the anatomy.

    Metal, lung and air are pressed against the window's ends, so that bone and soft tissue have the greys.
    """
    image = _compressed(image, body, uniform(rng, config.reach_mm) * scale, uniform(rng, config.evenness))
    image = image + uniform(rng, config.detail) * (image - _wide_blur(image, rng.uniform(1.0, 5.0) * scale))
    low, middle, high = np.percentile(image[anatomy][::7], [rng.uniform(0.5, 5), 50, rng.uniform(98.5, 99.8)])
    below, above = uniform(rng, config.latitude) * (middle - low), uniform(rng, config.latitude) * (high - middle)
    hardness = uniform(rng, config.hardness)
    offset = image - np.float32(middle)
    offset = offset / np.where(offset < 0, np.float32(max(below, 1e-3)), np.float32(max(above, 1e-3)))
    bent = offset / (1 + np.abs(offset) ** hardness) ** (1 / hardness)
    grey = truncated_normal(rng, config.grey)
    return np.asarray(grey + bent * np.where(bent < 0, grey, 1 - grey), dtype=np.float32)


def _by_hand(
    image: Image, body: npt.NDArray[np.bool_], scale: float, config: ExposureConfig, rng: np.random.Generator
) -> Image:
    if rng.random() < config.compression_probability:
        image = _compressed(image, body, rng.uniform(25, 70) * scale, uniform(rng, config.compression))
    for _ in range(int(rng.integers(0, 3))):
        reach = float(np.exp(rng.uniform(np.log(2), np.log(60)))) * scale / 2
        image = image + uniform(rng, config.unsharp) * (image - _wide_blur(image, reach))
    shown = image[body] if body.any() else image
    low, high = np.percentile(shown, [rng.uniform(0.1, 6), rng.uniform(98.5, 99.9)])
    image = (image - low) / max(high - low, 1e-3)
    if rng.random() < config.s_curve_probability:
        image = 1 / (1 + np.exp(-(image - rng.uniform(0.4, 0.6)) * rng.uniform(3, 6)))
    image = np.clip(image, 0, 1)
    return np.asarray(image ** _gamma_to(uniform(rng, config.brightness), image[body]), dtype=np.float32)


def _finished(image: Image, config: ExposureConfig, rng: np.random.Generator) -> Image:
    """Locally equalised, or not, and stretched over all greys."""
    if rng.random() < config.local_equalisation_probability:
        tiles = int(rng.integers(4, 12))
        eight_bit = (image * 255).astype(np.uint8)
        image = cv2.createCLAHE(rng.uniform(1, 4), (tiles, tiles)).apply(eight_bit).astype(np.float32) / 255
    low, high = np.percentile(image, [0.2, 99.8])
    return np.asarray(np.clip((image - low) / max(high - low, 1e-3), 0, 1), dtype=np.float32)


def _gamma_to(brightness: float, shown: Image) -> float:
    """The gamma that gives half of what is shown at least this grey, within what a workstation would apply."""
    median = float(np.clip(np.median(shown), 0.05, 0.95)) if shown.size else 0.5
    return float(np.clip(np.log(brightness) / np.log(median), 0.4, 4.0))


def _compressed(image: Image, body: npt.NDArray[np.bool_], reach: float, strength: float) -> Image:
    """Less of the slow differences of brightness within the body (dynamic range compression)."""
    inside = body.astype(np.float32)
    slow = _wide_blur(image * inside, reach) / np.maximum(_wide_blur(inside, reach), 0.05)
    middle = float(np.median(image[body])) if body.any() else 0.0
    return np.asarray(image - strength * (slow - middle) * np.minimum(inside + 0.3, 1), dtype=np.float32)


def _wide_blur(image: Image, reach: float) -> Image:
    """Gaussian blur, worked out on a coarser grid where it is wide."""
    coarse = max(1, int(reach / 8))
    if coarse == 1:
        return cv2.GaussianBlur(image, (0, 0), max(reach, 0.3))
    small = cv2.resize(image, None, fx=1 / coarse, fy=1 / coarse, interpolation=cv2.INTER_AREA)
    return cv2.resize(cv2.GaussianBlur(small, (0, 0), reach / coarse), image.shape[::-1])
