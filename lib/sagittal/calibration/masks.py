"""How far a mask's own landmarks lie from the true ones, by the height of the network's peaks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from sagittal.anatomy import EndPlate, Landmarks, measure_mask
from sagittal.anatomy.definitions import Definitions
from sagittal.anatomy.fusion import LEAST_HEIGHT, NEAR
from sagittal.anatomy.recut import recut
from sagittal.calibration.likelihood import LEAST, fit_scales
from sagittal.calibration.peaks import FARTHEST_CENTER, FARTHEST_END, body_depth
from sagittal.calibration.seen_film import SeenFilm

EndErrors = tuple[float, float, float]


def fit_masks(films: Sequence[SeenFilm], definitions: Definitions) -> dict[str, float]:
    """Deviations of the mask's own landmarks, of each kind that is found often enough."""
    # A network without heat maps shows no peak on any film; the fusion then takes a usual height.
    usual = None if any(film.peaks for film in films) else definitions.fusion["usual_height"]
    ends: dict[str, list[EndErrors]] = {"corner": [], "s1": []}
    heads: list[float] = []
    for film in films:
        truth = film.truth.landmarks
        mask = recut(film.mask, film.peaks, 1.0, definitions)
        found = measure_mask(mask, anterior=truth.anterior, definitions=definitions).landmarks
        for kind, side, plate, true in _plates(found, truth):
            ends[kind] += _end_errors(film, side, plate, true, usual)
        heads += _head_errors(found, truth)
    constants: dict[str, float] = {}
    if len(heads) >= LEAST:
        constants["mask_head"] = fit_scales(np.array(heads)[:, None], np.ones(len(heads)))[0][0]
    for kind, rows in ends.items():
        if len(rows) >= LEAST:
            values = np.array(rows)
            (along, across), power = fit_scales(values[:, :2], values[:, 2])
            constants |= {f"mask_{kind}_along": along, f"mask_{kind}_across": across, f"mask_{kind}_power": power}
    return constants


def _plates(found: Landmarks, truth: Landmarks) -> Iterator[tuple[str, str, EndPlate, EndPlate]]:
    for name in found.bodies.keys() & truth.bodies.keys():
        for side in ("superior", "inferior"):
            yield "corner", side, getattr(found.bodies[name], side), getattr(truth.bodies[name], side)
    if found.s1 and truth.s1 and truth.bodies:
        yield "s1", "s1", found.s1, truth.s1


def _end_errors(
    film: SeenFilm, side: str, plate: EndPlate, truth: EndPlate, usual: float | None
) -> Iterator[EndErrors]:
    """Errors of both ends along and across the true plate, in body depths, and the height of the peak there."""
    depth = body_depth(film.truth.landmarks)
    direction = np.subtract(truth.posterior, truth.anterior)
    direction = direction / np.linalg.norm(direction)
    for end in ("anterior", "posterior"):
        point = getattr(plate, end)
        offset = np.subtract(point, getattr(truth, end)) / depth
        height = _height(film, side, end, point, depth) if usual is None else usual
        if height is not None and np.linalg.norm(offset) < FARTHEST_END:
            across = float(offset @ np.array([-direction[1], direction[0]]))
            yield float(offset @ direction), across, max(height, LEAST_HEIGHT)


def _height(film: SeenFilm, side: str, end: str, point: tuple[float, float], depth: float) -> float | None:
    """As in the fusion: of the nearest peak for a body's corner, of the highest for S1; None without either."""
    peaks = [peak for peak in film.peaks if peak.kind == f"{side}_{end}"]
    if side == "s1":
        return max((peak.height for peak in peaks), default=None)
    apart = [(float(np.hypot(peak.x - point[0], peak.y - point[1])), peak.height) for peak in peaks]
    nearest, height = min(apart, default=(np.inf, None))
    return height if nearest < NEAR * depth else None


def _head_errors(found: Landmarks, truth: Landmarks) -> Iterator[float]:
    """Along both axes, in radii."""
    for head in found.femoral_heads:
        apart = [np.subtract(head.center, true.center) / head.radius for true in truth.femoral_heads]
        nearest = min(apart, key=lambda a: float(np.linalg.norm(a)), default=None)
        if nearest is not None and np.linalg.norm(nearest) < FARTHEST_CENTER:
            yield from nearest.tolist()
