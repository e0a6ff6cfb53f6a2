"""Damages an exact class mask as networks damage theirs."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from scipy import ndimage
from skimage.draw import disk, line, polygon

from sagittal.anatomy.definitions import default_definitions
from sagittal.simulator.film import SimulatedTruth

Mask = npt.NDArray[np.uint8]

VERTEBRA, SACRUM, HEAD_1, HEAD_2 = 1, 2, 3, 4
# Rows of the grid on which a network draws its mask.
NETWORK_ROWS = (384, 512)
# How far edges wander, in body depths: with these, end plates are as rough as on published masks of a network
# (root mean square .008 of a plate's length in the median, .012 at the 90th percentile).
WANDER = (0.0, 0.025)


@dataclass(frozen=True, eq=False)
class DamagedMask:
    """A class mask (rows, columns) uint8, what was done to it, and the levels that were taken out of it."""

    mask: Mask
    damages: tuple[str, ...]
    removed: tuple[str, ...]


def damage(truth: SimulatedTruth, seed: int) -> DamagedMask:
    """Damage the mask of a film; the same seed does the same damage.

    Every mask gets a network's stairs and ragged edges; beyond that each kind of damage comes with its own chance.
    """
    rng = np.random.default_rng([seed, truth.seed])
    mask = truth.class_mask.copy()
    applied, removed = ["ragged"], []
    depth = _body_depth(truth)
    mask = _ragged(mask, depth, rng)
    if rng.random() < 0.3:
        _holes(mask, depth, rng)
        applied.append("holes")
    if rng.random() < 0.15:
        removed = [_remove_body(mask, truth, rng)]
        applied.append(f"missing {removed[0]}")
    if rng.random() < 0.25:
        applied.append(f"bridge {_bridge(mask, truth, depth, removed, rng)}")
    if rng.random() < 0.15:
        _promontory(mask, truth, depth, rng)
        applied.append("promontory called vertebra")
    if rng.random() < 0.3:
        _specks(mask, depth, rng)
        applied.append("specks")
    if rng.random() < 0.15 and truth.landmarks.femoral_heads:
        _cut_heads(mask, truth, rng)
        applied.append("cut head")
    return DamagedMask(mask, tuple(applied), tuple(removed))


def _body_depth(truth: SimulatedTruth) -> float:
    """Depth of L3 in pixels."""
    plate = truth.landmarks.bodies["L3"].superior
    return float(np.hypot(plate.anterior[0] - plate.posterior[0], plate.anterior[1] - plate.posterior[1]))


def _ragged(mask: Mask, depth: float, rng: np.random.Generator) -> Mask:
    """Edges that wander by some hundredths of a body's depth, drawn on a network's coarse grid."""
    rows, columns = mask.shape
    coarse = max(1.0, max(rows, columns) / rng.uniform(*NETWORK_ROWS))
    small = (max(1, round(rows / coarse)), max(1, round(columns / coarse)))
    grain = depth * rng.uniform(0.1, 0.4) / coarse
    reach = depth * rng.uniform(*WANDER) / coarse
    y, x = np.mgrid[0 : small[0], 0 : small[1]].astype(np.float32)
    shifts = []
    for _ in range(2):
        noise = rng.standard_normal(small).astype(np.float32)
        smooth = cv2.GaussianBlur(noise, (0, 0), max(grain, 0.5))
        shifts.append(smooth / max(float(smooth.std()), 1e-6) * reach)
    source_x = np.clip((x + shifts[0] + 0.5) * columns / small[1] - 0.5, 0, columns - 1)
    source_y = np.clip((y + shifts[1] + 0.5) * rows / small[0] - 0.5, 0, rows - 1)
    drawn = mask[np.rint(source_y).astype(int), np.rint(source_x).astype(int)]
    return np.asarray(cv2.resize(drawn, (columns, rows), interpolation=cv2.INTER_NEAREST_EXACT))


def _holes(mask: Mask, depth: float, rng: np.random.Generator) -> None:
    foreground = np.argwhere(mask > 0)
    for _ in range(int(rng.integers(1, 5))):
        y, x = foreground[int(rng.integers(len(foreground)))]
        rows, columns = disk((y, x), depth * rng.uniform(0.04, 0.16), shape=mask.shape)
        mask[rows, columns] = 0


def _remove_body(mask: Mask, truth: SimulatedTruth, rng: np.random.Generator) -> str:
    """A body that the network missed: any of L1 to L5, those in the middle more often."""
    name = str(rng.choice(["L5", "L4", "L3", "L2", "L1"], p=[0.1, 0.25, 0.3, 0.25, 0.1]))
    structure = default_definitions().structures[name].id
    body = ndimage.binary_dilation(truth.label_map == structure, iterations=6)
    mask[body & (mask == VERTEBRA)] = 0
    return name


def _bridge(mask: Mask, truth: SimulatedTruth, depth: float, removed: list[str], rng: np.random.Generator) -> str:
    """Two neighbours joined through their disc, or L5 joined with the sacrum."""
    levels = [level for level in ("L5", "L4", "L3", "L2", "L1") if level not in removed]
    i = int(rng.integers(0, len(levels) - 1))
    upper, lower = (levels[i], "sacrum") if rng.random() < 0.25 else (levels[i + 1], levels[i])
    bodies = truth.landmarks.bodies
    above = bodies["L5" if lower == "sacrum" else upper]
    below = truth.landmarks.s1 if lower == "sacrum" else bodies[lower].superior
    assert below is not None
    part = rng.uniform(0.15, 0.85)
    start, end = (
        np.array(plate.anterior) * (1 - part) + np.array(plate.posterior) * part for plate in (above.inferior, below)
    )
    width = depth * rng.uniform(0.05, 0.3)
    along = end - start
    along = along / max(float(np.linalg.norm(along)), 1e-6)
    across = np.array([-along[1], along[0]]) * width / 2
    start, end = start - along * 0.06 * depth, end + along * 0.06 * depth
    outline = np.array([start - across, start + across, end + across, end - across])
    rows, columns = polygon(outline[:, 1], outline[:, 0], shape=mask.shape)
    free = mask[rows, columns] == 0
    mask[rows[free], columns[free]] = VERTEBRA
    return f"{'L5' if lower == 'sacrum' else upper}-{lower}"


def _promontory(mask: Mask, truth: SimulatedTruth, depth: float, rng: np.random.Generator) -> None:
    """The front corner of S1 called vertebra."""
    assert truth.landmarks.s1 is not None
    x, y = truth.landmarks.s1.anterior
    rows, columns = disk((y, x), depth * rng.uniform(0.08, 0.3), shape=mask.shape)
    inside = mask[rows, columns] == SACRUM
    mask[rows[inside], columns[inside]] = VERTEBRA


def _specks(mask: Mask, depth: float, rng: np.random.Generator) -> None:
    """Spurious blobs of any class anywhere, and now and then a rod's shadow behind the spine."""
    height, width = mask.shape
    for _ in range(int(rng.integers(1, 5))):
        y, x = rng.uniform(0, height), rng.uniform(0, width)
        rows, columns = disk((y, x), depth * rng.uniform(0.03, 0.2), shape=mask.shape)
        free = mask[rows, columns] == 0
        mask[rows[free], columns[free]] = int(rng.choice([VERTEBRA, SACRUM, HEAD_1, HEAD_2]))
    if rng.random() < 0.2:
        x, y = rng.uniform(0.2, 0.8) * width, rng.uniform(0.3, 0.6) * height
        end = (min(height - 1, int(y + 2 * depth)), min(width - 1, int(x + 0.3 * depth)))
        rows, columns = line(int(y), int(x), *end)
        rod = np.zeros(mask.shape, bool)
        rod[rows, columns] = True
        rod = ndimage.binary_dilation(rod, iterations=max(1, int(0.04 * depth)))
        mask[rod & (mask == 0)] = int(rng.choice([VERTEBRA, SACRUM]))


def _cut_heads(mask: Mask, truth: SimulatedTruth, rng: np.random.Generator) -> None:
    """The lower part of both heads not seen."""
    head = truth.landmarks.femoral_heads[0]
    row = int(head.center[1] + rng.uniform(-0.2, 0.8) * head.radius)
    below = mask[max(0, row) :]
    below[(below == HEAD_1) | (below == HEAD_2)] = 0
