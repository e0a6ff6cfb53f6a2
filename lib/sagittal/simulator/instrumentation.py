"""Spinal instrumentation in three dimensions: pedicle and iliac screws, rods, cages."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sagittal.simulator.config import ImplantsConfig
from sagittal.simulator.patient import Patient, cranial_normal, direction
from sagittal.simulator.projection import Projector
from sagittal.simulator.projection.solid import Points, Solid, Tube, ball, extruded
from sagittal.simulator.skeleton.pose import Pose
from sagittal.simulator.skeleton.shapes import VertebraFrame, rim_shear, rounded

SLAB = 1.0


@dataclass(frozen=True)
class _Screw:
    """Tip and neck of a screw (2,) at their depths, its radius, and where its head takes up the rod."""

    tip: Points
    neck: Points
    z: tuple[float, float]
    radius: float
    head: Points


def project_implants(
    metal: Projector, bone: Projector, patient: Patient, pose: Pose, config: ImplantsConfig, rng: np.random.Generator
) -> None:
    """Instrument two to five neighbouring levels, S1 often among them; plastic cages go to `bone`."""
    first = int(rng.choice([-1, -1, -1, 0, 0, 1, 2]))
    levels = list(range(first, first + int(rng.integers(2, 6))))
    radius = rng.uniform(2.4, 3.6)
    one_sided = rng.random() < 0.08
    iliac = first < 0 and rng.random() < config.iliac_probability
    for side in (1.0,) if one_sided else (-1.0, 1.0):
        screws = [_screw(patient, pose, level, side, radius, rng) for level in levels]
        if iliac:
            screws.insert(0, _iliac_screw(patient, pose, side, 1.15 * radius, rng))
        for screw in screws:
            metal.add(_screw_solids(screw, rng))
        if rng.random() < config.rod_probability:
            metal.add([_rod(screws, rng)])
    for level in levels[1:]:
        if rng.random() < config.cage_probability:
            _cage(metal, bone, patient, level, rng)
    # A set that was frozen before there were grafts draws no number here.
    if config.graft_probability > 0 and rng.random() < config.graft_probability:
        for level in levels[1:]:
            bone.add(_graft(patient, level, rng))


def _screw(patient: Patient, pose: Pose, level: int, side: float, radius: float, rng: np.random.Generator) -> _Screw:
    """A screw through a pedicle into the body, converging to the middle (-1: into S1, aimed at its promontory)."""
    depth = patient.depth
    outer, inner = side * depth * rng.uniform(0.42, 0.6), side * depth * rng.uniform(0.12, 0.35)
    if level < 0:
        posterior, anterior = np.array(patient.s1.posterior), np.array(patient.s1.anterior)
        down = np.array([-direction(patient.sacral_slope)[1], direction(patient.sacral_slope)[0]])
        neck = (
            posterior
            + (direction(patient.sacral_slope) * rng.uniform(0.15, 0.4) + down * rng.uniform(0.25, 0.5)) * depth
        )
        tip = anterior + (posterior - anterior) * rng.uniform(0.05, 0.45) + down * rng.uniform(0.08, 0.5) * depth
        shear = pose.shear
    else:
        body = patient.bodies[level]
        c = body.corners
        upper, lower = np.array(c.superior_posterior), np.array(c.inferior_posterior)
        axis = upper - np.array(c.superior_anterior)
        axis = axis / np.linalg.norm(axis)
        wall = upper + (lower - upper) * rng.uniform(0.15, 0.45)
        neck = wall + axis * rng.uniform(0.35, 0.55) * depth
        tip = wall - axis * rng.uniform(0.4, 0.9) * depth + (lower - upper) * rng.uniform(-0.12, 0.25)
        shear = rim_shear(body, depth)
    along = (neck - tip) / np.linalg.norm(neck - tip)
    head = neck + along * radius * 1.8
    return _Screw(tip + shear * inner, neck + shear * outer, (inner, outer), radius, head + shear * outer)


def _iliac_screw(patient: Patient, pose: Pose, side: float, radius: float, rng: np.random.Generator) -> _Screw:
    """From the posterior superior iliac spine outwards and towards the roof of the acetabulum."""
    depth, slope = patient.depth, patient.sacral_slope
    down = -cranial_normal(slope)
    neck = (
        np.array(patient.s1.posterior)
        + (direction(slope) * rng.uniform(0.45, 0.8) + down * rng.uniform(0.7, 1.1)) * depth
    )
    outer = np.array(patient.heads[0].center) + np.array(patient.heads[1].center)
    roof = outer / 2 + np.array([0.1, -1.0]) * depth
    tip = neck + (roof - neck) * rng.uniform(0.55, 0.9)
    depths = side * depth * rng.uniform(0.8, 1.0), side * depth * rng.uniform(1.5, 2.0)
    along = (neck - tip) / np.linalg.norm(neck - tip)
    head = neck + along * radius * 1.8
    return _Screw(
        tip + pose.shear * depths[1],
        neck + pose.shear * depths[0],
        (depths[1], depths[0]),
        radius,
        head + pose.shear * depths[0],
    )


def _screw_solids(screw: _Screw, rng: np.random.Generator) -> list[Solid | Tube]:
    """Core, thread and a tulip head."""
    length = float(np.linalg.norm(screw.neck - screw.tip))
    along = (screw.neck - screw.tip) / length
    across = np.array([-along[1], along[0]])
    core = Tube(np.array([screw.tip, screw.neck]), np.array(screw.z), screw.radius * 0.72, 0.7 * screw.radius, 1.0)
    solids: list[Solid | Tube] = [core]
    for position in np.arange(2.0, length, rng.uniform(2.2, 3.0)):
        share = position / length
        middle, z = screw.tip + along * position, screw.z[0] + (screw.z[1] - screw.z[0]) * share
        ends = np.array([middle - across * screw.radius, middle + across * screw.radius + along * 0.8])
        solids.append(Tube(ends, np.array([z, z]), 0.45, 0.4, 1.0))
    size = screw.radius * rng.uniform(1.7, 2.2)
    tulip = rounded(
        [
            screw.head - along * size * 0.8 - across * size * 0.8,
            screw.head - along * size * 0.8 + across * size * 0.8,
            screw.head + along * size + across * size,
            screw.head + along * size - across * size,
        ],
        times=1,
    )
    solids.append(extruded(tulip, (screw.z[1] - size, screw.z[1] + size), SLAB, cortex=size, trabecular=0.5))
    return solids


def _rod(screws: list[_Screw], rng: np.random.Generator) -> Tube:
    heads = np.array([screw.head for screw in screws])
    low = heads[0] + (heads[0] - heads[1]) * rng.uniform(0.1, 0.3)
    high = heads[-1] + (heads[-1] - heads[-2]) * rng.uniform(0.1, 0.3)
    points = np.concatenate([low[None], heads, high[None]])
    z = np.array([screw.z[1] for screw in screws])
    depths = np.concatenate([z[:1], z, z[-1:]])
    radius = rng.uniform(2.5, 3.2)
    return Tube(points, depths, radius, 0.9 * radius, 1.0)


def _disc(patient: Patient, level: int) -> tuple[Points, Points]:
    """Anterior and posterior end (2, 2) of the plates above and below the disc under a body."""
    lower, upper = patient.discs[level]
    return np.array([upper.anterior, upper.posterior]), np.array([lower.anterior, lower.posterior])


def _cage(metal: Projector, bone: Projector, patient: Patient, level: int, rng: np.random.Generator) -> None:
    """An interbody cage in the disc below a body: titanium, or plastic that shows by its marker pins alone."""
    upper, lower = _disc(patient, level)
    front, back = rng.uniform(0.08, 0.35), rng.uniform(0.6, 0.92)
    corners = np.stack([upper[0] + (upper[1] - upper[0]) * part for part in (front, back)])
    opposite = np.stack([lower[0] + (lower[1] - lower[0]) * part for part in (back, front)])
    outline = np.concatenate([corners, opposite])
    half = patient.depth * rng.uniform(0.15, 0.35)
    if rng.random() < 0.35:
        metal.add(
            [extruded(outline, (-half, half), SLAB, cortex=rng.uniform(0.8, 1.5), trabecular=rng.uniform(0, 0.2))]
        )
        return
    bone.add([extruded(outline, (-half, half), SLAB, cortex=0.3, trabecular=rng.uniform(0.02, 0.3))])
    for pair in ((0, 3), (1, 2)):
        for z in (-half, half):
            metal.add([Tube(outline[list(pair)], np.array([z, z]), rng.uniform(0.4, 0.7), 0.4, 1.0)])


def _graft(patient: Patient, level: int, rng: np.random.Generator) -> list[Solid]:
    """Chips of bone in the disc below a body and beside the facets: they grow over plates and posterior elements."""
    depth, (upper, lower) = patient.depth, _disc(patient, level)
    chips = []
    density = rng.uniform(0.05, 0.35)
    for _ in range(int(rng.poisson(14))):
        part, along = rng.uniform(-0.1, 1.1), rng.uniform(0.0, 1.0)
        front, back = upper * (1 - part) + lower * part
        where, z = front + (back - front) * along, rng.uniform(-0.4, 0.4) * depth
        chips.append(ball(where, z, depth * rng.uniform(0.03, 0.12), SLAB, cortex=0.0, trabecular=density))
    if rng.random() < 0.6:
        facets = VertebraFrame(patient.bodies[level], depth)
        for _ in range(int(rng.poisson(18))):
            where = facets.place(rng.normal((0.45, 1.1), (0.15, 0.4)))
            z = rng.choice([-1.0, 1.0]) * rng.uniform(0.5, 0.9) * depth
            chips.append(ball(where, z, depth * rng.uniform(0.04, 0.14), SLAB, cortex=0.0, trabecular=density))
    return [replace(chip, soft=(0.6, 0.6)) for chip in chips]
