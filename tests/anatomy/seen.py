"""What a network would see of a spine."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from sagittal.anatomy.definitions import default_definitions
from sagittal.anatomy.landmarks import Body, Landmarks
from sagittal.anatomy.network_landmark import Covariance
from sagittal.simulator.film import SimulatedTruth

SACRUM = default_definitions().classes["sacrum"].id


@dataclass(frozen=True)
class Seen:
    kind: str
    x: float
    y: float
    height: float = 0.8
    covariance: Covariance = ((1.0, 0.0), (0.0, 1.0))
    radius: float | None = None


def seen_of(landmarks: Landmarks, height: float = 0.8) -> list[Seen]:
    """A network that sees everything where it is."""
    seen = [
        Seen(corner.name, *getattr(body, corner.name), height)
        for body in landmarks.bodies.values()
        for corner in fields(Body)
    ]
    if landmarks.s1 is not None:
        seen += [
            Seen("s1_anterior", *landmarks.s1.anterior, height),
            Seen("s1_posterior", *landmarks.s1.posterior, height),
        ]
    return seen + [Seen("femoral_head", *head.center, height) for head in landmarks.femoral_heads]


def beyond_s1(truth: SimulatedTruth, class_id: int) -> np.ndarray:
    """The class mask with the upper third of the sacrum called `class_id`."""
    mask = truth.class_mask.copy()
    rows = np.flatnonzero((mask == SACRUM).any(axis=1))
    upper = np.zeros_like(mask, bool)
    upper[rows[0] : rows[0] + (rows[-1] - rows[0]) // 3] = True
    mask[upper & (mask == SACRUM)] = class_id
    return mask
