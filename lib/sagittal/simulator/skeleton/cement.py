"""Bone cement in fractured bodies (vertebroplasty)."""

from __future__ import annotations

import numpy as np

from sagittal.simulator.patient import Patient
from sagittal.simulator.projection.solid import Solid, ball

SLAB = 1.5
# Cement carries barium: how much of cortical bone its density is.
DENSITY = (0.9, 1.8)


def cement(patient: Patient, rng: np.random.Generator) -> list[Solid]:
    """Lobes of cement in each body that was filled, now and then a trace of it beyond the body."""
    lobes = []
    for body in patient.bodies:
        if not body.cemented:
            continue
        center, depth = body.contour.mean(axis=0), patient.depth
        density = rng.uniform(*DENSITY)
        for side in (-1.0, 1.0):
            for _ in range(int(rng.integers(3, 9))):
                where = center + rng.normal(0, 0.13, 2) * depth * np.array([1.0, 0.7])
                z, size = side * rng.uniform(0.05, 0.4) * depth, depth * rng.uniform(0.05, 0.15)
                lobes.append(ball(where, z, size, SLAB, cortex=0.0, trabecular=density))
        if rng.random() < 0.2:
            leak = center + rng.normal(0, 0.5, 2) * depth
            lobes.append(ball(leak, 0.0, depth * rng.uniform(0.03, 0.07), 1.0, cortex=0.0, trabecular=density))
    return lobes
