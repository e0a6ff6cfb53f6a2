"""Inspections built by hand: a drawn film with known landmarks, its label map and the parameters that follow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sagittal.anatomy.definitions import default_definitions
from sagittal.anatomy.landmarks import Body, Circle, EndPlate, Landmarks
from sagittal.anatomy.measurement import Measurement, Quality
from sagittal.anatomy.parameters import parameters_from_landmarks
from sagittal.films import Film, Identity, SpacingRule
from sagittal.inference import Inspection
from skimage.draw import disk, polygon

ROWS, COLUMNS = 600, 360
HEADS = (Circle((130.0, 540.0), 34.0), Circle((120.0, 590.0), 36.0))


def _landmarks(heads: tuple[Circle, ...]) -> Landmarks:
    bodies = {
        f"L{5 - i}": Body(
            (120.0 + 4 * i, 370.0 - 70 * i), (190.0, 360.0 - 66 * i), (118.0, 415.0 - 70 * i), (188.0, 405.0 - 66 * i)
        )
        for i in range(5)
    }
    return Landmarks(bodies, EndPlate((125.0, 450.0), (185.0, 420.0)), heads, "left")


def _label_map(landmarks: Landmarks) -> np.ndarray:
    structures = default_definitions().structures
    label_map = np.zeros((ROWS, COLUMNS), np.uint8)
    for i, head in reversed(list(enumerate(landmarks.femoral_heads, 1))):
        rows, columns = disk(head.center[::-1], head.radius, shape=label_map.shape)
        label_map[rows, columns] = structures[f"femoral_head_{i}"].id
    rows, columns = polygon([450, 420, 520, 530], [125, 185, 250, 230])
    label_map[rows, columns] = structures["sacrum"].id
    for level, b in landmarks.bodies.items():
        ring = (b.superior_anterior, b.superior_posterior, b.inferior_posterior, b.inferior_anterior)
        rows, columns = polygon([y for _, y in ring], [x for x, _ in ring])
        label_map[rows, columns] = structures[level].id
    return label_map


@pytest.fixture
def make_inspection() -> Callable[..., Inspection]:
    """Build an inspection; what is not said is that of a good film of two heads without spacing."""

    def make(
        *,
        heads: tuple[Circle, ...] = HEADS,
        pixel_aspect: tuple[float, float] = (1.0, 1.0),
        path: Path | None = Path("films/case one.png"),
        value_branch: bool = False,
    ) -> Inspection:
        landmarks = _landmarks(heads)
        parameters = parameters_from_landmarks(landmarks, pixel_aspect=pixel_aspect)
        quality = Quality("measurable", ()) if heads else Quality("measurable with caution", ("no femoral head",))
        ramp = np.tile(np.linspace(0.2, 0.6, COLUMNS, dtype=np.float32), (ROWS, 1))
        film = Film(
            pixels=ramp,
            spacing_mm=None,
            spacing_rule=SpacingRule.NONE,
            pixel_aspect=pixel_aspect,
            affine=np.eye(4),
            anterior=None,
            identity=Identity("case one", path),
            warnings=("named .png but is JPEG",),
        )
        measurement = Measurement(landmarks, parameters, quality, ("LL starts at L1",), _label_map(landmarks))
        branch = {n: replace(parameters[n], reason=None) for n in default_definitions().value_branch}
        return Inspection(
            film=film, measurement=measurement, model="bilunet", value_branch=branch if value_branch else None
        )

    return make
