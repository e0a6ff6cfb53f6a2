"""A proximal femur: head, neck, greater trochanter, shaft."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sagittal.simulator.projection.solid import Points, Solid, Tube, ball, rim, swept

SLAB = 3.0
# Hides the steps from one section to the next.
SOFT = (1.5, 1.5)


def femur(center: Points, z: float, radius: float, bone: float, rng: np.random.Generator) -> list[Solid | Tube]:
    """The femur whose head has this centre (2,), depth and radius in mm."""
    outward = np.sign(z)
    # A head is mostly an arc: what is dense around it and the detector's own processing leave little of its fill.
    spongy = bone * 0.14 * rng.random() ** 2
    lateral = rng.uniform(0.1, 1.0)
    circle = np.linspace(0, 2 * np.pi, 48)
    arc = rim(center, z, radius, circle, rng.uniform(0.5, 1.5), rng.uniform(0.5, 5.5))
    head = replace(ball(center, z, radius, SLAB, cortex=0, trabecular=spongy), soft=SOFT)
    tip = center + radius * np.array([rng.uniform(-0.1, 0.6), rng.uniform(0.5, 1.1)])
    neck = _bar(
        center,
        tip,
        z,
        z + outward * 1.8 * radius,
        radius * np.array([0.72, 0.6, 0.75]),
        0.06 * lateral * bone,
    )
    # The neck seen end-on.
    narrow = rim(
        center + (tip - center) * rng.uniform(0.2, 0.9), z, rng.uniform(0.45, 0.65) * radius, circle, 2.0, 2 * lateral
    )
    aside, size = tip + radius * np.array([0.25, -0.1]), 0.85 * radius
    trochanter = ball(aside, z + outward * 2.2 * radius, size, SLAB, cortex=0, trabecular=0.06 * lateral * bone)
    below = tip + radius * np.array([rng.uniform(-0.5, 0.3), 6.0])
    half = 0.55 * radius
    side = np.array([1.0, 0.0])
    outline = np.array([tip - side * half * 1.5, tip + side * half * 1.5, below + side * half, below - side * half])
    depths = z + outward * (2.0 * radius + np.linspace(-half, half, 7))
    width = np.sqrt(1 - np.linspace(-0.95, 0.95, 7) ** 2)
    middle = outline.mean(axis=0)
    sections = np.array([middle + (outline - middle) * np.array([w, 1.0]) for w in width])
    shaft = Solid(sections, depths, 2 * half / 7, 2.5 * lateral, 0.03, (1.5, 1.0))
    return [head, arc, neck, narrow, replace(trochanter, soft=SOFT), shaft]


def _bar(start: Points, end: Points, z0: float, z1: float, radii: Points, trabecular: float) -> Solid:
    count = max(4, int(abs(z1 - z0) / SLAB))
    t = np.linspace(0, 1, count)
    path = start + (end - start) * t[:, None]
    size = np.interp(t, np.linspace(0, 1, len(radii)), radii)
    return swept(path, z0 + (z1 - z0) * t, size, cortex=0, trabecular=trabecular, soft=1.5)
