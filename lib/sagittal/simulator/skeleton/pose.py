"""How the patient stands in the beam: what the two femoral heads show of yaw, roll and the source's distance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sagittal.simulator.patient import Patient
from sagittal.simulator.projection.beam import Beam, Points

# Half the distance of the femoral heads in depths of the L3 body.
HIP_BREADTH = 2.25
NEAREST, FARTHEST = 620.0, 2200.0
# So far away that the rays are parallel.
PARALLEL = 1e9


@dataclass(frozen=True)
class Pose:
    """The beam, the pelvis' shear (2,) for each mm of depth, and where the heads' centres lie in the patient.

    `heads` are (centre (2,), depth z, radius) of the head that appears more cranial and of the other.
    """

    beam: Beam
    shear: Points
    heads: tuple[tuple[Points, float, float], tuple[Points, float, float]]


def pose_of(patient: Patient, center: Points) -> Pose:
    """The pose in which the beam, its central ray through `center` (2,), shows the heads where the patient has them.

    The larger head is the one nearer to the source; what the beam's divergence leaves of the distance between both
    centres is the pelvis' own turn.
    """
    half = HIP_BREADTH * patient.depth
    radii = [head.radius for head in patient.heads]
    ratio = max(radii) / min(radii)
    distance = float(np.clip(half * (ratio + 1) / max(ratio - 1, 1e-3), NEAREST, FARTHEST))
    beam = Beam(distance, center)
    depths = [half if radius == max(radii) else -half for radius in radii]
    if radii[0] == radii[1]:
        depths = [half, -half]
    places = [beam.place(np.array(head.center), z) for head, z in zip(patient.heads, depths, strict=True)]
    shear = (places[0] - places[1]) / (depths[0] - depths[1])
    heads = tuple(
        (place, z, radius / float(beam.magnification(z)))
        for place, z, radius in zip(places, depths, radii, strict=True)
    )
    return Pose(beam, shear, (heads[0], heads[1]))


def flat_pose(patient: Patient, center: Points) -> Pose:
    """Parallel rays on a patient who stands square to them: both sides cover each other, but for the heads."""
    half = HIP_BREADTH * patient.depth
    heads = tuple((np.array(head.center), z, head.radius) for head, z in zip(patient.heads, (half, -half), strict=True))
    return Pose(Beam(PARALLEL, center), np.zeros(2), (heads[0], heads[1]))
