"""A simulated patient: the lateral silhouette of lumbar spine, sacrum and femoral heads.

Frame: mm on the detector, x right, y down, the patient faces left (anterior = -x), origin at the midpoint of the S1
superior end plate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sagittal.anatomy.landmarks import Body, Circle, EndPlate, Point
from sagittal.simulator.config import AnatomyConfig
from sagittal.simulator.sampling import truncated_normal, uniform
from sagittal.simulator.variants import Fracture, Spur, Variants, sample_variants

Points = npt.NDArray[np.float64]
LUMBAR = ("L1", "L2", "L3", "L4", "L5")
THORACIC = ("T12", "T11", "T10", "T9", "T8")
# From the sacrum upwards.
CHAIN = LUMBAR[::-1] + THORACIC
# Of the wedge and of the height that a fracture of the anterior wall loses: so much is lost by each kind.
FRACTURES: Mapping[Fracture, tuple[float, float]] = {"wedge": (1.0, 1.0), "biconcave": (0.2, 1.0), "crush": (0.25, 0.8)}
# Of a slip forward: so far, and to the other side, goes one backward.
RETROLISTHESIS = -0.5


@dataclass(frozen=True)
class SimulatedBody:
    """A vertebral body: corners, closed contour (N, 2), and the offset (2,) of its far rim to its near rim in mm.

    `spurs` lie outside the contour: by the label rule they are not part of the body.
    """

    name: str
    corners: Body
    contour: Points
    rim_offset: Points
    fracture: Fracture | None
    cemented: bool
    ribbed: bool
    spurs: tuple[Spur, ...]


@dataclass(frozen=True)
class Patient:
    """Geometry in mm; `bodies` from L5 upwards; head 1 is the more cranial one.

    The sacrum's borders `sacrum_back` and `sacrum_front` (M, 2) both run from the S1 plate to the tip.
    """

    depth: float
    bodies: tuple[SimulatedBody, ...]
    s1: EndPlate
    sacrum_center_line: Points
    sacrum_back: Points
    sacrum_front: Points
    sacrum_contour: Points
    heads: tuple[Circle, Circle]
    sacral_slope: float
    slip_level: str | None
    variants: Variants

    @property
    def discs(self) -> tuple[tuple[EndPlate, EndPlate], ...]:
        """The plates below and above the disc under each body, from that on S1 upwards."""
        below = (self.s1, *(body.corners.superior for body in self.bodies))
        return tuple((lower, body.corners.inferior) for lower, body in zip(below, self.bodies, strict=False))


def direction(slope_degrees: float) -> Points:
    """Unit vector from the anterior to the posterior end of an end plate of this slope."""
    slope = np.radians(slope_degrees)
    return np.array([np.cos(slope), -np.sin(slope)])


def cranial_normal(slope_degrees: float) -> Points:
    """Unit vector perpendicular to an end plate of this slope, towards the head."""
    slope = np.radians(slope_degrees)
    return np.array([-np.sin(slope), -np.cos(slope)])


def sample_patient(config: AnatomyConfig, rng: np.random.Generator) -> Patient:
    """Draw one patient."""
    # A stream of its own: whether anything is unusual moves none of the other draws.
    variants = sample_variants(config.variants, CHAIN, rng.spawn(1)[0])
    depth = truncated_normal(rng, config.depth_mm)
    sacral_slope = truncated_normal(rng, config.sacral_slope)
    s1_depth = uniform(rng, config.s1_depth) * depth
    half = direction(sacral_slope) * s1_depth / 2
    s1 = EndPlate(_point(-half), _point(half))
    center_line, back, front, tip = _sacrum(config, rng, depth * variants.sacrum_length, s1, sacral_slope)
    dome = _dome(s1, uniform(rng, config.s1_dome) * depth, sacral_slope)
    slip_level = str(rng.choice(LUMBAR[2:])) if rng.random() < config.slip_probability else None
    return Patient(
        depth=depth,
        bodies=_chain(config, rng, depth, sacral_slope, slip_level, variants),
        s1=s1,
        sacrum_center_line=center_line,
        sacrum_back=back,
        sacrum_front=front,
        sacrum_contour=np.concatenate([front[:1], dome, back, tip[None], front[:0:-1]]),
        heads=_heads(config, rng, depth),
        sacral_slope=sacral_slope,
        slip_level=slip_level,
        variants=variants,
    )


def _point(vector: Points) -> Point:
    return float(vector[0]), float(vector[1])


def _chain(
    config: AnatomyConfig,
    rng: np.random.Generator,
    depth: float,
    sacral_slope: float,
    slip_level: str | None,
    variants: Variants,
) -> tuple[SimulatedBody, ...]:
    wedges, discs = _level_angles(config, rng, sacral_slope)
    fractures = {name: rng.random() < config.fracture_probability for name in LUMBAR + THORACIC}
    height_ratio = truncated_normal(rng, config.body_height)
    disc_ratio = uniform(rng, config.disc_height)
    rim = rng.normal(0, config.scoliosis_spread, 2) * depth * np.array([0.6, 1.0])
    rim_step = rng.normal(0, config.scoliosis_spread * 0.35, 2) * depth

    plate_center, plate_slope = np.zeros(2), sacral_slope
    bodies = []
    for level, name in enumerate(CHAIN):
        thoracic = level >= variants.free_bodies
        disc = variants.disc(name)
        bent = variants.bending if name in LUMBAR else 0.0
        disc_angle = (discs[name] + bent) * disc.angle
        body_depth = config.body_depths[name] * depth * rng.normal(1, 0.015)
        disc_height = depth * disc_ratio * rng.uniform(0.85, 1.15) * (0.55 if thoracic else 1.0)
        if rng.random() < config.thin_disc_probability:
            disc_height *= rng.uniform(0.25, 0.7)
        disc_height *= disc.height
        inferior_slope = plate_slope - disc_angle
        # The disc's two plates never cross, however wide its angle.
        opening = np.tan(np.radians(abs(disc_angle) / 2)) * body_depth * 0.92
        disc_height = max(disc_height, opening + 0.03 * depth)
        inferior = plate_center + cranial_normal((plate_slope + inferior_slope) / 2) * disc_height
        inferior = inferior + direction(inferior_slope) * rng.normal(0, 0.015) * depth
        if name == slip_level:
            slip = rng.uniform(0.06, 0.32) * (RETROLISTHESIS if variants.retrolisthesis else 1.0)
            inferior = inferior - direction(plate_slope) * slip * depth
        height = body_depth * height_ratio * rng.uniform(0.95, 1.05) * (0.96 if thoracic else 1.0)
        wedge = wedges[name]
        fracture = variants.fractures[name] if fractures[name] else None
        if fracture:
            lost_angle, lost_height = FRACTURES[fracture]
            wedge -= rng.uniform(8, 22) * lost_angle
            height *= rng.uniform(0.7, 0.92) * lost_height
        superior_slope = inferior_slope - wedge
        superior = inferior + cranial_normal((inferior_slope + superior_slope) / 2) * height
        above = variants.disc(CHAIN[level + 1]).plate if level + 1 < len(CHAIN) else 1.0
        depths = body_depth * disc.plate, body_depth * above
        corners = _corners(inferior, inferior_slope, superior, superior_slope, depths, rng)
        contour = _body_contour(config, corners, body_depth, rng, fracture)
        offset = rim + level * rim_step
        if variants.curve:
            offset = offset + variants.curve.offset(level) * depth
        cemented = fracture is not None and name in variants.cemented
        bodies.append(SimulatedBody(name, corners, contour, offset, fracture, cemented, thoracic, variants.spurs[name]))
        plate_center, plate_slope = superior, superior_slope
    return tuple(bodies)


def _level_angles(
    config: AnatomyConfig, rng: np.random.Generator, sacral_slope: float
) -> tuple[dict[str, float], dict[str, float]]:
    """Wedge of each body and angle of the disc below it; L1..L5 sum to the lordosis drawn for this sacral slope."""
    wedges = np.array(config.body_wedges) + rng.normal(0, config.body_wedge_spread, 5)
    discs = np.array(config.disc_angles) + rng.normal(0, config.disc_angle_spread, 5)
    lordosis = sacral_slope + truncated_normal(rng, config.lordosis_minus_sacral_slope)
    # What is missing to it is shared between the discs by their size.
    missing = lordosis - float(wedges.sum() + discs.sum())
    share = np.array(config.disc_angles) / np.sum(config.disc_angles)
    discs = np.clip(discs + missing * share, -8, 26)
    wedge_of = dict(zip(LUMBAR, wedges.tolist(), strict=True))
    disc_below = dict(zip(LUMBAR, discs.tolist(), strict=True))
    for name in THORACIC:
        wedge_of[name] = truncated_normal(rng, config.thoracic_wedge)
        disc_below[name] = truncated_normal(rng, config.thoracic_disc_angle)
    return wedge_of, disc_below


def _corners(
    inferior: Points,
    inferior_slope: float,
    superior: Points,
    superior_slope: float,
    depths: tuple[float, float],
    rng: np.random.Generator,
) -> Body:
    """`depths` are those of the inferior and the superior end plate."""
    lower = direction(inferior_slope) * depths[0] * rng.uniform(0.98, 1.05) / 2
    upper = direction(superior_slope) * depths[1] * rng.uniform(0.94, 1.02) / 2
    return Body(_point(superior - upper), _point(superior + upper), _point(inferior - lower), _point(inferior + lower))


def _body_contour(
    config: AnatomyConfig, corners: Body, body_depth: float, rng: np.random.Generator, fracture: Fracture | None
) -> Points:
    """Closed contour through the corners: concave walls (waist), concave end plates, rounded corners."""
    crush = rng.uniform(0.03, 0.09) if fracture else 0.0
    below = crush if fracture == "biconcave" else 0.0
    sides = (
        (corners.superior_anterior, corners.superior_posterior, uniform(rng, config.plate_concavity) + crush),
        (corners.superior_posterior, corners.inferior_posterior, 0.7 * uniform(rng, config.wall_concavity)),
        (corners.inferior_posterior, corners.inferior_anterior, uniform(rng, config.plate_concavity) + below),
        (corners.inferior_anterior, corners.superior_anterior, uniform(rng, config.wall_concavity)),
    )
    center = np.mean([side[0] for side in sides], axis=0)
    t = np.linspace(0, 1, 41)[:-1, None]
    parts = []
    for start, end, depth_of_curve in sides:
        a, b = np.array(start), np.array(end)
        # Square to the side: a slanted hollow would tilt the line through it.
        inward = np.array([a[1] - b[1], b[0] - a[0]]) / np.linalg.norm(b - a)
        inward = inward if inward @ (center - a) > 0 else -inward
        parts.append(a + (b - a) * t + inward * (4 * t * (1 - t)) * depth_of_curve * body_depth)
    # A running mean over n points reaches about the root of n of them to either side of a corner.
    reach = uniform(rng, config.corner_rounding) * 40
    return smooth_closed(np.concatenate(parts), rounds=max(1, round(reach**2 / 1.5)))


def smooth_closed(points: Points, rounds: int) -> Points:
    """Round the corners of a closed contour (N, 2) a little by a running mean."""
    for _ in range(rounds):
        points = 0.25 * np.roll(points, 1, axis=0) + 0.5 * points + 0.25 * np.roll(points, -1, axis=0)
    return points


def _sacrum(
    config: AnatomyConfig, rng: np.random.Generator, depth: float, s1: EndPlate, sacral_slope: float
) -> tuple[Points, Points, Points, Points]:
    """Centre line, posterior and anterior border (M, 2) and tip (2,) of the mid-sagittal sacrum and coccyx.

    A curved wedge below the S1 plate, without the ala.
    """
    length = uniform(rng, config.sacrum_length) * depth
    start, end = uniform(rng, config.sacrum_start_angle), -uniform(rng, config.sacrum_end_angle)
    s = np.linspace(0, 1, 40)
    bend = uniform(rng, config.variants.sacrum_bend)
    # Angle posterior of the plate's caudal normal along the line.
    angle = np.radians(start + (end - start) * s**bend)
    caudal, posterior = -cranial_normal(sacral_slope), direction(sacral_slope)
    step = (np.cos(angle)[:, None] * caudal + np.sin(angle)[:, None] * posterior) * length / (len(s) - 1)
    line = np.concatenate([np.zeros((1, 2)), np.cumsum(step, axis=0)[:-1]])
    across = np.stack([-step[:, 1], step[:, 0]], axis=1)
    across = across / np.linalg.norm(across, axis=1, keepdims=True)
    across *= np.sign(across @ posterior)[:, None]
    plate = float(np.linalg.norm(np.subtract(s1.posterior, s1.anterior)))
    knots = np.array([0.44, 0.37, 0.275, 0.20, 0.13]) * np.array([1, *rng.uniform(0.85, 1.15, 4)])
    half_width = np.interp(s, [0, 0.2, 0.5, 0.75, 1.0], knots)[:, None] * plate
    # The borders start at the plate's own ends and swing into the parallel ones.
    blend = np.clip(s / 0.22, 0, 1)[:, None] ** 0.8
    back = (1 - blend) * (np.array(s1.posterior) + line) + blend * (line + across * half_width)
    front = (1 - blend) * (np.array(s1.anterior) + line) + blend * (line - across * half_width)
    tip = line[-1] + step[-1] / np.linalg.norm(step[-1]) * half_width[-1] * 0.8
    return line, back, front, tip


def _dome(s1: EndPlate, height: float, sacral_slope: float) -> Points:
    """The S1 plate between its ends, bulging cranially by `height` in its middle."""
    t = np.linspace(0, 1, 17)[1:-1, None]
    a, b = np.array(s1.anterior), np.array(s1.posterior)
    return np.asarray(a + (b - a) * t + cranial_normal(sacral_slope) * height * 4 * t * (1 - t))


def _heads(config: AnatomyConfig, rng: np.random.Generator, depth: float) -> tuple[Circle, Circle]:
    """Two heads around the hip axis, which lies at a drawn pelvic tilt and distance from the S1 midpoint."""
    tilt = np.radians(truncated_normal(rng, config.pelvic_tilt))
    axis = uniform(rng, config.hip_axis_distance) * depth * np.array([-np.sin(tilt), np.cos(tilt)])
    radius = uniform(rng, config.head_radius) * depth
    ratio = np.sqrt(uniform(rng, config.head_magnification))
    # The head nearer to the source is larger and, by the beam's divergence, mostly lower on the film.
    separation = uniform(rng, config.head_separation) * radius
    angle = rng.normal(np.pi * 0.7, 0.7)
    offset = np.array([np.cos(angle), abs(np.sin(angle))]) * separation / 2
    upper, lower = Circle(_point(axis - offset), radius / ratio), Circle(_point(axis + offset), radius * ratio)
    return (upper, lower) if upper.center[1] <= lower.center[1] else (lower, upper)
