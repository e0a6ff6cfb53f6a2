"""Bone that joins what is usually apart: block vertebrae, transitional levels between lumbar spine and sacrum."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from sagittal.simulator.patient import Patient, SimulatedBody
from sagittal.simulator.projection.solid import Points, Solid, extruded
from sagittal.simulator.skeleton.shapes import VertebraFrame, jittered, rounded

SLAB = 2.6
# In the vertebra's own frame: a transverse process as broad as a wing of the sacrum, which it meets.
WING = [(-0.25, 0.3), (0.1, 0.15), (0.4, 0.35), (0.5, 0.95), (0.35, 1.35), (0.0, 1.3), (-0.25, 0.9)]
# The sacralised body's lower end, as a share of the sacrum's length.
REMNANT = 0.21


def fusions(patient: Patient, bone: float, rng: np.random.Generator) -> list[Solid]:
    """The bone of a patient's block vertebra and of a transitional level; most have none."""
    solids: list[Solid] = []
    for below, above in pairwise(patient.bodies):
        if above.name in patient.variants.fused:
            solids += _bridges(below, above, patient.depth, bone, rng)
    if patient.variants.transition == "lumbarised":
        solids += _wings(patient, bone, rng)
    elif patient.variants.transition == "sacralised":
        solids += _remnant(patient, bone, rng)
    return solids


def _bridges(
    below: SimulatedBody, above: SimulatedBody, depth: float, bone: float, rng: np.random.Generator
) -> list[Solid]:
    """Bone across the remnant of a disc: most of it, or its front and back alone."""
    upper, lower = above.corners.inferior, below.corners.superior
    shear = (above.rim_offset + below.rim_offset) / (2.8 * depth)
    spans = ((0.02, 0.98),) if rng.random() < 0.5 else ((0.0, rng.uniform(0.15, 0.4)), (rng.uniform(0.6, 0.85), 1.0))
    density, half = bone * rng.uniform(0.1, 0.3), rng.uniform(0.4, 0.65) * depth
    solids = []
    for start, end in spans:
        edges = [_between(plate.anterior, plate.posterior, part) for plate in (upper, lower) for part in (start, end)]
        outline = np.array([edges[0], edges[1], edges[3], edges[2]])
        solids.append(extruded(outline, (-half, half), SLAB, cortex=0.4, trabecular=density).sheared(shear))
    return solids


def _between(start: tuple[float, float], end: tuple[float, float], part: float) -> Points:
    return np.asarray(np.array(start) * (1 - part) + np.array(end) * part)


def _wings(patient: Patient, bone: float, rng: np.random.Generator) -> list[Solid]:
    """Broad transverse processes of the lowest free body, on both sides or on one."""
    body, depth = patient.bodies[0], patient.depth
    frame = VertebraFrame(body, depth)
    sides = ((-1.0, 1.0), (-1.0,), (1.0,))[int(rng.choice(3, p=[0.6, 0.2, 0.2]))]
    solids = []
    for side in sides:
        outline = frame.place(rounded(jittered(WING, 0.05, rng)))
        span = (side * 0.55 * depth, side * rng.uniform(1.1, 1.35) * depth)
        solids.append(extruded(outline, span, SLAB, cortex=rng.uniform(0.5, 1.0), trabecular=bone * 0.12))
    return solids


def _remnant(patient: Patient, bone: float, rng: np.random.Generator) -> list[Solid]:
    """The disc that a sacralised body keeps below it, between two dense plates."""
    back, front = patient.sacrum_back, patient.sacrum_front
    at = (REMNANT + rng.normal(0, 0.01)) * (len(back) - 1)
    behind, ahead = (
        np.array([np.interp(at, np.arange(len(edge)), edge[:, k]) for k in (0, 1)]) for edge in (back, front)
    )
    across = ahead - behind
    normal = np.array([-across[1], across[0]]) / np.linalg.norm(across) * patient.depth
    thin, plate = rng.uniform(0.03, 0.08), rng.uniform(0.02, 0.04)
    half = patient.depth * rng.uniform(0.3, 0.5)

    def layer(low: float, high: float) -> Points:
        a, b = behind + 0.05 * across, ahead - 0.04 * across
        return rounded([a + normal * low, b + normal * low, b + normal * high, a + normal * high], times=1)

    gap = extruded(layer(-thin, thin), (-half, half), SLAB, cortex=0.0, trabecular=-bone * rng.uniform(0.03, 0.08))
    plates = [
        extruded(layer(low, low + plate), (-half, half), SLAB, cortex=0.3, trabecular=bone * 0.1)
        for low in (-thin - plate, thin)
    ]
    return [gap, *plates]
