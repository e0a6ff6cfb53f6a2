"""Worn discs: dense bone beside them, plates eaten away and broken into, as they hide where a plate lies.

The truth stays the plate that was there.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sagittal.anatomy.landmarks import EndPlate
from sagittal.simulator.patient import Patient
from sagittal.simulator.projection.solid import Points, Solid, ball, extruded
from sagittal.simulator.skeleton.pose import Pose
from sagittal.simulator.skeleton.shapes import jittered, rim_shear, rounded

SLAB = 2.6
# A disc is narrow below this share of a body's depth; how often a narrow one and another is worn.
NARROW = 0.17
WORN = (0.15, 0.6)


def worn_discs(patient: Patient, pose: Pose, bone: float, amount: float, rng: np.random.Generator) -> list[Solid]:
    """Sclerosis and erosions at the worn discs below the lumbar bodies; `amount` scales how many there are."""
    solids: list[Solid] = []
    below = pose.shear
    for body, (lower, upper) in zip(patient.bodies, patient.discs, strict=True):
        above = rim_shear(body, patient.depth)
        # Discs of ribbed bodies are low in health, too, and a block has none.
        usual = not body.ribbed and body.name not in patient.variants.fused
        if usual and rng.random() < amount * WORN[disc_height(lower, upper) < NARROW * patient.depth]:
            for plate, away, shear in ((lower, 1.0, below), (upper, -1.0, above)):
                found = _erosions(plate, patient.depth, bone, rng)
                if rng.random() < 0.8:
                    found.append(_sclerosis(plate, away * _caudal(plate), patient.depth, bone, rng))
                solids += [solid.sheared(shear) for solid in found]
        below = above
    return solids


def disc_height(lower: EndPlate, upper: EndPlate) -> float:
    """How far two plates lie apart across the lower one, in mm; how far one slipped along the other does not count."""
    return abs(float(_caudal(lower) @ np.subtract(upper.midpoint, lower.midpoint)))


def _caudal(plate: EndPlate) -> Points:
    """Unit vector square to a plate, towards the feet, of a patient who faces left."""
    along = np.subtract(plate.posterior, plate.anterior)
    return np.array([-along[1], along[0]]) / np.linalg.norm(along)


def _sclerosis(plate: EndPlate, away: Points, depth: float, bone: float, rng: np.random.Generator) -> Solid:
    """Dense bone along some of a plate, deepest somewhere in its course."""
    length = rng.uniform(0.3, 1.1)
    start = rng.uniform(-0.05, 1.05 - length)
    along = start + length * np.linspace(0, 1, 6)[:, None]
    a, b = np.array(plate.anterior), np.array(plate.posterior)
    edge = a + (b - a) * along
    reach = rng.uniform(0.05, 0.3) * depth * np.sin(np.linspace(0.3, np.pi - 0.3, 6))[:, None]
    outline = rounded(np.concatenate([edge, (edge + away * reach * rng.uniform(0.6, 1.3, (6, 1)))[::-1]]))
    half = rng.uniform(0.25, 0.6) * depth
    solid = extruded(outline, (-half, half), SLAB, cortex=0.0, trabecular=bone * rng.uniform(0.03, 0.2))
    return replace(solid, soft=(rng.uniform(0.5, 2.5), rng.uniform(0.5, 2.5)))


def _erosions(plate: EndPlate, depth: float, bone: float, rng: np.random.Generator) -> list[Solid]:
    """Holes and dense specks along a plate: disc that broke into the body, borders that lost their line."""
    a, b = np.array(plate.anterior), np.array(plate.posterior)
    solids = []
    for _ in range(int(rng.poisson(3))):
        where = jittered(a + (b - a) * rng.uniform(0.0, 1.0), 0.04 * depth, rng)
        size = depth * rng.uniform(0.04, 0.12)
        density = bone * rng.normal(-0.02, 0.12)
        speck = ball(where, rng.uniform(-0.3, 0.3) * depth, size, 1.5, cortex=0.0, trabecular=density)
        solids.append(replace(speck, soft=(0.6, 0.6)))
    return solids
