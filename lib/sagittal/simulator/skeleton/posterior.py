"""What lies behind the bodies as films show it: soft masses of bone that overlap, few borders, no two levels alike.

Outlines stand in the vertebra's own frame: depths behind the posterior wall, body heights below the superior plate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sagittal.simulator.canvas import stretch_of
from sagittal.simulator.patient import SimulatedBody
from sagittal.simulator.projection.solid import Points, Solid, Tube, extruded
from sagittal.simulator.sampling import uniform
from sagittal.simulator.skeleton.shapes import VertebraFrame, jittered, rounded

SLAB = 2.6
PEDICLE = ((-0.1, 0.08), (0.1, 0.06), (0.3, 0.08), (0.32, 0.42), (0.1, 0.44), (-0.1, 0.48))
# Both articular processes and what joins them are one pillar on either side.
PILLAR = (
    (0.12, 0.4), (0.15, -0.05), (0.26, -0.3), (0.42, -0.16), (0.46, 0.25), (0.62, 0.6), (0.68, 1.1), (0.56, 1.36),
    (0.42, 1.2), (0.36, 0.8), (0.24, 0.55),
)  # fmt: skip
LAMINA = ((0.42, 0.15), (0.6, 0.35), (0.85, 0.7), (0.84, 1.1), (0.62, 1.0), (0.46, 0.65))
TRANSVERSE = ((0.08, 0.2), (0.28, 0.14), (0.36, 0.32), (0.24, 0.48), (0.06, 0.42))
# Faces of the joints with both neighbours: along the back of the superior and the front of the inferior process.
FACETS = (((0.24, -0.28), (0.4, -0.16), (0.46, 0.2)), ((0.4, 0.75), (0.42, 1.05), (0.52, 1.32)))


@dataclass(frozen=True)
class Posterior:
    """How a patient's posterior elements look.

    `shell` is the thickness of cortical borders in mm, `fill` the density between them as a share of cortical bone,
    `soft` how far borders fall away in mm, `mesh` how many lines cross a level. The spinous process has a `length`
    (depths), a `height` (body heights), droops by `droop` and reaches `broad` (depths) to either side.
    """

    shell: float
    fill: float
    soft: float
    mesh: float
    length: float
    height: float
    droop: float
    broad: float

    @classmethod
    def drawn(cls, mesh: Sequence[float], rng: np.random.Generator) -> Posterior:
        """`mesh` is the range of lines a level."""
        return cls(
            shell=0.6 * rng.random() ** 1.5,
            fill=rng.uniform(0.1, 0.32),
            soft=rng.uniform(0.3, 1.6),
            mesh=uniform(rng, mesh),
            length=rng.uniform(0.5, 0.95),
            height=rng.uniform(0.45, 0.85),
            droop=rng.uniform(0.0, 0.5),
            broad=rng.uniform(0.03, 0.09),
        )


def posterior_elements(
    body: SimulatedBody, depth: float, bone: float, look: Posterior, rng: np.random.Generator
) -> list[Solid | Tube]:
    """Pedicles, articular pillars, laminae, transverse and spinous processes of one vertebra, and lines over them."""
    frame = VertebraFrame(body, depth)
    solids: list[Solid | Tube] = []
    outlines: list[tuple[Points, float]] = []

    def add(outline: Points, span: tuple[float, float], share: float) -> None:
        contour = frame.place(rounded(outline))
        cortex, fill = look.shell * rng.uniform(0.3, 1.5), bone * look.fill * share * rng.uniform(0.5, 1.3)
        solid = extruded(contour, (span[0] * depth, span[1] * depth), SLAB, cortex=cortex, trabecular=fill)
        solids.append(replace(solid, soft=(look.soft * rng.uniform(0.5, 1.3), look.soft * rng.uniform(0.5, 1.3))))
        outlines.append((contour, (span[0] + span[1]) / 2 * depth))

    for side in (-1.0, 1.0):
        add(jittered(PEDICLE, 0.03, rng), (side * 0.28, side * 0.56), 1.1)
        # Neither side stands quite where the other does.
        apart = rng.normal(0, 0.04, 2)
        add(jittered(PILLAR, 0.04, rng) + apart, (side * rng.uniform(0.15, 0.28), side * rng.uniform(0.5, 0.64)), 1.0)
        add(jittered(LAMINA, 0.05, rng), (side * 0.03, side * 0.26), 0.8)
        if not body.ribbed:
            add(jittered(TRANSVERSE, 0.05, rng), (side * 0.6, side * rng.uniform(0.8, 1.1)), 0.6)
        for facet in FACETS:
            line = frame.place(jittered(facet, 0.03, rng) + apart)
            strength = rng.uniform(0.3, 4.0) * rng.random()
            solids.append(_line(line, side * 0.4 * depth, rng.uniform(0.4, 1.0), strength))
    spinous = jittered(_spinous(look), 0.05, rng)
    broad = look.broad * rng.uniform(0.7, 1.3)
    add(spinous, (-broad, broad), 1.6)
    tip = frame.place(spinous[2:5])
    solids.append(Tube(tip, np.zeros(len(tip)), look.broad * depth * rng.uniform(0.6, 1.2), 0.0, bone * look.fill))
    for _ in range(int(rng.poisson(look.mesh))):
        contour, z = outlines[int(rng.integers(len(outlines)))]
        line = stretch_of(np.roll(contour, int(rng.integers(len(contour))), axis=0), rng)
        aside = rng.normal(0, 0.04, 2) * depth
        solids.append(_line(line + aside, z, rng.uniform(0.3, 0.9), 3.0 * rng.random() ** 2))
    return solids


def _spinous(look: Posterior) -> Points:
    low = 0.45 + look.droop
    reach = 0.6 + look.length
    return np.array(
        [
            (0.52, 0.45),
            (0.6 + 0.4 * look.length, 0.5 + 0.4 * look.droop),
            (reach, low + 0.1),
            (reach + 0.06, low + 0.5 * look.height),
            (reach - 0.04, low + look.height),
            (0.6 + 0.5 * look.length, low + 0.85 * look.height),
            (0.6, 0.95),
        ]
    )


def _line(points: Points, z: float, radius: float, length: float) -> Tube:
    """A border that rays graze: so many mm of bone on their way, in a line of this radius in mm."""
    return Tube(points, np.full(len(points), z), radius, 0.0, length / (2 * radius))
