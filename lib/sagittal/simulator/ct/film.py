"""A CT as the materials of a lateral film, with the label map that the simulator's own films have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage, optimize
from skimage.draw import disk, polygon
from skimage.measure import find_contours

from sagittal.anatomy.definitions import default_definitions
from sagittal.simulator.canvas import Image
from sagittal.simulator.ct.raycast import LateralView, Points, cast
from sagittal.simulator.ct.scheme import LabelScheme
from sagittal.simulator.ct.volume import CtError, CtVolume

# Half the thickness of the mid-sagittal slab that stands for a body, in mm.
SLAB = 6.0
# What is left of a femur above this distance below its top holds the head, in mm.
HEAD_HEIGHT = 38.0
HEAD_RADIUS = (17.0, 32.0)
# A top that no sphere fits this well, in mm, is no head: a prosthesis, or a femur that the volume cuts.
SPHERE_MISFIT = 2.5


@dataclass(frozen=True)
class CtPose:
    """How the patient stands: source and detector from the mid-plane in mm, rotations in degrees about the axes
    right (flexion), front (roll) and up (yaw)."""

    source: float = 1100.0
    detector: float = 300.0
    flexion: float = 0.0
    roll: float = 0.0
    yaw: float = 0.0


@dataclass(frozen=True, eq=False)
class ProjectedCt:
    """Path lengths in mm (rows, columns) float32 of soft tissue, bone and metal, and the label map (uint8)."""

    soft: Image
    bone: Image
    metal: Image
    label_map: npt.NDArray[np.uint8]
    pixel_mm: float


def project_ct(ct: CtVolume, scheme: LabelScheme, pose: CtPose, *, rows: int = 640) -> ProjectedCt:
    """Project a CT from the patient's right side; the patient faces left.

    Bodies and sacrum are labelled by the simulator's rule: the mid-sagittal section of the body alone, without
    pedicles, processes and ala. Femoral heads are spheres fitted to the femora's tops.

    Raises:
        CtError: the label map holds none of the scheme's vertebrae.
    """
    height, breadth = (ct.hounsfield.shape[k] * ct.spacing[k] for k in (2, 1))
    magnification = (pose.source + pose.detector) / pose.source
    pixel = height * magnification / rows
    columns = round(breadth * magnification / pixel)
    turn = tuple(float(np.radians(angle)) for angle in (pose.flexion, pose.roll, pose.yaw))
    view = LateralView(pose.source, pose.detector, (turn[0], turn[1], turn[2]), (rows, columns), pixel, (0.0, 0.0))
    label_map = _label_map(ct, scheme, view)
    soft, bone, metal = (cast(material, ct.spacing, view) for material in ct.materials())
    return ProjectedCt(soft, bone, metal, label_map, pixel)


def _label_map(ct: CtVolume, scheme: LabelScheme, view: LateralView) -> npt.NDArray[np.uint8]:
    structures = default_definitions().structures
    labels = np.zeros(view.shape, np.uint8)
    sections = {name: _mid_section(ct, [label]) for name, label in scheme.levels.items()}
    if not any(len(section) for section in sections.values()):
        raise CtError("the label map holds no vertebra of this scheme: name the scheme that it follows")
    sections["sacrum"] = _mid_section(ct, scheme.sacrum)
    for name, section in sections.items():
        if len(section):
            outline = view.project(section)
            labels[polygon(outline[:, 1], outline[:, 0], view.shape)] = structures[name].id
    heads = [head for head in (_head(ct, label) for label in scheme.femora) if head is not None]
    circles = sorted((_circle(view, *head) for head in heads), key=lambda circle: circle[1])
    for number, (x, y, radius) in reversed(list(enumerate(circles, start=1))):
        labels[disk((y, x), radius, shape=view.shape)] = structures[f"femoral_head_{number}"].id
    return labels


def _mid_section(ct: CtVolume, labels: list[int]) -> Points:
    """Outline (N, 3) of a bone's body in its mid-sagittal slab: the piece in front of the spinal canal."""
    voxels = np.isin(ct.labels, labels)
    if np.count_nonzero(voxels) < 30:
        return np.zeros((0, 3))
    middle = float(np.median(np.nonzero(voxels)[0]))
    reach = SLAB / ct.spacing[0]
    slab = voxels[max(0, round(middle - reach)) : round(middle + reach) + 1].mean(axis=0) > 0.5
    pieces, count = ndimage.label(slab)
    if count == 0:
        return np.zeros((0, 3))
    sizes = np.bincount(pieces.ravel())[1:]
    fronts = np.array([np.nonzero(pieces == k + 1)[0].mean() for k in range(count)])
    large = np.flatnonzero(sizes >= 0.35 * sizes.max())
    body = pieces == 1 + int(large[np.argmax(fronts[large])])
    # Smoothed on a finer grid: voxels are several mm.
    padded = ndimage.gaussian_filter(np.pad(body, 2).astype(np.float32), 0.6)
    outline = max(find_contours(padded, 0.5), key=len) - 2
    indices = np.column_stack((np.full(len(outline), middle), outline))
    return (indices - (np.array(ct.labels.shape) - 1) / 2) * np.array(ct.spacing)


def _head(ct: CtVolume, label: int) -> tuple[Points, float] | None:
    """Centre (3,) in mm and radius of the sphere through the surface of a femur's top; None where there is none."""
    femur = ct.labels == label
    if np.count_nonzero(femur) < 100:
        return None
    surface = femur & ~ndimage.binary_erosion(femur)
    points = (np.argwhere(surface) - (np.array(femur.shape) - 1) / 2) * np.array(ct.spacing)
    points = points[points[:, 2] > points[:, 2].max() - HEAD_HEIGHT]
    inner = np.sort(np.abs(points[:, 0]))[: len(points) // 2]
    points = points[np.abs(points[:, 0]) <= inner.max()]
    start = np.array([*points.mean(axis=0), 24.0])
    fit = optimize.least_squares(
        lambda s: np.linalg.norm(points - s[:3], axis=1) - s[3],
        start,
        loss="soft_l1",
        bounds=([-np.inf] * 3 + [HEAD_RADIUS[0]], [np.inf] * 3 + [HEAD_RADIUS[1]]),
    )
    misfit = float(np.median(np.abs(np.linalg.norm(points - fit.x[:3], axis=1) - fit.x[3])))
    at_bound = min(fit.x[3] - HEAD_RADIUS[0], HEAD_RADIUS[1] - fit.x[3]) < 0.1
    return None if misfit > SPHERE_MISFIT or at_bound else (np.asarray(fit.x[:3]), float(fit.x[3]))


def _circle(view: LateralView, center: Points, radius: float) -> tuple[float, float, float]:
    """Where a sphere appears: (x, y, radius) in pixels."""
    shown = view.project(np.array([center, center + np.array([0.0, 0.0, radius])]))
    return float(shown[0, 0]), float(shown[0, 1]), float(np.linalg.norm(shown[1] - shown[0]))
