"""Damages an exact class mask as networks damage theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt
from skimage.draw import disk, polygon

from sagittal.anatomy.definitions import default_definitions
from sagittal.anatomy.landmarks import Point
from sagittal.simulator.damage_config import Blemishes, Chance, DamageConfig
from sagittal.simulator.film import SimulatedTruth
from sagittal.simulator.sampling import uniform

Mask = npt.NDArray[np.uint8]

VERTEBRA, SACRUM, HEAD_1, HEAD_2 = 1, 2, 3, 4
LUMBAR = ("L5", "L4", "L3", "L2", "L1")


@dataclass(frozen=True, eq=False)
class DamagedMask:
    """A class mask (rows, columns) uint8, how severe its damage was meant to be (0..1), what was done to it.

    `knowable` are the levels of the truth's landmarks whose bodies are still in the mask: only these may be named, and
    those that were taken out leave a gap.
    """

    mask: Mask
    severity: float
    damages: tuple[str, ...]
    knowable: tuple[str, ...]


def damage(truth: SimulatedTruth, config: DamageConfig, seed: int) -> DamagedMask:
    """Damage the mask of a film; the same configuration and seed do the same damage.

    Every mask gets a network's stairs and ragged edges; beyond that each kind of damage comes with its own chance.
    """
    return _Damaging(truth, config, np.random.default_rng([seed, truth.seed])).run()


class _Damaging:
    """The mask of one film while it is damaged; `depth` is that of L3 in pixels."""

    def __init__(self, truth: SimulatedTruth, config: DamageConfig, rng: np.random.Generator) -> None:
        plate = truth.landmarks.bodies["L3"].superior
        self.truth, self.config, self.rng = truth, config, rng
        self.depth = float(np.hypot(*np.subtract(plate.anterior, plate.posterior)))
        self.severity = float(rng.random())
        self.mask = self._ragged(truth.class_mask)
        self.removed: list[str] = []

    def run(self) -> DamagedMask:
        kinds: tuple[tuple[Chance, Callable[[], str]], ...] = (
            (self.config.missing_body, self._missing_body),
            (self.config.holes, self._holes),
            (self.config.bridge, self._bridges),
            (self.config.promontory, self._promontory),
            (self.config.corner_of_l5, self._corner_of_l5),
            (self.config.cut_heads, self._cut_heads),
            (self.config.head_in_pieces, self._head_in_pieces),
            (self.config.specks, self._specks),
            (self.config.rod, self._rod),
        )
        done = ["ragged", *(apply() for chance, apply in kinds if self._happens(chance))]
        knowable = tuple(name for name in self.truth.landmarks.bodies if name not in self.removed)
        return DamagedMask(self.mask, self.severity, tuple(done), knowable)

    def _happens(self, chance: Chance) -> bool:
        mean = chance.with_metal if self.truth.instrumented else chance.probability
        return bool(self.rng.random() < 2 * self.severity * mean)

    def _count(self, blemishes: Blemishes) -> int:
        return int(self.rng.integers(blemishes.count[0], blemishes.count[1] + 1))

    def _radius(self, blemishes: Blemishes) -> float:
        """In pixels."""
        return self.depth * uniform(self.rng, blemishes.radius)

    def _ragged(self, mask: Mask) -> Mask:
        """Edges that wander, drawn on a network's coarse grid."""
        rows, columns = mask.shape
        coarse = max(1.0, max(rows, columns) / uniform(self.rng, self.config.network_rows))
        small = (max(1, round(rows / coarse)), max(1, round(columns / coarse)))
        grain = self.depth * uniform(self.rng, self.config.edge_grain) / coarse
        low, high = self.config.edge_wander
        reach = self.depth * (low + (high - low) * self.severity) / coarse
        y, x = np.mgrid[0 : small[0], 0 : small[1]].astype(np.float32)
        shifts = []
        for _ in range(2):
            noise = self.rng.standard_normal(small).astype(np.float32)
            smooth = cv2.GaussianBlur(noise, (0, 0), max(grain, 0.5))
            shifts.append(smooth / max(float(smooth.std()), 1e-6) * reach)
        source_x = np.clip((x + shifts[0] + 0.5) * columns / small[1] - 0.5, 0, columns - 1)
        source_y = np.clip((y + shifts[1] + 0.5) * rows / small[0] - 0.5, 0, rows - 1)
        drawn = mask[np.rint(source_y).astype(int), np.rint(source_x).astype(int)]
        return np.asarray(cv2.resize(drawn, (columns, rows), interpolation=cv2.INTER_NEAREST_EXACT))

    def _missing_body(self) -> str:
        """A body that the network missed."""
        levels = self.config.missed_levels
        name = str(self.rng.choice(list(levels), p=list(levels.values())))
        self.removed.append(name)
        structure = default_definitions().structures[name].id
        own = self.truth.label_map == structure
        size = 2 * max(2, round(0.06 * self.depth)) + 1
        around = cv2.dilate(own.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
        others = ~own & (self.truth.label_map != 0)
        self.mask[(around > 0) & ~others & (self.mask == VERTEBRA)] = 0
        return f"missing {name}"

    def _holes(self) -> str:
        foreground = np.argwhere(self.mask > 0)
        for _ in range(self._count(self.config.holes)):
            y, x = foreground[int(self.rng.integers(len(foreground)))]
            self.mask[disk((y, x), self._radius(self.config.holes), shape=self.mask.shape)] = 0
        return "holes"

    def _bridges(self) -> str:
        """Neighbours joined through their disc, or L5 joined with the sacrum."""
        joined = []
        discs = [(above, below) for below, above in pairwise(LUMBAR) if not {above, below} & set(self.removed)]
        for _ in range(self._count(self.config.bridge)):
            to_sacrum = self.rng.random() < self.config.bridge_to_sacrum and "L5" not in self.removed
            above, below = ("L5", "S1") if to_sacrum else discs[int(self.rng.integers(len(discs)))]
            self._bridge(above, below)
            joined.append(f"{above}-{below}")
        return f"bridge {' '.join(joined)}"

    def _bridge(self, above: str, below: str) -> None:
        landmarks = self.truth.landmarks
        upper = landmarks.bodies[above].inferior
        lower = landmarks.s1 if below == "S1" else landmarks.bodies[below].superior
        assert lower is not None
        part = self.rng.uniform(0.15, 0.85)
        start, end = (np.array(p.anterior) * (1 - part) + np.array(p.posterior) * part for p in (upper, lower))
        along = (end - start) / max(float(np.linalg.norm(end - start)), 1e-6)
        across = np.array([-along[1], along[0]]) * self._radius(self.config.bridge)
        start, end = start - along * 0.06 * self.depth, end + along * 0.06 * self.depth
        outline = np.array([start - across, start + across, end + across, end - across])
        rows, columns = polygon(outline[:, 1], outline[:, 0], shape=self.mask.shape)
        free = self.mask[rows, columns] == 0
        self.mask[rows[free], columns[free]] = VERTEBRA

    def _promontory(self) -> str:
        """The front corner of S1 called vertebra."""
        s1 = self.truth.landmarks.s1
        assert s1 is not None
        self._confuse(s1.anterior, SACRUM, VERTEBRA, self._radius(self.config.promontory))
        return "promontory called vertebra"

    def _corner_of_l5(self) -> str:
        """A lower corner of L5 called sacrum."""
        body = self.truth.landmarks.bodies["L5"]
        corner = body.inferior_anterior if self.rng.random() < 0.5 else body.inferior_posterior
        self._confuse(corner, VERTEBRA, SACRUM, self._radius(self.config.corner_of_l5))
        return "corner of L5 called sacrum"

    def _confuse(self, around: Point, own: int, other: int, radius: float) -> None:
        rows, columns = disk(around[::-1], radius, shape=self.mask.shape)
        inside = self.mask[rows, columns] == own
        self.mask[rows[inside], columns[inside]] = other

    def _specks(self) -> str:
        """Spurious blobs of any class anywhere."""
        height, width = self.mask.shape
        for _ in range(self._count(self.config.specks)):
            at = (self.rng.uniform(0, height), self.rng.uniform(0, width))
            rows, columns = disk(at, self._radius(self.config.specks), shape=self.mask.shape)
            free = self.mask[rows, columns] == 0
            self.mask[rows[free], columns[free]] = int(self.rng.choice([VERTEBRA, SACRUM, HEAD_1, HEAD_2]))
        return "specks"

    def _rod(self) -> str:
        """A rod's shadow behind two or three bodies: it may touch them."""
        first = int(self.rng.integers(0, 3))
        lower, upper = LUMBAR[first], LUMBAR[min(4, first + int(self.rng.integers(1, 3)))]
        bodies = self.truth.landmarks.bodies
        behind = self.rng.uniform(0.03, 0.35) * self.depth * (1 if self.truth.landmarks.anterior == "left" else -1)
        ends = np.array([bodies[lower].inferior_posterior, bodies[upper].superior_posterior]) + np.array([behind, 0])
        rod = np.zeros(self.mask.shape, np.uint8)
        start, end = np.rint(ends).astype(int).tolist()
        cv2.line(rod, start, end, 1, max(1, round(2 * self._radius(self.config.rod))))
        wrong = int(self.rng.choice([VERTEBRA, SACRUM]))
        self.mask[(rod > 0) & (self.mask == 0)] = wrong
        return f"rod called {'vertebra' if wrong == VERTEBRA else 'sacrum'}"

    def _cut_heads(self) -> str:
        """The lower part of both heads not seen."""
        heads = self.truth.landmarks.femoral_heads
        if heads:
            row = round(heads[0].center[1] + self.rng.uniform(-0.2, 0.8) * heads[0].radius)
            below = self.mask[max(0, row) :]
            below[(below == HEAD_1) | (below == HEAD_2)] = 0
        return "cut heads"

    def _head_in_pieces(self) -> str:
        """A head cleft by straight gaps."""
        heads = self.truth.landmarks.femoral_heads
        for _ in range(self._count(self.config.head_in_pieces) if heads else 0):
            head = heads[int(self.rng.integers(len(heads)))]
            angle = self.rng.uniform(0, np.pi)
            normal = np.array([np.cos(angle), np.sin(angle)])
            offset = self.rng.uniform(-0.6, 0.6) * head.radius
            rows, columns = disk(head.center[::-1], 1.1 * head.radius, shape=self.mask.shape)
            aside = (columns - head.center[0]) * normal[0] + (rows - head.center[1]) * normal[1] - offset
            gap = (np.abs(aside) < self._radius(self.config.head_in_pieces)) & (self.mask[rows, columns] >= HEAD_1)
            self.mask[rows[gap], columns[gap]] = 0
        return "head in pieces"
