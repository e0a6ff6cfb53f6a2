"""The sacrum: bodies S1 to the coccyx, ala, canal with laminae and crest, remnants of discs."""

from __future__ import annotations

import numpy as np

from sagittal.simulator.patient import Patient, cranial_normal, direction
from sagittal.simulator.projection.solid import Solid, extruded
from sagittal.simulator.skeleton.shapes import jittered, rounded

SLAB = 2.6


def sacrum(patient: Patient, bone: float, rng: np.random.Generator) -> list[Solid]:
    """All solids of the sacrum; its mid-sagittal body wedge is the patient's own contour."""
    return [
        _bodies(patient, bone, rng),
        *_walls(patient, rng),
        *_disc_remnants(patient, rng),
        *_ala(patient, bone, rng),
        *_posterior(patient, bone, rng),
    ]


def _bodies(patient: Patient, bone: float, rng: np.random.Generator) -> Solid:
    """Sections that end the farther up the farther they lie from the middle: the sacrum narrows to its tip."""
    back, front = patient.sacrum_back, patient.sacrum_front
    half = rng.uniform(0.58, 0.72) * patient.depth
    count = max(6, round(2 * half / SLAB))
    t = np.linspace(-1, 1, 2 * count + 1)[1::2]
    s = np.linspace(0, 1, 40)
    grid = np.linspace(0, 1, len(back))
    sections = []
    for position in np.abs(t):
        end = max(0.12, 1 - position**1.4 * 0.95)
        at = s * end
        behind = np.stack([np.interp(at, grid, back[:, k]) for k in (0, 1)], axis=1)
        ahead = np.stack([np.interp(at, grid, front[:, k]) for k in (0, 1)], axis=1)
        # Rounded from side to side in front, as the promontory is.
        ahead = ahead + (behind - ahead) * 0.3 * position**2.5
        sections.append(np.concatenate([behind, ahead[::-1]]))
    return Solid(
        np.array(sections),
        t * half,
        2 * half / count,
        rng.uniform(0.1, 0.7),
        bone * rng.uniform(0.0, 0.09),
        (rng.uniform(0.2, 0.8), rng.uniform(0.1, 0.5)),
    )


def _walls(patient: Patient, rng: np.random.Generator) -> list[Solid]:
    """The compact bone of the pelvic surface and of the S1 plate, which films show as fine lines of any strength."""
    depth = patient.depth
    count = round(rng.uniform(0.35, 1.0) * len(patient.sacrum_front))
    front, back = patient.sacrum_front[:count], patient.sacrum_back[:count]
    inward = (back - front) * (rng.uniform(0.5, 1.6) / depth / 0.8)
    wall = np.concatenate([front, (front + inward)[::-1]])
    plate = np.array([patient.s1.anterior, patient.s1.posterior])
    below = -cranial_normal(patient.sacral_slope) * rng.uniform(0.5, 2.0)
    end_plate = np.concatenate([plate, (plate + below)[::-1]])
    half = 0.35 * depth
    return [
        extruded(outline, (-half, half), SLAB, cortex=0, trabecular=0.5 * rng.random() ** 2, rounding=0.02)
        for outline in (wall, end_plate)
    ]


def _disc_remnants(patient: Patient, rng: np.random.Generator) -> list[Solid]:
    back, front = patient.sacrum_back, patient.sacrum_front
    remnants = []
    strength, cortex = rng.uniform(0.0, 0.12), 0.5 * rng.random() ** 2
    for position in (0.21, 0.4, 0.57, 0.73, 0.84):
        i = round((position + rng.normal(0, 0.01)) * (len(back) - 1))
        a, b = back[i] + 0.1 * (front[i] - back[i]), front[i] - 0.05 * (front[i] - back[i])
        across, fused = b - a, rng.random()
        thin = np.array([-across[1], across[0]]) / np.linalg.norm(across) * patient.depth * rng.uniform(0.012, 0.035)
        outline = rounded([a - thin, b - thin, b + thin, a + thin])
        half = patient.depth * 0.4 * (1 - position)
        remnants.append(extruded(outline, (-half, half), SLAB, cortex=cortex * fused, trabecular=-strength * fused))
    return remnants


def _ala(patient: Patient, bone: float, rng: np.random.Generator) -> list[Solid]:
    """Both wings: their upper border falls from beside the S1 plate outwards, and they hide the promontory."""
    depth = patient.depth
    caudal, posterior = -cranial_normal(patient.sacral_slope), direction(patient.sacral_slope)
    anterior_end, posterior_end = np.array(patient.s1.anterior), np.array(patient.s1.posterior)
    reach = rng.uniform(1.25, 1.5)
    drop, forward = rng.uniform(0.15, 0.55), rng.uniform(-0.1, 0.3)
    # Between a wing whose front follows the bodies and one that bulges before them.
    slim = np.array([(0.12, 0.55), (0.42, 1.05), (0.75, 1.45), (0.95, 1.25), (1.05, 0.7)])
    full = np.array([(-0.05, 0.75), (0.12, 1.25), (0.5, 1.6), (0.85, 1.35), (1.0, 0.7)])
    bulge = rng.random() ** 1.5
    tail = jittered(slim + bulge * (full - slim), 0.05, rng)
    cortex, density = rng.uniform(0.1, 0.8), bone * rng.uniform(0.0, 0.1)
    solids = []
    for side in (-1.0, 1.0):
        depths = np.arange(0.55, reach, SLAB / depth)
        t = (depths - 0.55) / (reach - 0.55)
        sections = []
        for part in t:
            front = anterior_end + caudal * (0.03 + drop * part) * depth - posterior * forward * part * depth
            behind = posterior_end + caudal * (0.02 + 0.7 * drop * part) * depth
            lower = [
                anterior_end + (posterior * (u - forward * part * 0.6) + caudal * v * (1 - 0.3 * part)) * depth
                for u, v in tail
            ]
            sections.append(rounded([front, *lower, behind], times=2))
        solid = Solid(
            np.array(sections),
            side * depths * depth,
            SLAB,
            cortex,
            density,
            (1.0, 1.0),
        )
        solids.append(solid)
    return solids


def _posterior(patient: Patient, bone: float, rng: np.random.Generator) -> list[Solid]:
    """Behind the canal: a band of laminae on both sides and the median crest in steps."""
    back, front = patient.sacrum_back, patient.sacrum_front
    depth = patient.depth
    count = round(0.72 * len(back))
    outward = back[:count] - front[:count]
    outward = outward / np.linalg.norm(outward, axis=1, keepdims=True)
    s = np.linspace(0, 1, count)[:, None]
    # The marked wedge ends at or shortly before the laminae: readers take most of the canal in.
    canal = (rng.uniform(0.05, 0.4) * (1 - s) + rng.uniform(-0.02, 0.08) * s) * depth
    thick = (rng.uniform(0.06, 0.22) * (1 - s) + 0.06 * s) * depth
    start = int(rng.uniform(0.03, 0.2) * count)
    inner = (back[:count] + outward * canal)[start:]
    outer = (back[:count] + outward * (canal + thick))[start:]
    laminae = np.concatenate([inner, outer[::-1]])
    span = rng.uniform(0.35, 0.55) * depth
    solids = [
        extruded(
            laminae,
            (-span, span),
            SLAB,
            cortex=rng.uniform(0.1, 0.6),
            trabecular=rng.uniform(0.0, 0.16) * bone,
            rounding=0.02,
        )
    ]
    crest = rng.uniform(0.1, 0.8)
    for position in (0.12, 0.34, 0.56):
        i = int(position * count)
        bump = outer[min(i, len(outer) - 1)]
        size = depth * rng.uniform(0.12, 0.2)
        along = back[min(i + 3, count - 1)] - back[i]
        along = along / np.linalg.norm(along) * size
        outline = rounded([bump - along, bump + outward[i] * size, bump + along * 1.3, bump - outward[i] * size * 0.3])
        solids.append(extruded(outline, (-3.5, 3.5), 2.0, cortex=crest, trabecular=0.15 * crest * bone))
    return solids
