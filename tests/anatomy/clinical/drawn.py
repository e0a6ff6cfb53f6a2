"""A straight spine drawn to stated sizes: bodies 100 deep and 80 high, discs 40 high, facing left."""

from __future__ import annotations

from collections.abc import Mapping

from sagittal.anatomy import Body, Circle, EndPlate, Landmarks, parameters_from_landmarks
from sagittal.anatomy.clinical import Finding, assess

DEPTH, HEIGHT, DISC = 100.0, 80.0, 40.0
TOP, FRONT = 60.0, 200.0
LEVELS = ("L1", "L2", "L3", "L4", "L5")


def superior_row(place: int) -> float:
    return TOP + place * (HEIGHT + DISC)


def body(place: int, *, forward: float = 0.0, anterior: float = HEIGHT, posterior: float = HEIGHT) -> Body:
    """The body `place` below L1; `forward` moves it, the heights are cut off its upper side."""
    front, back = FRONT - forward, FRONT - forward + DEPTH
    bottom = superior_row(place) + HEIGHT
    return Body((front, bottom - anterior), (back, bottom - posterior), (front, bottom), (back, bottom))


def spine(changed: Mapping[str, Body] | None = None, heads: tuple[Circle, ...] = ()) -> Landmarks:
    """L1 to L5 over a level S1, with some bodies replaced."""
    bodies = {level: body(place) for place, level in enumerate(LEVELS)}
    row = superior_row(5)
    s1 = EndPlate((FRONT, row), (FRONT + DEPTH, row))
    return Landmarks({**bodies, **(changed or {})}, s1, heads, "left")


def findings(landmarks: Landmarks, **more: object) -> dict[str, Finding]:
    aspect = more.get("pixel_aspect", (1.0, 1.0))
    parameters = parameters_from_landmarks(landmarks, pixel_aspect=aspect)  # type: ignore[arg-type]
    return {finding.name: finding for finding in assess(landmarks, parameters, **more)}  # type: ignore[arg-type]
