"""Landmarks that a network sees itself, and those that follow from its mask, made one by their uncertainties.

Masks err where two structures meet (S1 called a vertebra, L5 merged with the sacrum), heat maps where a landmark is
hidden; each mends the other. Frame of landmarks: film pixels (x, y); lengths are taken with square pixels.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from sagittal.anatomy.definitions import Definitions
from sagittal.anatomy.estimate import (
    Estimate,
    combine,
    direction_deviation,
    distance_squared,
    middle,
    plate_end,
    round_estimate,
)
from sagittal.anatomy.grid import Points
from sagittal.anatomy.landmarks import Body, Circle, EndPlate, Landmarks, Point, posterior_sign
from sagittal.anatomy.network_landmark import NetworkLandmark, estimate_of, of_kind, square
from sagittal.anatomy.quality import Note
from sagittal.anatomy.s1_hypotheses import S1Plate, Surroundings, choose_s1
from sagittal.anatomy.slope_prior import settle_plates
from sagittal.anatomy.uncertainty import FitUncertainty

S1_FROM_NETWORK = "the S1 end plate is where the network's landmarks are, not the mask's edge"
S1_UNSURE = "the mask's edge and the network's landmarks show different S1 end plates: the likelier one was taken"
# A mask is not believed to err by more than at this height of the network's peaks.
LEAST_HEIGHT = 0.2
# In body depths: a peak this near to a corner of the mask may be meant by it.
NEAR = 0.3

HEAD_FROM_NETWORK = "a femoral head's centre is the network's landmark, its radius is not measured"


@dataclass(frozen=True)
class Fused:
    """Landmarks after fusion, how uncertain they and what follows from them are, what to tell; `heads_seen` where the
    heads are discs that the network saw, and not the mask's."""

    landmarks: Landmarks
    uncertainty: FitUncertainty
    notes: tuple[Note, ...] = ()
    heads_seen: bool = False


def fuse(
    landmarks: Landmarks,
    uncertainty: FitUncertainty,
    seen: Sequence[NetworkLandmark],
    aspect: float,
    definitions: Definitions,
) -> Fused:
    """Landmarks of a network's mask and the network's own, each weighed by its inverse covariance.

    A corner or a head's centre moves where the network sees one of its kind within the gate. The S1 plate is chosen
    (`choose_s1`). A plate of which both say little is turned towards its neighbours (`settle_plates`). A head that the
    mask lacks is taken over, its radius then is that of the other head or a usual one. Where the network sees the
    heads' discs these are the heads: its mask has one class a pixel and says less.

    Args:
        landmarks: of the mask, in film pixels.
        uncertainty: of the fit to the mask: how rough it is.
        seen: the network's landmarks; none: the mask's are kept, and are as uncertain as a network's masks are.
        aspect: row over column size of a pixel.
        definitions: constants of `fusion` and `calibration`.
    """
    if landmarks.anterior is None or not landmarks.bodies:
        return Fused(landmarks, uncertainty)
    fusion = _Fusion(landmarks, uncertainty, seen, aspect, definitions)
    corners = {name: fusion.body(name, body) for name, body in landmarks.bodies.items()}
    plate = fusion.s1(corners)
    heads, notes = fusion.heads(plate.midpoint.point, corners) if plate else (fusion.mask_heads(), [])
    if plate is not None and not plate.mask_agrees:
        notes.append(Note(S1_FROM_NETWORK))
    if plate is not None and plate.probability < definitions.fusion["sure"]:
        notes.append(Note(S1_UNSURE))
    fused = replace(
        landmarks,
        bodies={name: Body(**{c: fusion.to_film(e.point) for c, e in body.items()}) for name, body in corners.items()},
        s1=EndPlate(fusion.to_film(plate.anterior.point), fusion.to_film(plate.posterior.point)) if plate else None,
        femoral_heads=tuple(Circle(fusion.to_film(head.center.point), head.radius) for head in heads),
    )
    uncertainty = with_gains(fusion.uncertainty(corners, plate, heads), definitions.calibration)
    # Slopes of the mask alone have settled when it was measured.
    if seen:
        fused = settle_plates(fused, uncertainty.plates, aspect, definitions)
    return Fused(fused, uncertainty, tuple(notes), any(head.seen for head in heads))


def with_gains(uncertainty: FitUncertainty, gains: Mapping[str, float]) -> FitUncertainty:
    """Landmarks, slopes and tilt as uncertain as they proved: a network's mask and heat maps err together, in part."""
    plates = {}
    for name, deviation in uncertainty.plates.items():
        gain = {"S1": "s1_gain", "L5 inferior": "l5_gain", "L1 superior": "l1_gain"}.get(name, "body_gain")
        plates[name] = deviation * gains[gain]
    tilt = None if uncertainty.pelvic_tilt is None else uncertainty.pelvic_tilt * gains["tilt_gain"]
    landmarks = {name: deviation * gains["landmark_gain"] for name, deviation in uncertainty.landmarks.items()}
    return replace(uncertainty, plates=plates, pelvic_tilt=tilt, landmarks=landmarks)


@dataclass(frozen=True, eq=False)
class _Head:
    """`seen`: it is a disc that the network saw."""

    center: Estimate
    radius: float
    seen: bool = False


def _row_of(head: _Head) -> float:
    return float(head.center.point[1])


class _Fusion:
    """One film's fusion, in square pixels."""

    def __init__(
        self,
        landmarks: Landmarks,
        uncertainty: FitUncertainty,
        seen: Sequence[NetworkLandmark],
        aspect: float,
        definitions: Definitions,
    ) -> None:
        self._landmarks = landmarks
        self._uncertainty = uncertainty
        self._seen = seen
        self._aspect = aspect
        self._definitions = definitions
        depths = [self._length(body.superior) for body in landmarks.bodies.values()]
        self._depth = float(np.median(depths))

    def to_film(self, point: Points) -> Point:
        return (float(point[0]), float(point[1] / self._aspect))

    def body(self, name: str, body: Body) -> dict[str, Estimate]:
        """Corner -> estimate."""
        of_mask: dict[str, Estimate] = {}
        for side in ("superior", "inferior"):
            plate: EndPlate = getattr(body, side)
            kinds = (f"{side}_anterior", f"{side}_posterior")
            heights = [self._height(kind, end) for kind, end in zip(kinds, (plate.anterior, plate.posterior))]
            of_mask.update(zip(kinds, self._plate_ends(f"{name} {side}", plate, "corner", heights)))
        return {corner.name: self._with_nearest(of_mask[corner.name], corner.name) for corner in fields(Body)}

    def s1(self, corners: Mapping[str, Mapping[str, Estimate]]) -> S1Plate | None:
        """The S1 plate, None where neither the mask nor the network shows one."""
        plate = self._landmarks.s1
        of_mask = None
        if plate is not None:
            # Where the mask is wrong no peak stands near it: the highest says how sure the network is of S1.
            heights = [self._highest("s1_anterior"), self._highest("s1_posterior")]
            front, back = self._plate_ends("S1", plate, "s1", heights)
            of_mask = (front, back)
        lowest = corners.get("L6") or corners.get("L5")
        above = None
        if lowest is not None:
            above = np.array([lowest["inferior_anterior"].point, lowest["inferior_posterior"].point])
        around = Surroundings(self._depth, above, posterior_sign(self._landmarks.anterior or "right"))
        return choose_s1(of_mask, self._seen, around, self._aspect, self._definitions)

    def heads(
        self, s1_midpoint: Points, corners: Mapping[str, Mapping[str, Estimate]]
    ) -> tuple[list[_Head], list[Note]]:
        """The heads whose discs the network sees; else those of the mask moved, and those that it lacks taken over.

        The more cranial comes first.
        """
        lowest = next(iter(corners.values()))
        up = (lowest["superior_anterior"].point + lowest["superior_posterior"].point) / 2 - s1_midpoint
        peaks = [p for p in of_kind(self._seen, "femoral_head") if self._where_heads_are(p, s1_midpoint, up)]
        discs = [_Head(estimate_of(p, self._aspect), p.radius, seen=True) for p in peaks if p.radius is not None]
        if discs:
            return sorted(discs, key=_row_of)[:2], []
        found, notes = [], []
        for head in self.mask_heads():
            nearest = self._nearest(head.center, peaks)
            if nearest is not None:
                peaks.remove(nearest)
                head = replace(head, center=combine(head.center, estimate_of(nearest, self._aspect)))
            found.append(head)
        for peak in peaks:
            radius = found[0].radius if found else self._definitions.fusion["usual_head_radius"] * self._depth
            center = estimate_of(peak, self._aspect)
            near = any(np.linalg.norm(head.center.point - center.point) < 0.25 * radius for head in found)
            if len(found) < 2 and peak.height >= self._definitions.fusion["least_height"] and not near:
                found.append(_Head(center, radius))
                notes.append(Note(HEAD_FROM_NETWORK))
        return sorted(found, key=_row_of), notes

    def mask_heads(self) -> list[_Head]:
        """The mask's heads as uncertain as they are."""
        heads = []
        for k, circle in enumerate(self._landmarks.femoral_heads):
            fit = self._uncertainty.heads[k] if k < len(self._uncertainty.heads) else 0.0
            deviation = math.hypot(self._definitions.calibration["mask_head"] * circle.radius, fit)
            heads.append(_Head(round_estimate(self._square(circle.center), deviation), circle.radius))
        return heads

    def uncertainty(
        self, corners: Mapping[str, Mapping[str, Estimate]], plate: S1Plate | None, heads: Sequence[_Head]
    ) -> FitUncertainty:
        """Deviations of all landmarks, and of slopes and pelvic tilt to first order."""
        slopes = {
            f"{name} {side}": direction_deviation(body[f"{side}_anterior"], body[f"{side}_posterior"])
            for name, body in corners.items()
            for side in ("superior", "inferior")
        }
        landmarks = {f"{name} {corner}": e.deviation for name, body in corners.items() for corner, e in body.items()}
        landmarks |= {f"femoral_head_{k}": head.center.deviation for k, head in enumerate(heads, start=1)}
        centers = tuple(head.center.deviation for head in heads)
        if plate is None:
            return FitUncertainty(slopes, None, centers, landmarks)
        slopes["S1"] = plate.slope_deviation
        landmarks |= {"S1 anterior": plate.anterior.deviation, "S1 posterior": plate.posterior.deviation}
        return FitUncertainty(slopes, self._tilt_deviation(plate, heads) if heads else None, centers, landmarks)

    def _tilt_deviation(self, plate: S1Plate, heads: Sequence[_Head]) -> float:
        hips = middle([head.center for head in heads])
        if len(heads) == 1:
            # The other head's centre may lie up to about a radius off, and the hip axis half way to it.
            off = self._definitions.uncertainty["single_head"] * heads[0].radius
            hips = replace(hips, covariance=hips.covariance + np.eye(2) * off**2)
        return direction_deviation(hips, plate.midpoint)

    def _plate_ends(self, name: str, plate: EndPlate, kind: str, heights: Sequence[float]) -> list[Estimate]:
        """Ends of a mask's plate: the lower the network's own peaks stand there, the more its mask errs, too."""
        calibration = self._definitions.calibration
        front, back = self._square(plate.anterior), self._square(plate.posterior)
        length = max(float(np.linalg.norm(back - front)), 1e-6)
        rough = length * math.radians(self._uncertainty.plates.get(name, 0.0)) / math.sqrt(2)
        ends = []
        for end, height in zip((front, back), heights):
            wide = self._depth * max(height, LEAST_HEIGHT) ** -calibration[f"mask_{kind}_power"]
            along, across = (wide * calibration[f"mask_{kind}_{way}"] for way in ("along", "across"))
            ends.append(plate_end(end, (back - front) / length, along, math.hypot(across, rough)))
        return ends

    def _height(self, kind: str, point: Point) -> float:
        """Height of the peak that stands nearest to a corner of the mask."""
        near = self._near(kind, self._square(point))
        return near[0].height if near else self._unseen

    def _highest(self, kind: str) -> float:
        return max((peak.height for peak in self._seen if peak.kind == kind), default=self._unseen)

    @property
    def _unseen(self) -> float:
        """The height of a peak where there is none: low where others are seen; of a network without any, its usual."""
        return self._definitions.fusion["unseen_height" if self._seen else "usual_height"]

    def _near(self, kind: str, point: Points) -> list[NetworkLandmark]:
        """Peaks of a kind that may be meant by a corner of the mask, the nearest first."""
        peaks = [(float(np.linalg.norm(square(p, self._aspect) - point)), p) for p in self._seen if p.kind == kind]
        near = [(apart, peak) for apart, peak in peaks if apart < NEAR * self._depth]
        return [peak for _, peak in sorted(near, key=lambda pair: pair[0])]

    def _with_nearest(self, estimate: Estimate, kind: str) -> Estimate:
        nearest = self._nearest(estimate, self._near(kind, estimate.point))
        return estimate if nearest is None else combine(estimate, estimate_of(nearest, self._aspect))

    def _nearest(self, estimate: Estimate, peaks: Sequence[NetworkLandmark]) -> NetworkLandmark | None:
        """The peak that fits best, None where all lie beyond the gate."""
        apart = [distance_squared(estimate, estimate_of(peak, self._aspect)) for peak in peaks]
        best = int(np.argmin(apart)) if apart else None
        return None if best is None or apart[best] > self._definitions.fusion["gate"] ** 2 else peaks[best]

    def _where_heads_are(self, peak: NetworkLandmark, s1_midpoint: Points, up: Points) -> bool:
        offset = square(peak, self._aspect) - s1_midpoint
        distance = float(np.linalg.norm(offset)) / self._depth
        model = self._definitions.fusion
        return bool(model["nearest_head"] < distance < model["farthest_head"] and offset @ up < 0)

    def _square(self, point: Point) -> Points:
        return np.array([point[0], point[1] * self._aspect])

    def _length(self, plate: EndPlate) -> float:
        return float(np.linalg.norm(self._square(plate.anterior) - self._square(plate.posterior)))
