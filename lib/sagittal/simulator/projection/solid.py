"""Bones as stacks of sagittal sections, and as tubes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Solid:
    """A bone cut into sagittal sections: a cortical shell around trabecular bone.

    `sections` (K, N, 2) are closed contours in mm of the mid-plane, `z` (K,) their depths and `slab` the thickness
    that each stands for. `cortex` is the shell's thickness in mm, `trabecular` the density inside as a share of
    cortical bone; a `trabecular` below zero hollows out what other bones gave. `soft` (mm, along x and y) blurs what
    is projected, for surfaces that fall away between one section and the next.
    """

    sections: Points
    z: Points
    slab: float
    cortex: float
    trabecular: float
    soft: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        if self.sections.ndim != 3 or self.sections.shape[2] != 2 or len(self.z) != len(self.sections):
            raise ValueError(f"sections must be (K, N, 2) with K depths, got {self.sections.shape}, {self.z.shape}")

    def sheared(self, shear: Points) -> Solid:
        """Every section moved by `shear` (2,) for each mm of depth: a small yaw and roll."""
        return replace(self, sections=self.sections + self.z[:, None, None] * shear)

    @property
    def hollow(self) -> Points:
        """(K, N, 2) the sections less their shell."""
        tangents = np.roll(self.sections, -1, axis=1) - np.roll(self.sections, 1, axis=1)
        lengths = np.linalg.norm(tangents, axis=2, keepdims=True)
        normals = np.stack([-tangents[..., 1], tangents[..., 0]], axis=2) / np.maximum(lengths, 1e-9)
        # Clockwise and counter-clockwise contours have their inside on different sides.
        x, y = self.sections[..., 0], self.sections[..., 1]
        area = np.sum(x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1), axis=1)
        return np.asarray(self.sections + normals * np.sign(area)[:, None, None] * self.cortex)


@dataclass(frozen=True)
class Tube:
    """A thin long bone or ridge: a polyline `points` (N, 2) at depths `z` (N,) of `radius` mm with a shell.

    `stretch` is how much longer than across it the rays run through it, where it runs along them.
    """

    points: Points
    z: Points
    radius: float
    cortex: float
    trabecular: float
    stretch: float = 1.0

    def sheared(self, shear: Points) -> Tube:
        """Every point moved by `shear` (2,) for each mm of depth."""
        return replace(self, points=self.points + self.z[:, None] * shear)


def extruded(
    contour: Points, z: tuple[float, float], slab: float, *, cortex: float, trabecular: float, rounding: float = 0.35
) -> Solid:
    """A contour (N, 2) drawn out from depth to depth, its ends rounded by shrinking to 1 - `rounding`."""
    count = max(2, round(abs(z[1] - z[0]) / slab))
    depths = np.linspace(z[0], z[1], 2 * count + 1)[1::2]
    t = np.abs(np.linspace(-1, 1, 2 * count + 1)[1::2])
    size = 1 - rounding * (1 - np.sqrt(1 - t**2))
    center = contour.mean(axis=0)
    sections = center + (contour - center)[None] * size[:, None, None]
    return Solid(sections, depths, abs(z[1] - z[0]) / count, cortex, trabecular)


def ball(center: Points, z: float, radius: float, slab: float, *, cortex: float, trabecular: float) -> Solid:
    """A sphere."""
    count = max(4, round(2 * radius / slab))
    offsets = np.linspace(-radius, radius, 2 * count + 1)[1::2]
    radii = np.sqrt(radius**2 - offsets**2)
    t = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    circle = np.stack([np.cos(t), np.sin(t)], axis=1)
    return Solid(
        center + circle * radii[:, None, None], z + offsets, 2 * radius / count, cortex, trabecular, (0.25, 0.25)
    )


def rim(center: Points, z: float, radius: float, angles: Points, width: float, length: float) -> Tube:
    """The line that the shell of a sphere shows where rays graze it, over `angles` (N,) in radians.

    `width` and the path `length` of bone along the rays are in mm; its outer border has the sphere's radius.
    """
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    points = center + circle * (radius - width / 2)
    return Tube(points, np.full(len(angles), z), width / 2, 0.0, 1.0, stretch=length / width)


def swept(path: Points, z: Points, radii: Points, *, cortex: float, trabecular: float, soft: float = 1.0) -> Solid:
    """Circles along a path (K, 2) whose depth changes from point to point: a bar across the patient."""
    t = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    circle = np.stack([np.cos(t), np.sin(t)], axis=1)
    sections = path[:, None] + circle * radii[:, None, None]
    return Solid(sections, z, float(np.mean(np.abs(np.diff(z)))), cortex, trabecular, (soft, soft))
