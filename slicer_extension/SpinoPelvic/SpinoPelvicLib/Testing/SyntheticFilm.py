"""A drawn film with its label map, landmarks and answer, for tests that have no server."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..replies import Inference, Label

ROWS, COLUMNS = 420, 300
LABELS = {
    label.name: label
    for label in (
        Label("L1", 20, (230, 94, 88)),
        Label("L2", 21, (240, 142, 64)),
        Label("L3", 22, (240, 196, 70)),
        Label("L4", 23, (168, 206, 82)),
        Label("L5", 24, (84, 190, 130)),
        Label("sacrum", 26, (176, 122, 210)),
        Label("femoral_head_1", 41, (90, 140, 224)),
        Label("femoral_head_2", 42, (86, 204, 215)),
    )
}
# Centre (x, y) and tilt in degrees of each body of a film that faces left.
_BODIES = {
    "L1": (165, 60, -12.0),
    "L2": (150, 110, -6.0),
    "L3": (143, 160, 0.0),
    "L4": (146, 210, 9.0),
    "L5": (158, 260, 22.0),
}
_HALF_WIDTH, _HALF_HEIGHT = 32.0, 19.0
_HEADS = (((122.0, 350.0), 27.0), ((138.0, 362.0), 27.0))


@dataclass(frozen=True)
class SyntheticFilm:
    """`pixels` (rows, columns) float32, `labelMap` (rows, columns) uint8 with head 1 over head 2, `result` as JSON."""

    pixels: np.ndarray
    labelMap: np.ndarray
    result: Mapping[str, Any]

    def inference(self, labelFile: bytes | None = None) -> Inference:
        """The answer as the client hands it on; the label map as NRRD unless another file is given."""
        return Inference(LABELS, self.result, self.labelFile() if labelFile is None else labelFile)

    def labelFile(self) -> bytes:
        """The label map as the bytes of an NRRD file (W, H, 1)."""
        header = (
            "NRRD0004\ntype: unsigned char\ndimension: 3\nspace: left-posterior-superior\n"
            f"sizes: {COLUMNS} {ROWS} 1\nspace directions: (0.15,0,0) (0,0.15,0) (0,0,1)\n"
            "kinds: domain domain domain\nencoding: raw\nspace origin: (0,0,0)\n\n"
        )
        return header.encode() + self.labelMap.tobytes()


def drawFilm(anterior: str = "left") -> SyntheticFilm:
    """A film whose patient faces left or right, with one parameter of every status."""
    landmarks: dict[str, Any] = {}
    labelMap = np.zeros((ROWS, COLUMNS), np.uint8)
    for level, (x, y, tilt) in _BODIES.items():
        corners = _box((x, y), tilt, _HALF_WIDTH, _HALF_HEIGHT)
        labelMap[_inside(corners)] = LABELS[level].value
        landmarks[level] = {
            "superior_anterior": corners[0],
            "superior_posterior": corners[1],
            "inferior_posterior": corners[2],
            "inferior_anterior": corners[3],
        }
    sacrum = _box((186, 318), 40.0, 30.0, 26.0)
    labelMap[_inside(sacrum)] = LABELS["sacrum"].value
    landmarks["S1"] = {"anterior": sacrum[0], "posterior": sacrum[1]}
    for number in (2, 1):
        center, radius = _HEADS[number - 1]
        labelMap[_disc(center, radius)] = LABELS[f"femoral_head_{number}"].value
    landmarks["femoral_heads"] = [{"center": list(center), "radius": radius} for center, radius in _HEADS]
    landmarks["hip_axis"] = [sum(center[axis] for center, _ in _HEADS) / 2 for axis in (0, 1)]
    if anterior == "right":
        labelMap = labelMap[:, ::-1].copy()
        landmarks = _mirrored(landmarks)
    noise = np.random.default_rng(0).normal(0, 0.02, labelMap.shape)
    bone = 0.35 * (labelMap > 0) + 0.15 * (labelMap > 30)
    pixels = (0.25 + bone + noise).clip(0, 1).astype(np.float32)
    result = {
        "film": {"spacing_mm": [0.15, 0.15], "anterior": anterior},
        "landmarks": landmarks,
        "parameters": {
            "PI": _parameter(52.14, (34.0, 84.0), "within"),
            "PT": _parameter(3.2, (5.0, 30.0), "below"),
            "LL": _parameter(81.96, (31.0, 79.0), "above"),
            "L1": _parameter(-2.6, None, "unranged"),
            "LDI": {**_parameter(None, (50.0, 80.0), "absent"), "reason": "LL is under 10 degrees", "unit": "%"},
        },
    }
    # Through JSON, as it would come from a server.
    return SyntheticFilm(pixels, labelMap, json.loads(json.dumps(result)))


def overlapOfHeads(anterior: str = "left") -> np.ndarray:
    """(rows, columns) bool: pixels that lie in both heads."""
    both = _disc(*_HEADS[0]) & _disc(*_HEADS[1])
    return both[:, ::-1] if anterior == "right" else both


def asPng(pixels: np.ndarray) -> bytes:
    """Pixels 0..1 as an 8-bit PNG; needs Pillow, which Slicer has."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray((pixels * 255).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def _parameter(value: float | None, limits: tuple[float, float] | None, status: str) -> dict[str, Any]:
    return {"value": value, "unit": "deg", "range": limits, "interval_90": None, "status": status, "reason": None}


def _box(center: tuple[float, float], tilt: float, halfWidth: float, halfHeight: float) -> list[list[float]]:
    """Corners of a tilted box, clockwise on the film from its upper left; a positive tilt lowers the left end."""
    angle = np.radians(-tilt)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (halfWidth, halfHeight)
    return (corners @ rotation.T + center).tolist()


def _inside(corners: list[list[float]]) -> np.ndarray:
    y, x = np.mgrid[:ROWS, :COLUMNS]
    inside = np.ones((ROWS, COLUMNS), bool)
    for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1]):
        inside &= (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0) >= 0
    return inside


def _disc(center: tuple[float, float], radius: float) -> np.ndarray:
    y, x = np.mgrid[:ROWS, :COLUMNS]
    return (x - center[0]) ** 2 + (y - center[1]) ** 2 <= radius**2


def _mirrored(node: Any) -> Any:
    """Landmarks of the film turned over: every point's x counted from the other side."""
    if isinstance(node, dict):
        return {key: _mirrored(value) for key, value in node.items()}
    if isinstance(node, list) and len(node) == 2 and not isinstance(node[0], dict):
        return [COLUMNS - 1 - node[0], node[1]]
    if isinstance(node, list):
        return [_mirrored(value) for value in node]
    return node
