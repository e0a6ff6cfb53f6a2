"""Landmarks as a result's JSON has them: a key for every level, `S1`, `femoral_heads` and `hip_axis`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sagittal.anatomy.landmarks import Body, Circle, EndPlate, Landmarks, Side

NOT_BODIES = ("S1", "femoral_heads", "hip_axis")


def landmarks_to_json(landmarks: Landmarks) -> dict[str, Any]:
    """Plain Python types at full precision; what was not found is null, or an empty list of heads."""
    return {
        **{level: _lists(asdict(body)) for level, body in landmarks.bodies.items()},
        "S1": None if landmarks.s1 is None else _lists(asdict(landmarks.s1)),
        "femoral_heads": [{"center": list(head.center), "radius": head.radius} for head in landmarks.femoral_heads],
        "hip_axis": None if landmarks.hip_axis is None else list(landmarks.hip_axis),
    }


def landmarks_from_json(content: Mapping[str, Any], anterior: Side | None) -> Landmarks:
    """The way back; `hip_axis` follows from the heads.

    Raises:
        KeyError, TypeError: it is no such JSON.
    """
    s1 = content["S1"]
    return Landmarks(
        bodies={
            level: Body(**{corner: _point(point) for corner, point in corners.items()})
            for level, corners in content.items()
            if level not in NOT_BODIES
        },
        s1=None if s1 is None else EndPlate(_point(s1["anterior"]), _point(s1["posterior"])),
        femoral_heads=tuple(Circle(_point(head["center"]), head["radius"]) for head in content["femoral_heads"]),
        anterior=anterior,
    )


def _lists(points: Mapping[str, Any]) -> dict[str, list[float]]:
    return {name: list(point) for name, point in points.items()}


def _point(values: Any) -> tuple[float, float]:
    x, y = values
    return float(x), float(y)
