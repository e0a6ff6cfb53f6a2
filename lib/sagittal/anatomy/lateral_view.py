"""Whether what was found looks like a lumbar spine from the side at all."""

from __future__ import annotations

import numpy as np

from sagittal.anatomy.landmarks import Body, EndPlate, Landmarks, Point
from sagittal.anatomy.quality import Note

LUMBAR = ("L1", "L2", "L3", "L4", "L5")
FEWEST_BODIES = 3
# Depth over height of a body seen from the side (1.1 to 1.5 in nine of ten; crushed ones more), neighbours' areas, and
# the S1 plate over the plate above it.
SHAPE = (0.8, 2.2)
NEIGHBOURS = (0.55, 1.8)
S1_LENGTH = (0.6, 1.4)
# Of all these relations, the share that may be unusual; a film of something else has more.
UNUSUAL = 0.34
NOT_READ = "not a lateral lumbar X-ray, or none that could be read"


def lateral_view_note(landmarks: Landmarks, aspect: float) -> Note | None:
    """A note that stops, where the bodies found are too few or too irregular for a lateral lumbar X-ray.

    `aspect` is row over column size of the landmarks' pixels. A frontal film, another part of the body or another
    modality makes a network find pieces that do not form a chain; so does a lateral film that it cannot read.
    """
    bodies = [landmarks.bodies[level] for level in LUMBAR if level in landmarks.bodies]
    if len(bodies) < FEWEST_BODIES:
        return _note(f"lumbar bodies found: {len(bodies)}")
    usual = [SHAPE[0] < _depth(body, aspect) / _height(body, aspect) < SHAPE[1] for body in bodies]
    areas = [_depth(body, aspect) * _height(body, aspect) for body in bodies]
    usual += [NEIGHBOURS[0] < lower / upper < NEIGHBOURS[1] for upper, lower in zip(areas, areas[1:])]
    if landmarks.s1 is None:
        usual.append(False)
    else:
        usual.append(S1_LENGTH[0] < _length(landmarks.s1, aspect) / _depth(bodies[-1], aspect) < S1_LENGTH[1])
    unusual = usual.count(False)
    if unusual > UNUSUAL * len(usual):
        return _note(f"{unusual} of {len(usual)} proportions of its bodies are unusual")
    return None


def _note(why: str) -> Note:
    return Note(f"{NOT_READ}: {why}", "stop")


def _length(plate: EndPlate, aspect: float) -> float:
    return _distance(plate.anterior, plate.posterior, aspect)


def _depth(body: Body, aspect: float) -> float:
    return max((_length(body.superior, aspect) + _length(body.inferior, aspect)) / 2, 1e-9)


def _height(body: Body, aspect: float) -> float:
    return max(_distance(body.superior.midpoint, body.inferior.midpoint, aspect), 1e-9)


def _distance(a: Point, b: Point, aspect: float) -> float:
    return float(np.hypot(a[0] - b[0], (a[1] - b[1]) * aspect))
