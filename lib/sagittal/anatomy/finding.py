"""Working mask -> landmarks: each structure's own fit, put together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from sagittal.anatomy.blobs import Region
from sagittal.anatomy.chain import Chain, across
from sagittal.anatomy.circle_fit import STAIR
from sagittal.anatomy.contour import outline
from sagittal.anatomy.corners import Outline, Quadrilateral, fit_quadrilaterals, turned, turned_ends
from sagittal.anatomy.definitions import Definitions
from sagittal.anatomy.facing import anterior_side, lying
from sagittal.anatomy.femoral_heads import SHORT_ARC, FemoralHead, find_femoral_heads
from sagittal.anatomy.grid import ClassMask, Grid, Points
from sagittal.anatomy.landmarks import Body, Circle, EndPlate, Landmarks, Side, posterior_sign, slope_of
from sagittal.anatomy.levels import NamedLevels, name_levels, named_by_ids
from sagittal.anatomy.quality import Note
from sagittal.anatomy.sacral_plate import PlateNotFoundError, find_sacral_plate
from sagittal.anatomy.slope_prior import clockwise, settle_slopes
from sagittal.anatomy.splitting import find_chain
from sagittal.anatomy.uncertainty import FitUncertainty, center_deviation, plate_deviations, tilt_deviation

# Of a body's outline that may lie at the film's edge before its corners are not those of the bone.
CUT_OUTLINE = 0.06
# Of the largest piece of sacrum: smaller ones are specks.
SACRUM_PIECE = 0.05
# Degrees between end plates of one body, and of one disc: more is a fault of the mask. Crushed bodies reach 30.
WIDEST_WEDGE, WIDEST_DISC = 33.0, 42.0
# Of a corner of the sacrum that is called vertebra: its area in squares of a body's depth, its reach in depths,
# and the part of its rim that borders on the sacrum.
CORNER_AREA, CORNER_REACH, CORNER_BORDER = (0.002, 0.2), 0.45, 0.3
WITHIN_TWO = [(i, j) for i in range(-2, 3) for j in range(-2, 3) if abs(i) + abs(j) <= 2]
# Distance of a head's visible part from the S1 midpoint in body depths: hip axes lie at 2.85 to 3.5.
HEADS_FROM_S1 = (1.0, 4.8)

NO_HEADS = "no femoral head found"
HEADS_MISSING = f"{NO_HEADS}: PI and PT cannot be measured"
ONE_HEAD = "only one femoral head found: its centre stands for the hip axis"
ARC_SHOWN = "shows an arc of"


@dataclass(frozen=True)
class Found:
    """Landmarks in film pixels, structure ids on the working grid, why landmarks are missing, what was noticed.

    `missing` has reasons by name: a level, "S1", "femoral_heads", "anterior".
    """

    landmarks: Landmarks
    labels: ClassMask
    missing: Mapping[str, str]
    notes: tuple[Note, ...]
    uncertainty: FitUncertainty = field(default_factory=FitUncertainty)


@dataclass(frozen=True)
class _Bodies:
    """Named bodies: chain, level -> index into it, level -> quadrilateral."""

    chain: Chain
    levels: NamedLevels
    quadrilaterals: Mapping[str, Quadrilateral]
    missing: Mapping[str, str]
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class _Plate:
    """The S1 plate: its ends (2, 2) left to right, and the misfit of its line per length."""

    ends: Points
    roughness: float


def find_landmarks(
    classes: ClassMask,
    structures: ClassMask | None,
    grid: Grid,
    anterior: Side | None,
    definitions: Definitions,
) -> Found:
    """Find bodies, S1 end plate and femoral heads.

    Args:
        classes: class ids (i, j) over the working grid.
        structures: structure ids likewise where the mask is a label map: they name the bodies.
        grid: where the samples lie.
        anterior: the side that the patient faces, where known.
        definitions: ids and names.
    """
    whole = _without_holes(classes)
    regions = {name: whole == c.id for name, c in definitions.classes.items() if c.id}
    sacrum = _large_pieces(regions["sacrum"])
    bodies = _find_bodies(regions["vertebra"], sacrum, structures, grid, definitions)
    depth = float(np.median(bodies.chain.depths)) if bodies.chain.blobs else None
    with_promontory = _with_promontory(sacrum, regions["vertebra"], depth, grid)
    plate, no_s1 = _sacral_plate_or_reason(bodies, with_promontory, regions["vertebra"], grid)
    s1 = plate.ends if plate else None
    first, second = (_where_heads_can_be(regions[f"femoral_head_{k}"], s1, bodies, depth, grid) for k in (1, 2))
    heads = find_femoral_heads(first, second, grid, depth)
    labels = _labels(bodies, sacrum, heads, definitions)
    wrong = _why_not(bodies, sacrum, grid, classes)
    if wrong is not None:
        return _nothing(wrong, labels, definitions, heads, grid)
    missing, notes = dict(bodies.missing), [*bodies.notes, *_head_notes(heads)]
    side, side_notes = _side(bodies, sacrum, heads, grid, anterior, depth or 1.0)
    if no_s1 is not None:
        missing["S1"] = no_s1
        notes.append(Note(no_s1, "stop"))
    uncertainty = _uncertainty(bodies, plate, heads, grid, definitions)
    if side is not None:
        bodies, plate, uncertainty = _settled(bodies, plate, uncertainty, side, definitions)
        s1 = plate.ends if plate else None
    landmarks = Landmarks(
        bodies=_named_corners(bodies, side, grid) if side else {},
        s1=_end_plate(s1, side, grid) if side and s1 is not None else None,
        femoral_heads=_circles(heads, grid),
        anterior=side,
    )
    if side is None:
        missing.update(dict.fromkeys([*bodies.quadrilaterals, "S1"], side_notes[0].text))
    return Found(landmarks, labels, missing, (*notes, *side_notes), uncertainty)


def _why_not(bodies: _Bodies, sacrum: Region, grid: Grid, classes: ClassMask) -> str | None:
    """Why a film cannot be measured at all."""
    if not classes.any():
        return "the mask is empty: nothing was segmented"
    if not bodies.chain.blobs:
        return "no sacrum found: vertebral bodies cannot be named" if not sacrum.any() else "no vertebral body found"
    if not sacrum.any():
        return None
    return lying(_center(sacrum, grid), np.array([blob.center for blob in bodies.chain.blobs]))


def _nothing(
    reason: str, labels: ClassMask, definitions: Definitions, heads: Sequence[FemoralHead], grid: Grid
) -> Found:
    landmarks = Landmarks(bodies={}, s1=None, femoral_heads=_circles(heads, grid), anterior=None)
    names = [*definitions.levels_from_sacrum, "S1", "anterior"]
    missing = dict.fromkeys(names if heads else [*names, "femoral_heads"], reason)
    return Found(landmarks, labels, missing, (Note(reason, "stop"),))


def _without_holes(classes: ClassMask) -> ClassMask:
    """A mask with what a single class encloses given to it."""
    outside, count = ndimage.label(classes == 0)
    if count < 2:
        return classes
    at_rim = set(np.concatenate((outside[0], outside[-1], outside[:, 0], outside[:, -1])).tolist())
    filled = classes.copy()
    for label, window in enumerate(ndimage.find_objects(outside), start=1):
        if label in at_rim:
            continue
        around = tuple(slice(max(0, w.start - 1), w.stop + 1) for w in window)
        hole = outside[around] == label
        neighbours = np.unique(classes[around][ndimage.binary_dilation(hole) & ~hole])
        if len(neighbours) == 1:
            filled[around][hole] = neighbours[0]
    return filled


def _large_pieces(region: Region) -> Region:
    pieces, count = ndimage.label(region, structure=np.ones((3, 3)))
    if count < 2:
        return region
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    return np.asarray((sizes >= SACRUM_PIECE * sizes.max())[pieces])


def _find_bodies(
    vertebra: Region, sacrum: Region, structures: ClassMask | None, grid: Grid, definitions: Definitions
) -> _Bodies:
    if structures is not None:
        names = ["L6", *definitions.levels_from_sacrum]
        chain, levels = named_by_ids(structures, {n: definitions.structures[n].id for n in names}, sacrum, grid)
    elif sacrum.any():
        chain = find_chain(vertebra, sacrum, grid, definitions.spacing)
        levels = name_levels(chain, definitions.levels_from_sacrum, definitions.spacing)
    else:
        chain, levels = Chain(np.zeros(vertebra.shape, dtype=np.int32), (), ()), NamedLevels({}, {})
    quadrilaterals, missing, notes = {}, dict(levels.missing), [*chain.notes, *levels.notes]
    # Of an empty mask there is not even a grid to look at.
    windows = ndimage.find_objects(chain.labels) if levels.index else []
    outlines = {
        name: _outline(chain, i, windows[chain.blobs[i].label - 1], vertebra, sacrum, grid)
        for name, i in levels.index.items()
    }
    for name, fitted in _fit_bodies(outlines, grid).items():
        if isinstance(fitted, Quadrilateral):
            quadrilaterals[name] = fitted
            notes += [
                Note(f"{name} touches its neighbour in the mask: its {side} end plate follows the cut")
                for side in ("superior", "inferior")
                if side in fitted.hidden
            ]
        else:
            missing[name] = f"level {name} not measurable: {fitted}"
            notes.append(Note(missing[name], "caution" if name.startswith("L") else "remark"))
    return _Bodies(chain, levels, quadrilaterals, missing, tuple(notes))


def _outline(
    chain: Chain, i: int, window: tuple[slice, slice], vertebra: Region, sacrum: Region, grid: Grid
) -> Outline:
    """The outline of the chain's i-th body, which lies in `window` of the labels."""
    blob = chain.blobs[i]
    rows, columns = (slice(max(0, w.start - 1), w.stop + 1) for w in window)
    around = chain.labels[rows, columns]
    samples = outline(around == blob.label)
    contour = grid.locate(samples + np.array([columns.start, rows.start]))
    # A cut runs where vertebra that is not this body's, or the sacrum, is next to it.
    others = sacrum[rows, columns]
    if blob.touching:
        others = others | (vertebra[rows, columns] & (around != blob.label))
    seen = np.ones(len(contour), dtype=bool)
    if others.any():
        seen = ~_near(samples, others)
    return Outline(contour, seen, chain.directions[i])


def _near(samples: Points, region: Region) -> npt.NDArray[np.bool_]:
    """(N,) True where a region lies within two samples of (N, 2) sample coordinates (column, row)."""
    column, row = np.rint(samples).astype(int).T
    near = np.zeros(len(samples), dtype=bool)
    for down, right in WITHIN_TWO:
        near |= region[(row + down).clip(0, region.shape[0] - 1), (column + right).clip(0, region.shape[1] - 1)]
    return near


def _fit_bodies(outlines: Mapping[str, Outline], grid: Grid) -> dict[str, Quadrilateral | str]:
    """The corners of each body, or why it has none."""
    whole = {name: o for name, o in outlines.items() if np.mean(grid.on_film_edge(o.contour)) <= CUT_OUTLINE}
    fits = dict(zip(whole, fit_quadrilaterals(list(whole.values()), grid.step)))
    found: dict[str, Quadrilateral | str] = {}
    for name in outlines:
        fitted = fits.get(name)
        if name not in whole:
            found[name] = "it is cut by the film's edge"
        elif fitted is None:
            found[name] = "its outline is no quadrilateral"
        else:
            wedge = _angle_between(fitted.corners[1] - fitted.corners[0], fitted.corners[2] - fitted.corners[3])
            too_wide = f"its end plates stand at {wedge:.0f} degrees, which no body does"
            found[name] = fitted if wedge < WIDEST_WEDGE else too_wide
    return found


def _with_promontory(sacrum: Region, vertebra: Region, depth: float | None, grid: Grid) -> Region:
    """The sacrum with small pieces called vertebra that lie in its corners, bordering on nothing else."""
    if depth is None or not sacrum.any():
        return sacrum
    window = _window(sacrum, round(CORNER_REACH * depth / grid.step) + 2)
    pieces, count = ndimage.label(vertebra[window] & ~sacrum[window])
    sizes = np.bincount(pieces.ravel(), minlength=count + 1) * (grid.spacing[0] * grid.spacing[1]) / depth**2
    at_rim = set(np.concatenate((pieces[0], pieces[-1], pieces[:, 0], pieces[:, -1])).tolist())
    small = [k for k in range(1, count + 1) if CORNER_AREA[0] < sizes[k] < CORNER_AREA[1] and k not in at_rim]
    if not small:
        return sacrum
    near = ndimage.binary_dilation(sacrum[window], iterations=2)
    result = sacrum.copy()
    for k in small:
        piece = pieces == k
        rim = piece & ~ndimage.binary_erosion(piece)
        if np.mean(near[rim]) > CORNER_BORDER:
            result[window] |= piece
    return result


def _window(region: Region, margin: int) -> tuple[slice, slice]:
    """The bounding box, with a margin, of a region that is not empty."""
    spans = [np.flatnonzero(region.any(axis=axis)) for axis in (1, 0)]
    rows, columns = (slice(max(0, int(span[0]) - margin), int(span[-1]) + margin + 1) for span in spans)
    return rows, columns


def _sacral_plate_or_reason(
    bodies: _Bodies, sacrum: Region, vertebra: Region, grid: Grid
) -> tuple[_Plate | None, str | None]:
    try:
        return _sacral_plate(bodies, sacrum, vertebra, grid), None
    except PlateNotFoundError as error:
        return None, f"no S1 end plate found: {error}"


def _where_heads_can_be(region: Region, s1: Points | None, bodies: _Bodies, depth: float | None, grid: Grid) -> Region:
    """The pieces of a head's mask that lie as far caudal of S1 as heads do; all of them where S1 is not known."""
    if s1 is None or depth is None or not region.any():
        return region
    midpoint = s1.mean(axis=0)
    cranial = bodies.chain.directions[0]
    pieces, _ = ndimage.label(region)
    rows, columns = np.nonzero(pieces)
    of = pieces[rows, columns]
    centers = np.column_stack([np.bincount(of, at)[1:] for at in (columns, rows)]) / np.bincount(of)[1:, None]
    offsets = grid.locate(centers) - midpoint
    distances = np.linalg.norm(offsets, axis=1) / depth
    can_be = (distances > HEADS_FROM_S1[0]) & (distances < HEADS_FROM_S1[1]) & (offsets @ cranial < 0)
    return np.asarray(np.concatenate(([False], can_be))[pieces])


def _sacral_plate(bodies: _Bodies, sacrum: Region, vertebra: Region, grid: Grid) -> _Plate:
    if not sacrum.any():
        raise PlateNotFoundError("no sacrum found")
    if not bodies.quadrilaterals:
        raise PlateNotFoundError("no vertebral body above it could be measured")
    name, lowest = next(iter(bodies.quadrilaterals.items()))
    cranial = bodies.chain.directions[bodies.levels.index[name]]
    right, left = lowest.corners[2], lowest.corners[3]
    caudal = -across(right - left) / np.linalg.norm(right - left)
    caudal = -caudal if caudal @ cranial > 0 else caudal
    samples = outline(sacrum)
    contour = grid.locate(samples)
    at_edge, at_vertebra = grid.on_film_edge(contour), _near(samples, vertebra & ~sacrum)
    ends, roughness = find_sacral_plate(contour, np.array([left, right]), caudal, grid.step, at_edge, at_vertebra)
    # Left to right, as seen with the plate's cranial side up.
    ends = ends if (ends[1] - ends[0]) @ (right - left) > 0 else ends[::-1]
    opening = _angle_between(ends[1] - ends[0], right - left)
    if opening > WIDEST_DISC:
        raise PlateNotFoundError(
            f"the sacrum's edge stands at {opening:.0f} degrees to {name}'s lower end plate, which no disc does"
        )
    return _Plate(ends, roughness)


def _uncertainty(
    bodies: _Bodies, plate: _Plate | None, heads: Sequence[FemoralHead], grid: Grid, definitions: Definitions
) -> FitUncertainty:
    roughness, hidden = {}, set()
    for name, fitted in bodies.quadrilaterals.items():
        roughness[f"{name} superior"], roughness[f"{name} inferior"] = fitted.roughness[0], fitted.roughness[2]
        hidden |= {f"{name} {side}" for side in fitted.hidden}
    if plate is not None:
        roughness["S1"] = plate.roughness
    plates = plate_deviations(roughness, hidden, definitions)
    stair = STAIR * grid.step
    spreads = [np.trace(head.covariance) / 2 for head in heads]
    centers = tuple(center_deviation(float(s), head.misfit, stair, definitions) for s, head in zip(spreads, heads))
    if plate is None:
        return FitUncertainty(plates, heads=centers)
    if not heads:
        return FitUncertainty(plates)
    offset = np.mean([head.center for head in heads], axis=0) - plate.ends.mean(axis=0)
    distance = float(np.linalg.norm(offset))
    aside = across(offset) / max(distance, 1e-9)
    variances = [float(aside @ head.covariance @ aside) for head in heads]
    sideways = [center_deviation(v, head.misfit, stair, definitions) for v, head in zip(variances, heads)]
    tilt = tilt_deviation(sideways, heads[0].radius, plate.roughness, distance, definitions)
    return FitUncertainty(plates, tilt, centers)


def _settled(
    bodies: _Bodies, plate: _Plate | None, uncertainty: FitUncertainty, side: Side, definitions: Definitions
) -> tuple[_Bodies, _Plate | None, FitUncertainty]:
    """Plates turned to their most probable slopes, about their middles."""
    towards_posterior = posterior_sign(side)
    plates = {}
    for name, fitted in bodies.quadrilaterals.items():
        above_left, above_right, below_right, below_left = fitted.corners
        plates[f"{name} superior"] = above_left, above_right
        plates[f"{name} inferior"] = below_left, below_right
    if plate is not None:
        plates["S1"] = plate.ends[0], plate.ends[1]
    front, back = (0, 1) if side == "left" else (1, 0)
    said = {name: slope_of(ends[front], ends[back], towards_posterior) for name, ends in plates.items()}
    settled = settle_slopes(said, uncertainty.plates, definitions)
    turns = {name: clockwise(slope - said[name], towards_posterior) for name, slope in settled.slopes.items()}
    quadrilaterals = {
        name: turned(fitted, turns[f"{name} superior"], turns[f"{name} inferior"])
        for name, fitted in bodies.quadrilaterals.items()
    }
    if plate is not None:
        plate = replace(plate, ends=turned_ends(plate.ends, turns["S1"]))
    uncertainty = replace(uncertainty, plates=settled.deviations, correlations=settled.correlations)
    return replace(bodies, quadrilaterals=quadrilaterals), plate, uncertainty


def _angle_between(first: Points, second: Points) -> float:
    """Degrees between two directions."""
    cross = float(first[0] * second[1] - first[1] * second[0])
    return abs(math.degrees(math.atan2(cross, float(first @ second))))


def _side(
    bodies: _Bodies, sacrum: Region, heads: Sequence[FemoralHead], grid: Grid, given: Side | None, depth: float
) -> tuple[Side | None, tuple[Note, ...]]:
    told: Side | None = None
    if sacrum.any():
        hips = np.mean([head.center for head in heads], axis=0) if heads else None
        told = anterior_side(_center(sacrum, grid), bodies.chain.blobs[0].center, hips, depth)
    if given is None and told is None:
        return None, (Note("the anterior side could not be told from the anatomy: state it", "stop"),)
    if given is not None and told is not None and given != told:
        return given, (Note(f"the anterior side is given as {given}, the anatomy says {told}"),)
    return given or told, ()


def _named_corners(bodies: _Bodies, side: Side, grid: Grid) -> dict[str, Body]:
    named = {}
    for name, fitted in bodies.quadrilaterals.items():
        sup_left, sup_right, inf_right, inf_left = (grid.to_film(corner) for corner in fitted.corners)
        if side == "left":
            named[name] = Body(sup_left, sup_right, inf_left, inf_right)
        else:
            named[name] = Body(sup_right, sup_left, inf_right, inf_left)
    return named


def _end_plate(left_to_right: Points, side: Side, grid: Grid) -> EndPlate:
    left, right = (grid.to_film(end) for end in left_to_right)
    return EndPlate(left, right) if side == "left" else EndPlate(right, left)


def _circles(heads: Sequence[FemoralHead], grid: Grid) -> tuple[Circle, ...]:
    return tuple(Circle(grid.to_film(head.center), head.radius) for head in heads)


def _head_notes(heads: Sequence[FemoralHead]) -> list[Note]:
    if not heads:
        return [Note(HEADS_MISSING)]
    notes = []
    if len(heads) == 1:
        notes.append(Note(ONE_HEAD))
    for k, head in enumerate(heads, start=1):
        if head.arc < SHORT_ARC:
            notes.append(Note(f"femoral head {k} {ARC_SHOWN} {head.arc:.0f} degrees only"))
    return notes


def _labels(bodies: _Bodies, sacrum: Region, heads: Sequence[FemoralHead], definitions: Definitions) -> ClassMask:
    ids = {name: structure.id for name, structure in definitions.structures.items()}
    table = np.zeros(int(bodies.chain.labels.max(initial=0)) + 1, dtype=np.uint8)
    for name, i in bodies.levels.index.items():
        table[bodies.chain.blobs[i].label] = ids[name]
    labels = table[bodies.chain.labels]
    labels[sacrum] = ids["sacrum"]
    # Head 1 last: it wins where both overlap.
    for k, head in reversed(list(enumerate(heads, start=1))):
        labels[head.region] = ids[f"femoral_head_{k}"]
    return labels


def _center(region: Region, grid: Grid) -> Points:
    return grid.locate(np.argwhere(region)[:, ::-1].astype(np.float64)).mean(axis=0)
