"""How far peaks of a height lie from the landmarks that are meant by them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields

import numpy as np
from scipy import optimize

from sagittal.anatomy import Body, Landmarks
from sagittal.calibration.likelihood import LEAST, MOST_POWER, Array, student
from sagittal.calibration.seen_film import SeenFilm
from sagittal.inference.landmark_peaks import grid_deviation, peak_group

GROUPS = ("corner", "s1", "head")
# In body depths or radii: farther off it is another structure, whose place no deviation tells.
FARTHEST_CORNER, FARTHEST_END, FARTHEST_CENTER = 0.25, 0.4, 0.9


def fit_peaks(films: Sequence[SeenFilm]) -> dict[str, float]:
    """Deviation and power of the peaks of each group that is seen often enough: pixels of the network's grid."""
    constants: dict[str, float] = {}
    for group in GROUPS:
        pairs = [pair for film in films for pair in _peak_errors(film, group)]
        if len(pairs) >= LEAST:
            heights, errors = np.array(pairs).T
            constants[f"{group}_deviation"], constants[f"{group}_power"] = _likeliest(heights, errors)
    return constants


def _likeliest(heights: Array, errors: Array) -> tuple[float, float]:
    def surprise(unknown: Array) -> float:
        deviation = np.exp(unknown[0]) * heights ** -unknown[1]
        return float((2 * np.log(deviation) + student((errors / deviation) ** 2, 2)).mean())

    found = optimize.minimize(surprise, np.array([0.0, 1.0]), method="Nelder-Mead").x
    return float(np.exp(found[0])), float(np.clip(found[1], 0.0, MOST_POWER))


def _peak_errors(film: SeenFilm, group: str) -> Iterator[tuple[float, float]]:
    """Height and error, in pixels of the network's grid, of the peak nearest to each true landmark of a group."""
    for kind, point, reach in _true_points(film.truth.landmarks):
        peaks = [peak for peak in film.peaks if peak.kind == kind and peak_group(kind) == group]
        if not peaks:
            continue
        peak = min(peaks, key=lambda peak: np.hypot(peak.x - point[0], peak.y - point[1]))
        apart = float(np.hypot(peak.x - point[0], peak.y - point[1]))
        pixel = np.linalg.det(peak.covariance) ** 0.25 / grid_deviation(kind, peak.height, film.calibration)
        if apart < reach:
            yield peak.height, apart / pixel


def _true_points(landmarks: Landmarks) -> Iterator[tuple[str, tuple[float, float], float]]:
    """Kind, point and how far a peak may lie to be meant by it; film pixels."""
    if not landmarks.bodies:
        return
    depth = body_depth(landmarks)
    for body in landmarks.bodies.values():
        for corner in fields(Body):
            yield corner.name, getattr(body, corner.name), FARTHEST_CORNER * depth
    if landmarks.s1:
        yield "s1_anterior", landmarks.s1.anterior, FARTHEST_END * depth
        yield "s1_posterior", landmarks.s1.posterior, FARTHEST_END * depth
    for head in landmarks.femoral_heads:
        yield "femoral_head", head.center, FARTHEST_CENTER * head.radius


def body_depth(landmarks: Landmarks) -> float:
    """Middle length of the bodies' superior plates, in film pixels."""
    bodies = landmarks.bodies.values()
    return float(np.median([np.linalg.norm(np.subtract(b.superior_anterior, b.superior_posterior)) for b in bodies]))
