"""Where a landmark that was not found is likely to lie, so that the hand has little way to drag it. Without a scene."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from .anatomy import Body, Circle, EndPlate, Landmarks, default_definitions
from .errors import SegmentError
from .translation import _

_LUMBAR = ("L5", "L4", "L3", "L2", "L1")
_HEADS = ("femoral head 1", "femoral head 2")
# Of a body's depth: the disc above S1; and how far caudal and in front of S1's middle the heads lie (adults, standing).
_DISC = 0.3
_HEADS_CAUDAL, _HEADS_FORWARD = 2.3, 0.6


def missingNames(landmarks: Landmarks) -> tuple[str, ...]:
    """Names of what can be placed: lumbar levels, "S1", heads."""
    names = [level for level in _LUMBAR if level not in landmarks.bodies]
    names += [] if landmarks.s1 is not None else ["S1"]
    return (*names, *_HEADS[len(landmarks.femoral_heads) :])


def presentNames(landmarks: Landmarks) -> tuple[str, ...]:
    """Names of what can be taken away: levels, "S1", heads."""
    names = [*landmarks.bodies, *([] if landmarks.s1 is None else ["S1"])]
    return (*names, *_HEADS[: len(landmarks.femoral_heads)])


def withPlaced(landmarks: Landmarks, name: str, shape: tuple[int, int]) -> Landmarks:
    """The landmarks with one more, from its neighbours; without any, in the middle of the film (rows, columns).

    Raises:
        SegmentError: there is one of this name.
    """
    if name not in missingNames(landmarks):
        raise SegmentError(_("{name} is there already: drag it.").format(name=name))
    if name == "S1":
        return replace(landmarks, s1=_likelyS1(landmarks, shape))
    if name in _HEADS:
        return replace(landmarks, femoral_heads=(*landmarks.femoral_heads, _likelyHead(landmarks, shape)))
    bodies = {**landmarks.bodies, name: _likelyBody(landmarks, name, shape)}
    chain = default_definitions().levels_from_sacrum
    order = sorted(bodies, key=lambda level: chain.index(level) if level in chain else -1)
    return replace(landmarks, bodies={level: bodies[level] for level in order})


def withoutLandmark(landmarks: Landmarks, name: str) -> Landmarks:
    """The landmarks less one: a level with both its end plates ("L3" or "L3 superior"), "S1", or a head.

    Raises:
        SegmentError: there is none of this name.
    """
    level = name.split()[0]
    if level == "S1" and landmarks.s1 is not None:
        return replace(landmarks, s1=None)
    if level in landmarks.bodies:
        return replace(landmarks, bodies={n: body for n, body in landmarks.bodies.items() if n != level})
    if name in _HEADS[: len(landmarks.femoral_heads)]:
        index = _HEADS.index(name)
        heads = tuple(head for k, head in enumerate(landmarks.femoral_heads) if k != index)
        return replace(landmarks, femoral_heads=heads)
    raise SegmentError(_("There is no {name} to take away.").format(name=name))


def _likelyBody(landmarks: Landmarks, name: str, shape: tuple[int, int]) -> Body:
    chain = default_definitions().levels_from_sacrum
    place = chain.index(name)
    placed = {chain.index(level): _corners(body) for level, body in landmarks.bodies.items() if level in chain}
    below = max((k for k in placed if k < place), default=None)
    above = min((k for k in placed if k > place), default=None)
    if below is not None and above is not None:
        share = (place - below) / (above - below)
        return _body(placed[below] + share * (placed[above] - placed[below]))
    near = below if below is not None else above
    if near is None:
        return _body(_middle(shape) + _box(landmarks, min(shape) / 8))
    # As far from its neighbour as a body and its disc are high, away from or towards the sacrum.
    corners = placed[near]
    pitch = corners[:2].mean(axis=0) - corners[2:].mean(axis=0)
    return _body(corners + (place - near) * 1.3 * pitch)


def _likelyS1(landmarks: Landmarks, shape: tuple[int, int]) -> EndPlate:
    if not landmarks.bodies:
        corners = _middle(shape) + _box(landmarks, min(shape) / 8)
        return EndPlate(_point(corners[0]), _point(corners[1]))
    corners = _corners(next(iter(landmarks.bodies.values())))
    caudal = corners[2:].mean(axis=0) - corners[:2].mean(axis=0)
    plate = corners[2:] + _DISC * caudal
    return EndPlate(_point(plate[0]), _point(plate[1]))


def _likelyHead(landmarks: Landmarks, shape: tuple[int, int]) -> Circle:
    if landmarks.femoral_heads:
        other = landmarks.femoral_heads[0]
        return Circle((other.center[0] + 0.3 * other.radius, other.center[1] + 0.3 * other.radius), other.radius)
    s1 = landmarks.s1
    if s1 is None:
        return Circle((shape[1] / 2, 0.75 * shape[0]), min(shape) / 16)
    plate = np.subtract(s1.anterior, s1.posterior)
    depth = float(np.hypot(*plate))
    forward = 1.0 if plate[0] > 0 else -1.0
    center = np.add(s1.midpoint, (forward * _HEADS_FORWARD * depth, _HEADS_CAUDAL * depth))
    return Circle(_point(center), default_definitions().fusion["usual_head_radius"] * depth)


def _corners(body: Body) -> np.ndarray:
    """(4, 2): superior anterior and posterior, inferior anterior and posterior."""
    return np.array([getattr(body, field.name) for field in fields(Body)])


def _body(corners: np.ndarray) -> Body:
    return Body(*(_point(corner) for corner in corners))


def _box(landmarks: Landmarks, depth: float) -> np.ndarray:
    forward = -1.0 if landmarks.anterior in ("left", None) else 1.0
    return np.array([(forward, -0.7), (-forward, -0.7), (forward, 0.7), (-forward, 0.7)]) * depth / 2


def _middle(shape: tuple[int, int]) -> np.ndarray:
    return np.array([shape[1] / 2, shape[0] / 2])


def _point(values: np.ndarray) -> tuple[float, float]:
    return float(values[0]), float(values[1])
