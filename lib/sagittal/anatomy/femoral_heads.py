"""Femoral heads: circles through the arc that is seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage, optimize
from scipy.spatial import cKDTree

from sagittal.anatomy.contour import outline
from sagittal.anatomy.grid import Grid, Points

Region = npt.NDArray[np.bool_]

# Radius in depths of a vertebral body.
SMALLEST_RADIUS, LARGEST_RADIUS = 0.42, 0.9
# Area in squares of that depth; a head that shows less says nothing about its circle.
SPECK_AREA = 0.04
# A second piece of this part of the first one's area is the other head, when that has no mask of its own.
OTHER_HEAD = 0.3
# Degrees of rim: below the second its circle is uncertain, below the first it is anyone's guess; and the part of a
# head's mask that must lie within its circle.
LEAST_ARC, SHORT_ARC = 40.0, 75.0
INSIDE = 0.8
# How far a rim may lie from the other head's and still be the border between both, in square roots of its area.
BORDER = 0.07


@dataclass(frozen=True)
class FemoralHead:
    """A head's circle (x, y, radius in column widths), the arc it was fitted to (degrees), its pixels, and the
    root mean square misfit of the arc (column widths)."""

    center: Points
    radius: float
    arc: float
    region: Region
    misfit: float = 0.0


def find_femoral_heads(first: Region, second: Region, grid: Grid, depth: float | None) -> tuple[FemoralHead, ...]:
    """Fit a circle to each head, the more cranial centre first.

    Args:
        first, second: masks of both heads over the working grid, either may be empty.
        grid: where they lie.
        depth: depth of a vertebral body where known: it bounds the radius, without which a short arc says little.
    """
    regions = _head_regions(first, second, grid, depth)
    contours = [grid.locate(outline(region)) for region in regions]
    heads = []
    for k, (region, contour) in enumerate(zip(regions, contours)):
        others = contours[:k] + contours[k + 1 :]
        arc = contour[~grid.on_film_edge(contour)]
        if others and len(arc):
            arc = arc[~_hidden_by(arc, others[0], contour.mean(axis=0), grid)]
        if len(arc) >= 8:
            area = float(np.count_nonzero(region)) * grid.spacing[0] * grid.spacing[1]
            center, radius = _fit_circle(arc, area, depth)
            head = FemoralHead(center, radius, _arc_length(arc, center), region, _misfit(arc, center, radius))
            if head.arc >= LEAST_ARC and _share_inside(region, center, radius, grid) > INSIDE:
                heads.append(head)
    return tuple(sorted(heads, key=lambda head: float(head.center[1])))


def _head_regions(first: Region, second: Region, grid: Grid, depth: float | None) -> list[Region]:
    """The largest piece of each mask; of one mask alone its two largest, should both be large."""
    pixel = grid.spacing[0] * grid.spacing[1]
    smallest = SPECK_AREA * depth**2 / pixel if depth else 12
    pieces = [_pieces(mask, smallest) for mask in (first, second)]
    if all(pieces):
        return [pieces[0][0], pieces[1][0]]
    only = pieces[0] or pieces[1]
    return [p for p in only[:2] if np.count_nonzero(p) >= OTHER_HEAD * np.count_nonzero(only[0])]


def _pieces(mask: Region, smallest: float) -> list[Region]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if rows.size == 0:
        return []
    window = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    labels = ndimage.label(mask[window])[0]
    sizes = np.bincount(labels.ravel())[1:]
    pieces = []
    for k in np.argsort(-sizes)[:2]:
        if sizes[k] >= smallest:
            piece = np.zeros_like(mask)
            piece[window] = labels == k + 1
            pieces.append(piece)
    return pieces


def _hidden_by(arc: Points, other: Points, own_center: Points, grid: Grid) -> npt.NDArray[np.bool_]:
    """(N,) True where a rim is the other head's, in front of this one.

    The border between both is the rim of the head in front: it bulges out of that head and into the other one. A
    border that bulges out is kept; a hollow or straight one is not.
    """
    reach = max(2.5 * grid.step, BORDER * float(np.sqrt(np.prod(np.ptp(arc, axis=0)))))
    distances, _ = cKDTree(other).query(arc, distance_upper_bound=reach)
    border = np.isfinite(distances)
    if np.count_nonzero(border) < 4:
        return border
    points = arc[border]
    sparse = points[:: max(1, len(points) // 60)]
    spread = np.linalg.norm(sparse[:, None] - sparse[None], axis=2)
    a, b = np.unravel_index(int(np.argmax(spread)), spread.shape)
    chord = sparse[b] - sparse[a]
    length = float(np.linalg.norm(chord))
    normal = np.array([-chord[1], chord[0]]) / max(length, 1e-9)
    bulge = (points - sparse[a]) @ normal
    outwards = -np.sign(float((own_center - sparse[a]) @ normal)) or 1.0
    is_in_front = float(np.mean(bulge)) * outwards > 0.04 * length
    return np.zeros(len(arc), dtype=bool) if is_in_front else border


def _fit_circle(arc: Points, area: float, depth: float | None) -> tuple[Points, float]:
    """Geometric least squares with a robust loss and a bounded radius."""
    center, radius = _algebraic_circle(arc)
    equivalent = float(np.sqrt(area / np.pi))
    low, high = (SMALLEST_RADIUS * depth, LARGEST_RADIUS * depth) if depth else (0.7 * equivalent, 3 * equivalent)
    if not low < radius < high:
        # Start from the middle of the allowed radii, on the side where the arc's own circle lay.
        radius = float(np.clip(radius, low, high)) if np.isfinite(radius) else (low + high) / 2
        inward = center - arc.mean(axis=0)
        center = arc.mean(axis=0) + inward / max(float(np.linalg.norm(inward)), 1e-9) * radius
    radius = float(np.clip(radius, 1.001 * low, 0.999 * high))
    points = arc[:: max(1, len(arc) // 250)]

    def residuals(circle: Points) -> Points:
        return np.asarray(np.hypot(points[:, 0] - circle[0], points[:, 1] - circle[1]) - circle[2])

    def slopes(circle: Points) -> Points:
        offsets = circle[:2] - points
        return np.column_stack((offsets / np.linalg.norm(offsets, axis=1).clip(1e-9)[:, None], -np.ones(len(points))))

    fit = optimize.least_squares(
        residuals,
        np.array([*center, radius]),
        jac=slopes,
        loss="soft_l1",
        f_scale=0.02 * radius,
        bounds=([-np.inf, -np.inf, low], [np.inf, np.inf, high]),
        x_scale=radius,
        max_nfev=50,
    )
    return np.asarray(fit.x[:2]), float(fit.x[2])


def _misfit(arc: Points, center: Points, radius: float) -> float:
    off = np.abs(np.linalg.norm(arc - center, axis=1) - radius)
    # Of what is near: the border to the other head may be among the arc.
    near = off[off <= 2.5 * 1.4826 * float(np.median(off)) + 1e-9]
    return float(np.sqrt(np.mean(near**2)))


def _share_inside(region: Region, center: Points, radius: float, grid: Grid) -> float:
    points = grid.locate(np.argwhere(region)[::5, ::-1].astype(np.float64))
    return float(np.mean(np.linalg.norm(points - center, axis=1) < 1.05 * radius)) if len(points) else 0.0


def _algebraic_circle(points: Points) -> tuple[Points, float]:
    """The circle of least algebraic distance (Kasa), a start for the geometric fit."""
    mean = points.mean(axis=0)
    offsets = points - mean
    system = np.column_stack((2 * offsets, np.ones(len(points))))
    (a, b, c), *_ = np.linalg.lstsq(system, np.sum(offsets**2, axis=1), rcond=None)
    return mean + np.array([a, b]), float(np.sqrt(max(c + a * a + b * b, 0.0)))


def _arc_length(arc: Points, center: Points) -> float:
    """Degrees of the circle on which there are points of the arc."""
    angles = np.degrees(np.arctan2(*(arc - center).T[::-1]))
    return float(5 * len(np.unique(np.floor(angles / 5))))
