"""What the rays of one film pass through: path lengths of soft tissue, bone and metal."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from sagittal.simulator.canvas import Frame, Image, smooth_noise
from sagittal.simulator.config import ProjectionConfig, SimulatorConfig
from sagittal.simulator.framing import Framing
from sagittal.simulator.instrumentation import project_implants
from sagittal.simulator.patient import Patient
from sagittal.simulator.projection import Projector
from sagittal.simulator.sampling import uniform
from sagittal.simulator.skeleton import Pose, flat_pose, pose_of, project_skeleton, thicket
from sagittal.simulator.soft_tissue import soft_tissue

# So many mm of a ray's bone at most are uneven.
UNEVEN_MM = 6.0


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
    pose = draw_pose(patient, config.projection, rng)
    clean = render_tissue(patient, framing.frame, pose, config, rng)
    return with_implants(clean, patient, framing.frame, pose, config, rng) if instrumented else clean


def draw_pose(patient: Patient, config: ProjectionConfig, rng: np.random.Generator) -> Pose:
    """How the patient stands in the beam."""
    # The technician aims at the middle of the lumbar spine, near enough.
    aim = np.mean([body.contour.mean(axis=0) for body in patient.bodies[1:4]], axis=0) + rng.normal(0, 25, 2)
    return pose_of(patient, aim) if config.point_source else flat_pose(patient, aim)


def render_tissue(
    patient: Patient, frame: Frame, pose: Pose, config: SimulatorConfig, rng: np.random.Generator
) -> Materials:
    """Bone and soft tissue alone."""
    bone = Projector.empty(frame, pose.beam)
    if not config.projection.point_source:
        patient = replace(patient, bodies=tuple(replace(body, rim_offset=np.zeros(2)) for body in patient.bodies))
    project_skeleton(bone, patient, pose, config.tissue, rng, pelvis_shown=config.projection.pelvis)
    # A set that was frozen before there was a thicket draws no number here.
    if config.projection.pelvis and config.tissue.thicket[1] > 0:
        thicket(bone, patient, pose, uniform(rng, config.tissue.thicket), rng)
    soft = soft_tissue(frame, patient, config.tissue, rng)
    # Trabeculae: spongy bone is no even grey.
    grain = smooth_noise(rng, frame.shape, rng.uniform(0.5, 1.2) * frame.scale)
    length = np.maximum(bone.length * (1 + grain * np.float32(uniform(rng, config.tissue.trabeculae))), 0)
    if config.tissue.unevenness[1] > 0:
        uneven = _uneven(frame, uniform(rng, config.tissue.unevenness), rng)
        # Where many bones overlap, their unevenness does not add up.
        length = np.maximum(length + uneven * np.minimum(length, UNEVEN_MM), 0)
    return _in_place_of_tissue(soft, length, np.zeros_like(length))


def _uneven(frame: Frame, amount: float, rng: np.random.Generator) -> Image:
    """Shares (rows, columns) of bone more or less than usual: borders come and go, trabeculae run from head to foot."""
    rows, columns = frame.shape
    patches = smooth_noise(rng, frame.shape, rng.uniform(4.0, 10.0) * frame.scale)
    wide, long = rng.uniform(0.5, 1.0) * frame.scale, rng.uniform(3.0, 8.0) * frame.scale
    streaks = smooth_noise(rng, (max(3, round(rows / long)), max(3, round(columns / wide))), 1.0)
    streaks = cv2.resize(streaks, (columns, rows), interpolation=cv2.INTER_LINEAR)
    return np.asarray(amount * (patches + 0.4 * streaks), dtype=np.float32)


def with_implants(
    clean: Materials,
    patient: Patient,
    frame: Frame,
    pose: Pose,
    config: SimulatorConfig,
    rng: np.random.Generator,
) -> Materials:
    """The same patient after surgery."""
    plastic, metal = Projector.empty(frame, pose.beam), Projector.empty(frame, pose.beam)
    project_implants(metal, plastic, patient, pose, config.implants, rng)
    placed = _in_place_of_tissue(clean.soft, plastic.length, metal.length)
    return replace(placed, bone=clean.bone + placed.bone)


def _in_place_of_tissue(soft: Image, bone: Image, metal: Image) -> Materials:
    """Bone takes the place of soft tissue, and there is none outside the body."""
    inside = np.minimum(soft / 40, 1).astype(np.float32)
    rest = np.where(soft > 0, np.maximum(soft - np.float32(0.5) * bone, 0), 0).astype(np.float32)
    return Materials(rest, bone * inside, metal)
