"""The lowest ribs."""

from __future__ import annotations

import numpy as np

from sagittal.simulator.patient import Patient
from sagittal.simulator.projection.solid import Tube


def ribs(patient: Patient, bone: float, rng: np.random.Generator) -> list[Tube]:
    """A rib on either side of each body that bears them: from beside the body backward, outward, then down, forward."""
    depth = patient.depth
    tubes = []
    ribbed = [body for body in patient.bodies if body.ribbed]
    for body in ribbed:
        root = np.array(body.corners.superior_posterior)
        short = body is ribbed[0]
        length = rng.uniform(1.2, 3.2) if short else rng.uniform(4.0, 7.0)
        back, fall = rng.uniform(0.6, 1.1), rng.uniform(0.35, 0.7)
        for side in (-1.0, 1.0):
            t = np.linspace(0, 1, 30)
            x = depth * (back * np.sin(np.pi * np.minimum(t * 1.6, 1)) - length * np.maximum(t - 0.3, 0) ** 1.3)
            y = depth * (fall * length * t**1.1 * 0.8)
            z = side * depth * (0.5 + (2.6 if not short else 1.6) * np.sin(np.pi * np.minimum(t * 0.75, 0.5)))
            path = root + np.stack([x, y], axis=1) + rng.normal(0, 0.06 * depth, 2)
            tubes.append(Tube(path, z, rng.uniform(2.8, 4.5), rng.uniform(0.3, 0.8), bone * 0.1))
    return tubes
