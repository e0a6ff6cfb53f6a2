"""Landmarks that a network sees itself, and those that follow from its mask, made one.

Masks err where two structures meet (S1 called a vertebra, L5 merged with the sacrum), heat maps where a landmark is
hidden; each mends the other. Frame: film pixels (x, y); lengths are taken with square pixels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from sagittal.anatomy.definitions import Definitions
from sagittal.anatomy.grid import ClassMask, Points
from sagittal.anatomy.landmarks import Body, Circle, EndPlate, Landmarks, Point
from sagittal.anatomy.quality import Note

S1_FROM_NETWORK = "the S1 end plate is where the network's landmarks are, not the mask's edge"


class NetworkLandmark(Protocol):
    """A landmark as a network sees it: its kind (`landmark_channels`), place in film pixels, confidence in 0..1."""

    @property
    def kind(self) -> str: ...
    @property
    def x(self) -> float: ...
    @property
    def y(self) -> float: ...
    @property
    def height(self) -> float: ...


@dataclass(frozen=True)
class Fused:
    """Landmarks after fusion; `s1_replaced` where the mask's S1 plate was missing or given up; what to tell."""

    landmarks: Landmarks
    s1_replaced: bool
    notes: tuple[Note, ...]


def recut_sacrum(
    mask: ClassMask, seen: Sequence[NetworkLandmark], aspect: float, definitions: Definitions
) -> ClassMask:
    """The class mask with vertebra and sacrum parted at the S1 end plate that the network sees.

    What the mask calls vertebra below the plate becomes sacrum, what it calls sacrum above the plate vertebra. The mask
    is returned as it is where no plate is seen well enough or nothing is wrong.

    Args:
        mask: (rows, columns) class ids.
        seen: the network's landmarks.
        aspect: row over column size of a pixel.
        definitions: ids and the limits of `fusion`.
    """
    model = definitions.fusion
    plate = s1_plate(seen, aspect, definitions)
    vertebra, sacrum = (definitions.classes[name].id for name in ("vertebra", "sacrum"))
    bodies = np.argwhere(mask[::8, ::8] == vertebra) * 8.0
    if plate is None or not len(bodies):
        return mask
    along = plate[1] - plate[0]
    length = float(np.linalg.norm(along))
    along, middle = along / length, plate.mean(axis=0)
    cranial = np.array([along[1], -along[0]])
    if (np.median(bodies[:, ::-1] * (1, aspect), axis=0) - middle) @ cranial < 0:
        cranial = -cranial
    reach = 2.2 * length
    top, bottom = (round(np.clip((middle[1] + d) / aspect, 0, mask.shape[0])) for d in (-reach, reach))
    left, right = (round(np.clip(middle[0] + d, 0, mask.shape[1])) for d in (-reach, reach))
    window = mask[top:bottom, left:right]
    if not window.size:
        return mask
    x = np.arange(left, right)[None] - middle[0]
    y = np.arange(top, bottom)[:, None] * aspect - middle[1]
    above = (x * cranial[0] + y * cranial[1]) / length
    beside = np.abs(x * along[0] + y * along[1]) / length
    changed = window.copy()
    for own, other, beyond in (
        (vertebra, sacrum, above < -model["plate_slack"]),
        (sacrum, vertebra, above > model["plate_slack"]),
    ):
        pieces, count = ndimage.label((window == own) & beyond)
        if not count:
            continue
        numbers = range(1, count + 1)
        off = ndimage.mean(beside, pieces, numbers)
        area = ndimage.sum_labels(pieces > 0, pieces, numbers) * aspect / length**2
        # Posterior elements and a slipped body's front reach past the plate's line, but beside the plate.
        wrong = (np.asarray(off) < model["plate_half"]) & (np.asarray(area) > model["least_piece"])
        changed[np.concatenate(([False], wrong))[pieces]] = other
    if np.array_equal(changed, window):
        return mask
    result = mask.copy()
    result[top:bottom, left:right] = changed
    return result


def s1_plate(seen: Sequence[NetworkLandmark], aspect: float, definitions: Definitions) -> Points | None:
    """(2, 2) anterior and posterior end of the S1 plate in square pixels, None where the network is not sure of it."""
    model = definitions.fusion
    depth = _body_depth(seen, aspect)
    best, score = None, 0.0
    for front in _of_kind(seen, "s1_anterior"):
        for back in _of_kind(seen, "s1_posterior"):
            if min(front.height, back.height) < model["least_height"]:
                continue
            ends = np.array([_square(front, aspect), _square(back, aspect)])
            length = float(np.linalg.norm(ends[1] - ends[0]))
            fits = depth is None or model["shortest_plate"] < length / depth < model["longest_plate"]
            if fits and length > 0 and front.height * back.height > score:
                best, score = ends, front.height * back.height
    return best


def fuse(landmarks: Landmarks, seen: Sequence[NetworkLandmark], aspect: float, definitions: Definitions) -> Fused:
    """Landmarks of the mask moved towards the network's, by the share that each deserves.

    A corner or a head's centre moves where the network sees one of its kind near it. The S1 plate is the network's
    alone where the mask has none or one that lies elsewhere. A head that the mask lacks is taken over, its radius then
    is that of the other head or a usual one.
    """
    if not seen or landmarks.anterior is None or not landmarks.bodies:
        return Fused(landmarks, False, ())
    model = definitions.fusion
    depths = [_distance(body.superior_anterior, body.superior_posterior, aspect) for body in landmarks.bodies.values()]
    depth = float(np.median(depths))
    bodies = {name: _fused_body(body, seen, depth, aspect, model) for name, body in landmarks.bodies.items()}
    notes: list[Note] = []
    s1, replaced = _fused_s1(landmarks.s1, seen, depth, aspect, definitions)
    if replaced:
        notes.append(Note(S1_FROM_NETWORK))
    heads = landmarks.femoral_heads
    if s1 is not None:
        heads, head_notes = _fused_heads(heads, s1, bodies, seen, depth, aspect, model)
        notes += head_notes
    return Fused(replace(landmarks, bodies=bodies, s1=s1, femoral_heads=heads), replaced, tuple(notes))


def _fused_body(
    body: Body, seen: Sequence[NetworkLandmark], depth: float, aspect: float, model: Mapping[str, float]
) -> Body:
    moved = {}
    for corner in fields(Body):
        point: Point = getattr(body, corner.name)
        nearest = _nearest(point, _of_kind(seen, corner.name), aspect)
        if nearest is not None and _distance(point, (nearest.x, nearest.y), aspect) < model["gate"] * depth:
            point = _between(point, nearest, model["network_share"])
        moved[corner.name] = point
    return Body(**moved)


def _fused_s1(
    s1: EndPlate | None, seen: Sequence[NetworkLandmark], depth: float, aspect: float, definitions: Definitions
) -> tuple[EndPlate | None, bool]:
    model = definitions.fusion
    plate = s1_plate(seen, aspect, definitions)
    if plate is None:
        return s1, False
    front, back = ((float(x), float(y / aspect)) for x, y in plate)
    if s1 is None:
        return EndPlate(front, back), True
    apart = max(_distance(s1.anterior, front, aspect), _distance(s1.posterior, back, aspect))
    if apart > model["s1_gate"] * depth:
        return EndPlate(front, back), True
    share = model["s1_network_share"]
    return EndPlate(_mixed(s1.anterior, front, share), _mixed(s1.posterior, back, share)), False


def _fused_heads(
    heads: tuple[Circle, ...],
    s1: EndPlate,
    bodies: dict[str, Body],
    seen: Sequence[NetworkLandmark],
    depth: float,
    aspect: float,
    model: Mapping[str, float],
) -> tuple[tuple[Circle, ...], list[Note]]:
    peaks = [
        peak
        for peak in _of_kind(seen, "femoral_head")
        if peak.height >= model["least_height"] and _where_heads_are(peak, s1, bodies, depth, aspect, model)
    ]
    fused, used = [], []
    for head in heads:
        nearest = _nearest(head.center, [peak for peak in peaks if peak not in used], aspect)
        if nearest is not None and _distance(head.center, (nearest.x, nearest.y), aspect) < 0.6 * head.radius:
            used.append(nearest)
            head = replace(head, center=_between(head.center, nearest, model["head_network_share"]))
        fused.append(head)
    notes = []
    for peak in sorted(peaks, key=lambda peak: -peak.height):
        centers = [head.center for head in fused]
        radius = fused[0].radius if fused else model["usual_head_radius"] * depth
        near = any(_distance(center, (peak.x, peak.y), aspect) < 0.25 * radius for center in centers)
        if len(fused) < 2 and peak not in used and not near:
            fused.append(Circle((peak.x, peak.y), radius))
            notes.append(Note("a femoral head's centre is the network's landmark, its radius is not measured"))
    return tuple(sorted(fused, key=lambda head: head.center[1])), notes


def _where_heads_are(
    peak: NetworkLandmark,
    s1: EndPlate,
    bodies: dict[str, Body],
    depth: float,
    aspect: float,
    model: Mapping[str, float],
) -> bool:
    lowest = next(iter(bodies.values()))
    up = np.subtract(lowest.superior.midpoint, s1.midpoint) * (1, aspect)
    offset = np.subtract((peak.x, peak.y), s1.midpoint) * (1, aspect)
    distance = float(np.linalg.norm(offset)) / depth
    return bool(model["nearest_head"] < distance < model["farthest_head"] and offset @ up < 0)


def _body_depth(seen: Sequence[NetworkLandmark], aspect: float) -> float | None:
    fronts = np.array([_square(peak, aspect) for peak in _of_kind(seen, "superior_anterior")])
    backs = [_square(peak, aspect) for peak in _of_kind(seen, "superior_posterior")]
    if not len(fronts) or not backs:
        return None
    return float(np.median([np.linalg.norm(fronts - back, axis=1).min() for back in backs]))


def _of_kind(seen: Sequence[NetworkLandmark], kind: str) -> list[NetworkLandmark]:
    return [peak for peak in seen if peak.kind == kind]


def _nearest(point: Point, peaks: Sequence[NetworkLandmark], aspect: float) -> NetworkLandmark | None:
    return min(peaks, key=lambda peak: _distance(point, (peak.x, peak.y), aspect), default=None)


def _square(peak: NetworkLandmark, aspect: float) -> npt.NDArray[np.float64]:
    return np.array([peak.x, peak.y * aspect])


def _distance(first: Point, second: Point, aspect: float) -> float:
    return float(np.hypot(first[0] - second[0], (first[1] - second[1]) * aspect))


def _between(point: Point, peak: NetworkLandmark, share: float) -> Point:
    return _mixed(point, (peak.x, peak.y), share)


def _mixed(first: Point, second: Point, share: float) -> Point:
    return (first[0] + share * (second[0] - first[0]), first[1] + share * (second[1] - first[1]))
