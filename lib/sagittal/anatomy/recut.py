"""A network's mask cut where its landmarks show that structures end: bodies at the discs, vertebra from sacrum at S1.

A mask bridges a disc that it does not see, and calls S1 a vertebra or L5 sacrum where it is unsure; heat maps of
landmarks err otherwise. Landmarks are in film pixels (x, y); lengths are taken with square pixels.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from sagittal.anatomy.definitions import Definitions
from sagittal.anatomy.grid import ClassMask, Points
from sagittal.anatomy.network_landmark import NetworkLandmark, of_kind, shares, square

# Plates of one disc stand to each other at no more than this many degrees.
WIDEST_OPENING = 37.0
# What reaches from the first to the last of these shares of a disc's height bridges it. A plate that is not seen may
# lie low.
BRIDGE = (0.1, 0.7)
# A body reaches beyond its corners, and so must what parts it from the next: by this part of a plate at both ends.
WIDER = 0.05
# Pixels of the film that a cut is thick at least: one alone can leave corners that touch.
LEAST_PIXELS = 2.5
# The mask is looked at this coarsely where only directions matter.
SPARSE = 8


def recut(mask: ClassMask, seen: Sequence[NetworkLandmark], aspect: float, definitions: Definitions) -> ClassMask:
    """The class mask (rows, columns) with bodies parted at the discs (`free_discs`), and vertebra from sacrum
    (`recut_sacrum`); arguments as there."""
    return recut_sacrum(free_discs(mask, seen, aspect, definitions), seen, aspect, definitions)


def free_discs(mask: ClassMask, seen: Sequence[NetworkLandmark], aspect: float, definitions: Definitions) -> ClassMask:
    """The class mask without the vertebra that it has across discs whose lower plate the network sees.

    Where it sees the upper one, too, the disc is free as a whole, else a strip above the lower one. The mask is
    returned as it is where it bridges none, and without a sacrum, which tells where cranial is.

    Args:
        mask: (rows, columns) class ids.
        seen: the network's landmarks, in film pixels.
        aspect: row over column size of a pixel.
        definitions: ids and the limits of `fusion`.
    """
    vertebra, sacrum = (definitions.classes[name].id for name in ("vertebra", "sacrum"))
    bodies, below = (_places(mask, of, aspect) for of in (vertebra, sacrum))
    if not len(bodies) or not len(below):
        return mask
    result = mask
    for disc in _discs(seen, bodies.mean(axis=0) - below.mean(axis=0), aspect, definitions.fusion):
        rows, columns = _window((disc.looked_at, disc.corners), aspect, mask.shape)
        x, y = np.meshgrid(np.arange(columns.start, columns.stop), np.arange(rows.start, rows.stop) * aspect)
        bone = result[rows, columns] == vertebra
        if not _bridged(bone & _inside(disc.looked_at, x, y), disc.looked_at, x, y):
            continue
        if _oblique(disc.corners[:2], result, vertebra, aspect, definitions.fusion):
            continue
        if result is mask:
            result = mask.copy()
        result[rows, columns][bone & _inside(disc.corners, x, y)] = 0
    return result


@dataclass(frozen=True, eq=False)
class _Disc:
    """Corners (4, 2) in square pixels: front and back end of the plate below, back and front end of the plate above.
    `looked_at` are those of what bone must cross to be a bridge: a disc of usual height where less is known."""

    corners: Points
    looked_at: Points


def _discs(
    seen: Sequence[NetworkLandmark], upwards: Points, aspect: float, model: Mapping[str, float]
) -> Iterator[_Disc]:
    """The discs above bodies; `upwards` points from the sacrum to the bodies."""
    depth = _body_depth(seen, aspect)
    if depth is None:
        return
    above = _plates("inferior", seen, depth, aspect, model)
    least = max(model["thinnest_disc"] * depth, LEAST_PIXELS * max(1.0, aspect))
    usual = max(model["usual_disc"] * depth, 2 * least)
    for lower in _plates("superior", seen, depth, aspect, model):
        along = (lower[1] - lower[0]) / np.linalg.norm(lower[1] - lower[0])
        cranial = _normal(along, upwards)
        best, height = lower, model["thickest_disc"] * depth
        for upper in above:
            offset = upper.mean(axis=0) - lower.mean(axis=0)
            turned = (upper[1] - upper[0]) @ along / np.linalg.norm(upper[1] - upper[0])
            opens = turned > math.cos(math.radians(WIDEST_OPENING))
            if opens and abs(offset @ along) < model["farthest_slip"] * depth and 0 < offset @ cranial < height:
                best, height = upper, float(offset @ cranial)
        # Plates that meet or cross, and one that is not seen, leave the least that parts two bodies. What lies between
        # two is looked at beyond both, so that neither body alone crosses it.
        down = 0.0 if best is lower else 0.5
        yield _Disc(*(_between(lower, best, cranial, high, down) for high in (least, usual)))


def _places(mask: ClassMask, of: int, aspect: float) -> Points:
    """Where the mask has a class, (N, 2) in square pixels, sparsely."""
    return np.argwhere(mask[::SPARSE, ::SPARSE] == of)[:, ::-1] * (SPARSE, SPARSE * aspect)


def _normal(along: Points, towards: Points) -> Points:
    """The unit normal of a plate of unit direction `along`, to the side that `towards` points to."""
    normal = np.array([along[1], -along[0]])
    return -normal if normal @ towards < 0 else normal


def _between(lower: Points, upper: Points, cranial: Points, least: float, down: float) -> Points:
    """Corners (4, 2) of what lies between two plates, at both ends at least so high: `down` is the part of what lacks
    that is added below."""
    lacking = np.array([max(0.0, least - (end - start) @ cranial) for start, end in zip(lower, upper)])[:, None]
    wider = WIDER * np.array([lower[0] - lower[1], lower[1] - lower[0]])
    below, beyond = lower - down * lacking * cranial + wider, upper + (1 - down) * lacking * cranial + wider
    return np.array([*below, *beyond[::-1]])


def _window(figures: Sequence[Points], aspect: float, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Rows and columns of the film that figures (N, 2) in square pixels lie in; empty where they lie beside it."""
    corners = np.concatenate(figures) / (1, aspect)
    left, top = np.floor(corners.min(axis=0)).astype(int).clip(0, shape[::-1])
    right, bottom = (np.ceil(corners.max(axis=0)).astype(int) + 1).clip(0, shape[::-1])
    return slice(int(top), int(bottom)), slice(int(left), int(right))


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


def _oblique(plate: Points, mask: ClassMask, vertebra: int, aspect: float, model: Mapping[str, float]) -> bool:
    """Whether a plate stands oblique to the bodies around it: its ends are then those of two plates."""
    middle, along = plate.mean(axis=0), plate[1] - plate[0]
    reach = model["oblique_reach"] * float(np.linalg.norm(along))
    rows, columns = _window((np.array([middle - reach, middle + reach]),), aspect, mask.shape)
    points = np.argwhere(mask[rows, columns] == vertebra)
    if len(points) < 3:
        return True
    axis = np.linalg.eigh(np.cov((points[:, ::-1] * (1, aspect)).T))[1][:, 1]
    return bool(abs(axis @ along) > math.sin(math.radians(model["most_oblique"])) * np.linalg.norm(along))


def _bridged(crossing: npt.NDArray[np.bool_], corners: Points, x: Points, y: Points) -> bool:
    """Whether a piece of what crosses a disc reaches from the plate below to the one above."""
    if not crossing.any():
        return False
    below, above = corners[:2].mean(axis=0), corners[2:].mean(axis=0)
    up = (above - below) / np.square(above - below).sum()
    pixel = float(np.linalg.norm(up))
    share = (x - below[0]) * up[0] + (y - below[1]) * up[1]
    pieces, count = ndimage.label(crossing, structure=np.ones((3, 3)))
    numbers = np.arange(1, count + 1)
    lowest, highest = (np.asarray(of(share, pieces, numbers)) for of in (ndimage.minimum, ndimage.maximum))
    return bool(np.any((lowest < max(BRIDGE[0], pixel)) & (highest > min(BRIDGE[1], 1 - pixel))))


def recut_sacrum(
    mask: ClassMask, seen: Sequence[NetworkLandmark], aspect: float, definitions: Definitions
) -> ClassMask:
    """The class mask with vertebra and sacrum parted at the S1 end plate that the network sees.

    What the mask calls vertebra below the plate becomes sacrum, what it calls sacrum above the plate vertebra. The mask
    is returned as it is where no plate is seen well enough or nothing is wrong.

    Args:
        mask: (rows, columns) class ids.
        seen: the network's landmarks, in film pixels.
        aspect: row over column size of a pixel.
        definitions: ids and the limits of `fusion`.
    """
    model = definitions.fusion
    plate = s1_plate(seen, aspect, definitions)
    vertebra, sacrum = (definitions.classes[name].id for name in ("vertebra", "sacrum"))
    bodies = _places(mask, vertebra, aspect)
    if plate is None or not len(bodies):
        return mask
    along = plate[1] - plate[0]
    length = float(np.linalg.norm(along))
    along, middle = along / length, plate.mean(axis=0)
    cranial = _normal(along, np.median(bodies, axis=0) - middle)
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
    return float(np.median([np.linalg.norm(fronts - back, axis=1).min() for back in backs])) or None
