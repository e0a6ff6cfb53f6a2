"""All bones of a patient on one film of path lengths."""

from __future__ import annotations

import numpy as np

from sagittal.simulator.config import TissueConfig
from sagittal.simulator.patient import Patient
from sagittal.simulator.projection.project import Projector
from sagittal.simulator.sampling import uniform
from sagittal.simulator.skeleton.cement import cement
from sagittal.simulator.skeleton.degeneration import worn_discs
from sagittal.simulator.skeleton.femur import femur
from sagittal.simulator.skeleton.fusion import fusions
from sagittal.simulator.skeleton.pelvis import pelvis
from sagittal.simulator.skeleton.pose import Pose
from sagittal.simulator.skeleton.posterior import Posterior
from sagittal.simulator.skeleton.ribs import ribs
from sagittal.simulator.skeleton.sacrum import sacrum
from sagittal.simulator.skeleton.vertebra import vertebra


def project_skeleton(
    projector: Projector,
    patient: Patient,
    pose: Pose,
    tissue: TissueConfig,
    rng: np.random.Generator,
    *,
    pelvis_shown: bool = True,
) -> None:
    """Add every bone and what fills it, as dense and as worn as `tissue` draws them."""
    # Scales the density of spongy bone; 1 is a healthy adult.
    bone = uniform(rng, tissue.bone_contrast)
    # A set that was frozen before there were these draws no number here.
    posterior = Posterior.drawn(tissue.posterior_lines, rng) if tissue.soft_posterior else None
    if pelvis_shown:
        projector.add(pelvis(pose, np.array(patient.s1.midpoint), bone, rng))
    projector.add(solid.sheared(pose.shear) for solid in sacrum(patient, bone, rng))
    for center, z, radius in pose.heads:
        projector.add(femur(center, z, radius, bone, rng))
    for body in patient.bodies:
        projector.add(vertebra(body, patient.depth, bone, rng, shell=tissue.shell, posterior=posterior))
    if tissue.worn_discs[1] > 0:
        projector.add(worn_discs(patient, pose, bone, uniform(rng, tissue.worn_discs), rng))
    projector.add(fusions(patient, bone, rng))
    projector.add(cement(patient, rng))
    projector.add(ribs(patient, bone, rng))
