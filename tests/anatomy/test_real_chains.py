"""Bodies of real spines keep their names, also where one is missed, two are joined or a piece is false."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from sagittal.anatomy import default_definitions, measure_mask
from sagittal.evaluation.measuring import wrong_names
from skimage import draw

Mask = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float64]
LEVELS = ("L1", "L2", "L3", "L4", "L5")
IDS = {name: structure.id for name, structure in default_definitions().structures.items()}
# Every so many chains: all of them take minutes.
EVERY = 12
PIXELS_PER_DEPTH = 65.0


@dataclass(frozen=True)
class Spine:
    """A real chain drawn as a label map; lengths in pixels."""

    name: str
    label_map: Mask
    depth: float
    bodies: tuple[Points, ...]
    s1: Points

    @property
    def mask(self) -> Mask:
        return np.select([self.label_map == IDS["sacrum"], self.label_map > 0], [2, 1], 0).astype(np.uint8)


@pytest.fixture(scope="module")
def spines(shared_data: Path) -> list[Spine]:
    """Chains whose marks are whole: bodies apart and alike, L5 above its S1."""
    content = json.loads((shared_data / "priors" / "corner_chains.json").read_text(encoding="utf-8"))
    marked = [entry for entry in content[::EVERY] if [len(p) for p in entry["polygons"]] == [4, 4, 4, 4, 4, 3]]
    drawn = [spine for entry in marked if (spine := drawn_spine(entry)) is not None]
    assert len(drawn) > 0.75 * len(marked)
    return drawn


def drawn_spine(entry: dict[str, object]) -> Spine | None:
    """None where the marks of a chain contradict each other: they are a network's, mended by hand."""
    *bodies, s1 = (np.array(polygon, dtype=np.float64) for polygon in entry["polygons"])  # type: ignore[attr-defined]
    bodies = sorted(map(around, bodies), key=lambda body: float(body[:, 1].mean()))
    depth = float(np.median([longest_sides(body) for body in bodies]))
    areas, centers = [area(body) for body in bodies], np.array([body.mean(axis=0) for body in bodies])
    steps = np.linalg.norm(np.diff(centers, axis=0), axis=1)
    to_s1 = float(np.linalg.norm(centers[-1] - s1[:2].mean(axis=0)))
    plate = float(np.linalg.norm(s1[0] - s1[1]))
    if max(areas) > 2.2 * min(areas) or steps.max() > 1.5 * steps.min() or not 0.6 < plate / depth < 1.4:
        return None
    if not 0.5 * depth < to_s1 < 1.3 * depth:
        return None
    outline = sacrum(s1, centers[-1], depth)
    everything = np.vstack([*bodies, outline])
    low, scale = everything.min(axis=0) - 0.6 * depth, PIXELS_PER_DEPTH / depth
    columns, rows = np.ceil((np.ptp(everything, axis=0) + 1.2 * depth) * scale).astype(int)
    label_map = np.zeros((rows, columns), dtype=np.uint8)
    shapes = [("sacrum", outline), *zip(LEVELS, bodies, strict=True)]
    for name, shape in shapes:
        x, y = ((shape - low) * scale).T
        label_map[draw.polygon(y, x, label_map.shape)] = IDS[name]
    filled = [np.count_nonzero(label_map == IDS[name]) / area(body) for name, body in shapes[1:]]
    if min(filled) < 0.97 * scale**2:
        return None
    moved = tuple((body - low) * scale for body in bodies)
    name = f"{entry['subject']} {entry['position']}"
    return Spine(name, label_map, PIXELS_PER_DEPTH, moved, (s1 - low) * scale)


def around(polygon: Points) -> Points:
    """Corners in the order in which they surround the centre: the files' order varies."""
    x, y = (polygon - polygon.mean(axis=0)).T
    return polygon[np.argsort(np.arctan2(y, x))]


def area(polygon: Points) -> float:
    x, y = polygon.T
    return abs(float(x @ np.roll(y, 1) - y @ np.roll(x, 1))) / 2


def longest_sides(polygon: Points) -> float:
    return float(np.sort(np.linalg.norm(polygon - np.roll(polygon, 1, axis=0), axis=1))[2:].mean())


def sacrum(s1: Points, l5: Points, depth: float) -> Points:
    """A wedge below the S1 plate, whose third point tells which way is back; the files hold the plate alone."""
    middle, plate = s1[:2].mean(axis=0), s1[1] - s1[0]
    caudal = np.array([-plate[1], plate[0]]) / np.linalg.norm(plate)
    caudal = caudal if caudal @ (middle - l5) > 0 else -caudal
    back = plate / np.linalg.norm(plate)
    back = back if back @ (s1[2] - middle) > 0 else -back
    posterior, anterior = (s1[0], s1[1]) if (s1[0] - s1[1]) @ back > 0 else (s1[1], s1[0])
    at, angle, behind, before = middle, np.radians(25), [posterior], [anterior]
    for i in range(1, 25):
        heading = np.cos(angle) * caudal + np.sin(angle) * back
        at, angle = at + heading * 3.3 * depth / 24, angle - np.radians(2.2)
        side = np.array([-heading[1], heading[0]]) * 0.46 * np.linalg.norm(plate) * (1 - i / 30)
        side = side if side @ back > 0 else -side
        behind.append(at + side)
        before.append(at - side)
    return np.array(behind + before[::-1])


def whole(spine: Spine, random: np.random.Generator) -> tuple[Mask, tuple[str, ...]]:
    return spine.mask, LEVELS


def without_one(spine: Spine, random: np.random.Generator) -> tuple[Mask, tuple[str, ...]]:
    missed = str(random.choice(LEVELS))
    mask = spine.mask
    mask[spine.label_map == IDS[missed]] = 0
    return mask, tuple(level for level in LEVELS if level != missed)


def with_two_joined(spine: Spine, random: np.random.Generator) -> tuple[Mask, tuple[str, ...]]:
    upper, lower = list(pairwise(body.mean(axis=0) for body in spine.bodies))[int(random.integers(4))]
    along = (lower - upper) / np.linalg.norm(lower - upper)
    across = np.array([-along[1], along[0]]) * spine.depth
    half, offset = random.uniform(0.03, 0.2), random.uniform(-0.3, 0.3)
    sides = across * (offset - half), across * (offset + half)
    x, y = np.array([upper + sides[0], upper + sides[1], lower + sides[1], lower + sides[0]]).T
    mask = spine.mask
    bridge = np.zeros(mask.shape, dtype=bool)
    bridge[draw.polygon(y, x, mask.shape)] = True
    mask[bridge & (mask == 0)] = 1
    return mask, LEVELS


def with_the_promontory_called_vertebra(spine: Spine, random: np.random.Generator) -> tuple[Mask, tuple[str, ...]]:
    front = max(spine.s1[:2], key=lambda point: float(np.linalg.norm(point - spine.s1[2])))
    piece = np.zeros(spine.label_map.shape, dtype=bool)
    piece[draw.disk(front[::-1], random.uniform(0.1, 0.4) * spine.depth, shape=piece.shape)] = True
    mask = spine.mask
    mask[piece & (mask == 2)] = 1
    return mask, LEVELS


def with_a_piece_beside_the_sacrum(spine: Spine, random: np.random.Generator) -> tuple[Mask, tuple[str, ...]]:
    rows, columns = np.nonzero(spine.label_map == IDS["sacrum"])
    i = int(random.integers(rows.size // 3, rows.size))
    offset = random.uniform(-0.8, 0.8, 2) * spine.depth
    piece = np.zeros(spine.label_map.shape, dtype=bool)
    at = (rows[i] + abs(offset[0]), columns[i] + offset[1])
    piece[draw.disk(at, random.uniform(0.1, 0.35) * spine.depth, shape=piece.shape)] = True
    mask = spine.mask
    mask[piece & (mask == 0)] = 1
    return mask, LEVELS


@pytest.mark.parametrize(
    ("change", "lost", "shifted"),
    [
        (whole, 0.0, 0),
        (without_one, 0.08, 0),
        (with_two_joined, 0.02, 0),
        # One spine in flexion whose S1 front is as large as a body.
        (with_the_promontory_called_vertebra, 0.02, 1),
        (with_a_piece_beside_the_sacrum, 0.02, 0),
    ],
)
def test_hardly_a_name_is_wrong_or_lost(
    spines: list[Spine],
    change: Callable[[Spine, np.random.Generator], tuple[Mask, tuple[str, ...]]],
    lost: float,
    shifted: int,
) -> None:
    random = np.random.default_rng(3)
    missing, known = 0, 0
    wrong = []
    for spine in spines:
        mask, levels = change(spine, random)
        bodies = measure_mask(mask).landmarks
        if wrong_names(bodies, spine.label_map) or not set(bodies.bodies) <= set(levels):
            wrong.append(spine.name)
            continue
        missing += len(set(levels) - set(bodies.bodies))
        known += len(levels)
    assert len(wrong) <= shifted, wrong
    assert missing <= lost * known


def test_the_other_way_round_nothing_changes(spines: list[Spine]) -> None:
    for spine in spines[:12]:
        here, mirrored = measure_mask(spine.mask), measure_mask(np.ascontiguousarray(spine.mask[:, ::-1]))
        assert list(mirrored.landmarks.bodies) == list(here.landmarks.bodies)
        assert {here.landmarks.anterior, mirrored.landmarks.anterior} == {"left", "right"}


def test_a_film_upside_down_is_refused(spines: list[Spine]) -> None:
    for spine in spines[:6]:
        measured = measure_mask(np.ascontiguousarray(spine.mask[::-1, ::-1]))
        assert measured.landmarks.bodies == {}
        assert measured.quality.reasons[0] == "the film is upside down: the sacrum lies above the vertebral bodies"
