"""What the rays of one film pass through: path lengths of soft tissue, bone and metal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sagittal.simulator.canvas import Image, smooth_noise
from sagittal.simulator.config import SimulatorConfig
from sagittal.simulator.framing import Framing
from sagittal.simulator.instrumentation import project_implants
from sagittal.simulator.patient import Patient
from sagittal.simulator.projection import Projector
from sagittal.simulator.sampling import uniform
from sagittal.simulator.skeleton import pose_of, project_skeleton
from sagittal.simulator.soft_tissue import soft_tissue


@dataclass(frozen=True, eq=False)
class Materials:
    """(rows, columns) float32 each: mm of water-like tissue, of cortical bone and of titanium along each ray."""

    soft: Image
    bone: Image
    metal: Image


def render_materials(
    patient: Patient, framing: Framing, config: SimulatorConfig, rng: np.random.Generator, *, instrumented: bool
) -> Materials:
    """Project a patient who faces left onto the film's frame."""
    frame = framing.frame
    # The technician aims at the middle of the lumbar spine, near enough.
    aim = np.mean([body.contour.mean(axis=0) for body in patient.bodies[1:4]], axis=0)
    pose = pose_of(patient, aim + rng.normal(0, 25, 2))
    bone, metal = Projector.empty(frame, pose.beam), Projector.empty(frame, pose.beam)
    project_skeleton(bone, patient, pose, uniform(rng, config.tissue.bone_contrast), rng)
    if instrumented:
        project_implants(metal, bone, patient, pose, config.implants, rng)
    soft = soft_tissue(frame, patient, uniform(rng, config.tissue.gas), rng)
    # Trabeculae: spongy bone is no even grey.
    grain = smooth_noise(rng, frame.shape, rng.uniform(0.5, 1.2) * frame.scale)
    length = np.maximum(bone.length * (1 + grain * np.float32(uniform(rng, config.tissue.trabeculae))), 0)
    # Bone takes the place of soft tissue, and there is none outside the body.
    inside = np.minimum(soft / 40, 1).astype(np.float32)
    rest = np.where(soft > 0, np.maximum(soft - np.float32(0.5) * length, 0), 0).astype(np.float32)
    return Materials(rest, length * inside, metal.length)
