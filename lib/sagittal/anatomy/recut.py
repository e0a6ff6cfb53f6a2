"""A network's mask cut where its landmarks show that structures end: bodies at the discs, vertebra from sacrum at S1.

A mask bridges a disc that it does not see, and calls S1 a vertebra or L5 sacrum where it is unsure; heat maps of
landmarks err otherwise. Lengths are taken with square pixels.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from sagittal.anatomy.definitions import Definitions
from sagittal.anatomy.grid import ClassMask, Points
from sagittal.anatomy.network_landmark import NetworkLandmark, of_kind, shares, square


def recut(mask: ClassMask, seen: Sequence[NetworkLandmark], aspect: float, definitions: Definitions) -> ClassMask:
    """The class mask with bodies parted at the discs (`free_discs`), and vertebra from sacrum (`recut_sacrum`)."""
    return recut_sacrum(free_discs(mask, seen, aspect, definitions), seen, aspect, definitions)


def free_discs(mask: ClassMask, seen: Sequence[NetworkLandmark], aspect: float, definitions: Definitions) -> ClassMask:
    """The class mask without the vertebra that it has across discs whose lower plate the network sees.

    Where it sees the upper one, too, the disc is free as a whole, else a strip above the lower one. The mask is
    returned as it is where it bridges none.

    Args:
        mask: (rows, columns) class ids.
        seen: the network's landmarks.
        aspect: row over column size of a pixel.
        definitions: ids and the limits of `fusion`.
    """
    vertebra = definitions.classes["vertebra"].id
    result = mask
    for corners in _discs(seen, aspect, definitions.fusion):
        low, high = corners.min(axis=0) / (1, aspect), corners.max(axis=0) / (1, aspect)
        left, top = np.floor(low).astype(int).clip(0, mask.shape[::-1])
        right, bottom = (np.ceil(high).astype(int) + 1).clip(0, mask.shape[::-1])
        window = result[top:bottom, left:right]
        x, y = np.meshgrid(np.arange(left, right), np.arange(top, bottom) * aspect)
        crossing = (window == vertebra) & _inside(corners, x, y)
        if not _bridged(crossing, corners, x, y) or _oblique(
            corners[:2], result == vertebra, aspect, definitions.fusion
        ):
            continue
        if result is mask:
            result = mask.copy()
        result[top:bottom, left:right][crossing] = 0
    return result


def _discs(seen: Sequence[NetworkLandmark], aspect: float, model: Mapping[str, float]) -> Iterator[Points]:
    """Corners (4, 2) of the discs above bodies, in square pixels: front and back end of the plate below, back and front
    end of the plate above."""
    depth = _body_depth(seen, aspect)
    if depth is None:
        return
    above = _plates("inferior", seen, depth, aspect, model)
    least = model["thinnest_disc"] * depth
    for lower in _plates("superior", seen, depth, aspect, model):
        along = (lower[1] - lower[0]) / np.linalg.norm(lower[1] - lower[0])
        cranial = np.array([along[1], -along[0]]) * (1 if along[0] > 0 else -1)
        # Of a disc whose upper plate is not seen only so much is known.
        best, height = lower + least * cranial, model["thickest_disc"] * depth
        for upper in above:
            offset = upper.mean(axis=0) - lower.mean(axis=0)
            turned = (upper[1] - upper[0]) @ along / np.linalg.norm(upper[1] - upper[0])
            if abs(offset @ along) < model["farthest_slip"] * depth and turned > 0.8 and 0 < offset @ cranial < height:
                best, height = upper, float(offset @ cranial)
        # Bodies that stand on each other are parted all the same.
        spread = max(0.0, least - height) / 2 * cranial
        yield np.array([*(lower - spread), *(best + spread)[::-1]])


def _plates(
    side: str, seen: Sequence[NetworkLandmark], depth: float, aspect: float, model: Mapping[str, float]
) -> list[Points]:
    """Anterior and posterior end (2, 2) of the plates of that side that the network sees, each end in one plate."""
    ends = [
        [(peak, square(peak, aspect)) for peak in of_kind(seen, f"{side}_{end}") if peak.height >= model["disc_height"]]
        for end in ("anterior", "posterior")
    ]
    likely = {}
    for (i, (peak, front)), (k, (other, back)) in itertools.product(*map(enumerate, ends)):
        off = math.log(max(float(np.linalg.norm(back - front)), 1e-6) / depth) / model["plate_length_off"]
        if abs(off) < 1:
            likely[i, k] = peak.height * other.height * math.exp(-2 * off**2)
    plates, fronts, backs = [], set[int](), set[int]()
    for i, k in sorted(likely, key=lambda pair: -likely[pair]):
        if i not in fronts and k not in backs:
            plates.append(np.array([ends[0][i][1], ends[1][k][1]]))
            fronts.add(i)
            backs.add(k)
    return plates


def _inside(corners: Points, x: Points, y: Points) -> npt.NDArray[np.bool_]:
    """Which points lie in a convex figure, (N, 2) in order either way around."""
    sides = [
        (end[0] - start[0]) * (y - start[1]) - (end[1] - start[1]) * (x - start[0])
        for start, end in zip(corners, np.roll(corners, -1, axis=0))
    ]
    return np.asarray(np.all(np.greater(sides, 0), axis=0) | np.all(np.less(sides, 0), axis=0))


def _oblique(plate: Points, bodies: npt.NDArray[np.bool_], aspect: float, model: Mapping[str, float]) -> bool:
    """Whether a plate stands oblique to the bodies around it: its ends are then those of two plates."""
    middle, along = plate.mean(axis=0), plate[1] - plate[0]
    reach = model["oblique_reach"] * float(np.linalg.norm(along))
    left, top = np.maximum((middle - reach) / (1, aspect), 0).astype(int)
    right, bottom = np.maximum((middle + reach) / (1, aspect), 0).astype(int) + 1
    rows, columns = np.nonzero(bodies[top:bottom, left:right][::2, ::2])
    spread = np.cov(np.column_stack((columns, rows * aspect)).T)
    axis = np.linalg.eigh(spread)[1][:, 1]
    return bool(abs(axis @ along) > math.sin(math.radians(model["most_oblique"])) * np.linalg.norm(along))


def _bridged(crossing: npt.NDArray[np.bool_], corners: Points, x: Points, y: Points) -> bool:
    """Whether a piece of what crosses a disc reaches from the plate below to the one above."""
    below, above = corners[:2].mean(axis=0), corners[2:].mean(axis=0)
    up = (above - below) / np.square(above - below).sum()
    share = (x - below[0]) * up[0] + (y - below[1]) * up[1]
    pieces, count = ndimage.label(crossing, structure=np.ones((3, 3)))
    numbers = np.arange(1, count + 1)
    lowest, highest = (np.asarray(of(share, pieces, numbers)) for of in (ndimage.minimum, ndimage.maximum))
    return bool(np.any((lowest < 0.3) & (highest > 0.7)))


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
    fronts, backs = (of_kind(seen, f"s1_{end}") for end in ("anterior", "posterior"))
    best, score = None, model["recut_share"]
    for front, front_share in zip(fronts, shares(fronts, model["noise_height"])):
        for back, back_share in zip(backs, shares(backs, model["noise_height"])):
            ends = np.array([square(front, aspect), square(back, aspect)])
            length = float(np.linalg.norm(ends[1] - ends[0]))
            fits = depth is None or model["shortest_plate"] < length / depth < model["longest_plate"]
            if fits and length > 0 and front_share * back_share > score:
                best, score = ends, front_share * back_share
    return best


def _body_depth(seen: Sequence[NetworkLandmark], aspect: float) -> float | None:
    fronts = np.array([square(peak, aspect) for peak in of_kind(seen, "superior_anterior")])
    backs = [square(peak, aspect) for peak in of_kind(seen, "superior_posterior")]
    if not len(fronts) or not backs:
        return None
    return float(np.median([np.linalg.norm(fronts - back, axis=1).min() for back in backs]))
