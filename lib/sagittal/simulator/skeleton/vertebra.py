"""A vertebra: body, pedicles, articular processes, laminae, spinous and transverse processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sagittal.simulator.patient import SimulatedBody
from sagittal.simulator.projection.solid import Solid, Tube, extruded
from sagittal.simulator.sampling import uniform
from sagittal.simulator.skeleton.posterior import Posterior, posterior_elements
from sagittal.simulator.skeleton.shapes import VertebraFrame, jittered, rounded

SLAB = 2.6
# Half breadth of a body in its depths: lumbar 1.35 to 1.5 times as broad as deep.
HALF_BREADTH = (0.66, 0.76)
# Outlines in the vertebra's own frame: depths behind the posterior wall, body heights below the superior plate.
PEDICLE = [(-0.08, 0.1), (0.1, 0.08), (0.3, 0.1), (0.3, 0.4), (0.1, 0.42), (-0.08, 0.46)]
SUPERIOR_PROCESS = [(0.14, 0.35), (0.18, -0.12), (0.3, -0.3), (0.42, -0.12), (0.44, 0.4), (0.28, 0.5)]
INFERIOR_PROCESS = [(0.24, 0.25), (0.46, 0.2), (0.6, 0.6), (0.64, 1.15), (0.52, 1.35), (0.42, 1.2), (0.38, 0.75)]
SPINOUS_PROCESS = [(0.52, 0.5), (0.8, 0.52), (1.18, 0.68), (1.24, 1.08), (1.05, 1.25), (0.72, 1.08), (0.55, 0.9)]
TRANSVERSE_PROCESS = [(0.1, 0.2), (0.26, 0.18), (0.3, 0.34), (0.2, 0.42), (0.08, 0.38)]

OPPOSITE = {"superior": "inferior", "inferior": "superior"}


def vertebra(
    body: SimulatedBody,
    depth: float,
    bone: float,
    rng: np.random.Generator,
    *,
    shell: Sequence[float],
    posterior: Posterior | None = None,
) -> list[Solid | Tube]:
    """All solids of one vertebra; `bone` scales the density of its spongy bone; `shell` is the range of the thickness
    of its body's cortical shell in mm.

    Without a `posterior` the elements behind the body are crisp shells of fixed outlines.
    """
    half = rng.uniform(*HALF_BREADTH) * depth * (0.9 if body.ribbed else 1.0)
    shear = body.rim_offset / (2 * half)
    solids: list[Solid | Tube] = [_body(body, half, depth, bone, shell, rng)]
    if posterior is None:
        solids += [*_spurs(body, half, depth, bone, rng), *_shells(body, depth, bone, rng)]
    else:
        faint = rng.uniform(0.2, 1.0)
        solids += [
            replace(spur, cortex=faint * spur.cortex, trabecular=faint * spur.trabecular, soft=(0.5, 0.5))
            for spur in _spurs(body, half, depth, bone, rng)
        ]
        solids += posterior_elements(body, depth, bone, posterior, rng)
    return [solid.sheared(shear) for solid in solids]


def _shells(body: SimulatedBody, depth: float, bone: float, rng: np.random.Generator) -> list[Solid]:
    """Pedicles, articular, transverse and spinous processes as shells around spongy bone."""
    solids = []
    frame = VertebraFrame(body, depth)
    trabecular = bone * rng.uniform(0.12, 0.22)
    for side in (-1.0, 1.0):
        for outline, near, far, cortex in (
            (PEDICLE, 0.28, 0.56, 1.0),
            (SUPERIOR_PROCESS, 0.3, 0.6, 0.9),
            (INFERIOR_PROCESS, 0.14, 0.5, 0.9),
            (TRANSVERSE_PROCESS, 0.6, 1.05, 0.8),
        ):
            if outline is TRANSVERSE_PROCESS and body.name in ("T11", "T10", "T9", "T8"):
                continue
            contour = frame.place(rounded(jittered(outline, 0.025, rng)))
            span = (side * near * depth, side * far * depth)
            solids.append(extruded(contour, span, SLAB, cortex=cortex * rng.uniform(0.7, 1.3), trabecular=trabecular))
    spinous = frame.place(rounded(jittered(SPINOUS_PROCESS, 0.04, rng)))
    width = rng.uniform(0.06, 0.13) * depth
    solids.append(extruded(spinous, (-width, width), 2.0, cortex=rng.uniform(0.7, 1.3), trabecular=trabecular))
    return solids


def _body(
    body: SimulatedBody, half: float, depth: float, bone: float, shell: Sequence[float], rng: np.random.Generator
) -> Solid:
    """The body: kidney-shaped across, its plates' rims a little higher than their middle line."""
    frame = VertebraFrame(body, depth)
    local = frame.local(body.contour)
    count = max(6, round(2 * half / SLAB))
    t = np.linspace(-1, 1, 2 * count + 1)[1::2]
    power = rng.uniform(2.1, 2.8)
    front = (1 - np.abs(t) ** power) ** (1 / power)
    back = 1 - rng.uniform(0.3, 0.6) * np.clip((np.abs(t) - 0.45) / 0.55, 0, 1) ** 2
    waist = rng.uniform(0.0, 0.05)
    # Behind the middle line of the body the sections keep their depth longer than in front of it.
    u = local[:, 0] + 0.5
    along = np.where(u < 0, front[:, None] * u, back[:, None] * u)
    v = local[:, 1] - 0.5
    rim = 1 + rng.uniform(-0.02, 0.04) * t[:, None] ** 2
    across = v * rim
    along = along * (1 - waist * (t[:, None] ** 2) * (1 - 4 * v**2))
    sections = frame.place_many(np.stack([along - 0.5, across + 0.5], axis=2))
    return Solid(sections, t * half, 2 * half / count, uniform(rng, shell), bone * rng.uniform(0.08, 0.2), (0.8, 0.15))


def _spurs(body: SimulatedBody, half: float, depth: float, bone: float, rng: np.random.Generator) -> list[Solid]:
    """Osteophytes, bent towards the disc as claws are: they are not part of the body's mask."""
    solids = []
    center = body.contour.mean(axis=0)
    for spur in body.spurs:
        corner = np.array(getattr(body.corners, spur.corner))
        outward = (corner - center) / np.linalg.norm(corner - center)
        level, side = spur.corner.split("_")
        other = np.array(getattr(body.corners, f"{OPPOSITE[level]}_{side}"))
        along = (corner - other) / np.linalg.norm(corner - other)
        tip = corner + (outward + along * spur.bend) / np.linalg.norm(outward + along * spur.bend) * spur.length * depth
        root = corner - outward * 0.1 * depth
        sideways = np.array([-outward[1], outward[0]]) * spur.thickness * depth
        span = half * rng.uniform(0.3, 0.8)
        outline = rounded([root + sideways, tip, root - sideways])
        solids.append(extruded(outline, (-span, span), SLAB, cortex=0.8, trabecular=0.3 * bone))
    return solids
