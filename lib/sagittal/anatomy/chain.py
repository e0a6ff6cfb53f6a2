"""The chain of vertebral bodies: which pieces of the mask belong to it, in their order from the sacrum upwards."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from sagittal.anatomy.blobs import Blob, Labels, typical_area, with_spans
from sagittal.anatomy.grid import Points
from sagittal.anatomy.quality import Note

# Of the typical body's area, and of its size for the short axis; a crushed or half-visible body has more.
SPECK_AREA, THINNEST = 0.2, 0.45
# What is left out beside the chain and is larger than this, in typical areas, is told to the user.
WORTH_TELLING = 0.5
MOST_PIECES = 24
MOST_MISSED = 3
# In costs (half squared standard deviations): what a whole body is worth, and what it costs to suppose one missed.
WORTH, MISSED = 6.0, 4.0
STEEPEST_TURN = math.radians(75)
# The chain's first piece stands on the sacrum's cranial end: the end's height and what a size further down costs.
S1_HEIGHT, BELOW_S1 = 1.3, 4.0
FIRST_TURN = 2.0


@dataclass(frozen=True)
class Link:
    """From a body, or from the sacrum, to the next body of the chain.

    `spacing` is the distance of centres (from the sacrum: of the centre to the nearest point) plus that of the rims,
    both to the nearest body of a piece that spans several, in sizes. `shortened` says that the film's edge did it.
    """

    spacing: float
    shortened: bool = False


@dataclass(frozen=True)
class Chain:
    """Bodies from the sacrum upwards. `labels` is (i, j) over the working grid; `directions` point cranially.

    `links` are from what lies below to each body, the first from the sacrum; a label map, which needs none, has none.
    """

    labels: Labels
    blobs: tuple[Blob, ...]
    directions: tuple[Points, ...]
    links: tuple[Link, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def heights(self) -> Points:
        return np.array([b.extent(d) for b, d in zip(self.blobs, self.directions)])

    @property
    def depths(self) -> Points:
        return np.array([b.extent(across(d)) for b, d in zip(self.blobs, self.directions)])


def order_chain(labels: Labels, blobs: Sequence[Blob], sacrum_rim: Points, priors: Mapping[str, float]) -> Chain:
    """Choose the pieces that follow each other from the sacrum upwards as bodies do, by their sizes and spacings.

    Of all chains the one of least cost: each body is worth something, an unusual size, spacing or turn costs, and so
    does each body that must be supposed missed where two stand too far apart.

    Args:
        labels: (i, j) over the working grid, 0 = none.
        blobs: the labelled pieces.
        sacrum_rim: (N, 2) points of the sacrum's rim.
        priors: the definitions' `spacing`.
    """
    if not blobs:
        return Chain(labels, (), ())
    typical = typical_area(blobs)
    candidates = [b for b in with_spans(blobs, typical) if _may_be_body(b, typical)]
    candidates = sorted(candidates, key=lambda b: -b.area)[:MOST_PIECES]
    if not candidates:
        return Chain(labels, (), ())
    search = _Search(candidates, sacrum_rim, typical, priors)
    chosen, links = search.best()
    chain = [search.blobs[i] for i in chosen]
    chain_labels = {blob.label for blob in chain}
    left_out = [b for b in blobs if b.label not in chain_labels]
    aside = sum(b.area > WORTH_TELLING * typical and not b.at_edge for b in left_out)
    notes = []
    if len(left_out) > aside:
        notes.append(Note(f"specks of vertebra left out: {len(left_out) - aside}", "remark"))
    if aside:
        notes.append(Note(f"pieces of vertebra off the chain of bodies left out: {aside}"))
    foot = search.feet[chosen[0]]
    directions = chain_directions([b.center for b in chain], foot)
    return Chain(labels, tuple(chain), directions, tuple(links), tuple(notes))


def missed_between(
    spacing: float, usual: float, spread: float, priors: Mapping[str, float], *, step: float
) -> list[tuple[float, float]]:
    """How a spacing fits to none, one, two .. bodies missed in between: (deviations, deviation's width in sizes) each.

    `usual` is the spacing with none missed, `spread` its standard deviation, `step` what a body more adds.
    """
    widths = [spread * (1 + k * priors["spread_per_missed"]) for k in range(MOST_MISSED + 1)]
    return [((spacing - usual - k * step) / width, width) for k, width in enumerate(widths)]


def chain_directions(centers: Sequence[Points], foot: Points | None) -> tuple[Points, ...]:
    """The unit tangent of the chain at each centre, pointing cranially; at its ends it is extrapolated.

    `foot` is where the chain stands on the sacrum; it serves a chain of one body.
    """
    if len(centers) == 1:
        return (unit(centers[0] - foot) if foot is not None else np.array([0.0, -1.0]),)
    steps = [unit(b - a) for a, b in zip(centers, centers[1:])]
    inner = [unit(a + b) for a, b in zip(steps, steps[1:])]
    if not inner:
        return (steps[0], steps[0]) if steps else ()
    return (unit(2 * steps[0] - inner[0]), *inner, unit(2 * steps[-1] - inner[-1]))


def across(direction: Points) -> Points:
    """The unit direction to the right of a cranial one."""
    return np.array([-direction[1], direction[0]])


def unit(vector: Points) -> Points:
    length = float(np.linalg.norm(vector))
    return vector / length if length > 0 else np.array([0.0, -1.0])


def _may_be_body(blob: Blob, typical: float) -> bool:
    short, _, _ = blob.axes()
    return blob.area >= SPECK_AREA * typical and (blob.at_edge or short >= THINNEST * math.sqrt(typical))


class _Search:
    """The cheapest chain by dynamic programming over pairs of neighbours, from the sacrum upwards."""

    def __init__(self, blobs: Sequence[Blob], sacrum_rim: Points, typical: float, priors: Mapping[str, float]) -> None:
        self._priors = priors
        self._typical = math.sqrt(typical)
        middle = np.average([b.center for b in blobs], axis=0, weights=[b.area for b in blobs])
        upwards = unit(middle - sacrum_rim.mean(axis=0))
        # A link leads upwards, so that in this order all below a body comes before it.
        self.blobs = sorted(blobs, key=lambda b: float(b.center @ upwards))
        centers = np.array([b.center for b in self.blobs])
        self._heights = centers @ upwards
        self._offsets = centers[None] - centers[:, None]
        self._distances = np.linalg.norm(self._offsets, axis=2)
        self._sizes = np.array([b.size for b in self.blobs]).clip(0.8 * self._typical, 1.25 * self._typical)
        nearest = cdist(centers, sacrum_rim)
        self.feet = [sacrum_rim[i] for i in nearest.argmin(axis=1)]
        self._to_sacrum = nearest.min(axis=1)
        self._sacrum_rim = sacrum_rim
        self._s1_top = float((sacrum_rim @ upwards).max())
        self._upwards = upwards

    def best(self) -> tuple[list[int], list[Link]]:
        """Indices of the bodies from the sacrum upwards, and the links below each."""
        count = len(self.blobs)
        worth = [self._body(i) for i in range(count)]
        starts = [self._first_link(i) for i in range(count)]
        first = [self._start_cost(i, starts[i]) + worth[i] for i in range(count)]
        links = {(i, j): link for i in range(count) for j in range(i + 1, count) if (link := self._link(i, j))}
        cost: dict[tuple[int, int], float] = {}
        before: dict[tuple[int, int], int | None] = {}
        for i, j in sorted(links, key=lambda pair: pair[1]):
            step = self._neighbours_cost(links[i, j])
            options: list[tuple[float, int | None]] = [
                (first[i] + self._turn(self.blobs[i].center - self.feet[i], self._offsets[i, j], FIRST_TURN), None)
            ]
            options += [
                (cost[h, i] + self._turn(self._offsets[h, i], self._offsets[i, j]), h)
                for h in range(i)
                if (h, i) in cost
            ]
            cheapest, previous = min(options, key=lambda option: option[0])
            cost[i, j], before[i, j] = cheapest + step + worth[j], previous
        alone = min(range(count), key=lambda i: first[i])
        if not cost or first[alone] <= min(cost.values()):
            return [alone], [starts[alone]]
        pair: tuple[int, int] | None = min(cost, key=lambda key: cost[key])
        chosen, found = [pair[1]] if pair else [], []
        while pair is not None:
            i, h = pair[0], before[pair]
            chosen.append(i)
            found.append(links[pair])
            pair = None if h is None else (h, i)
        return chosen[::-1], [starts[chosen[-1]], *found[::-1]]

    def _body(self, i: int) -> float:
        """What a body costs by its size, less what it is worth."""
        blob = self.blobs[i]
        off = math.log(blob.size / self._typical) / self._priors["size_spread"]
        if blob.at_edge:
            off = max(off, 0.0)
        return _robust(off) - WORTH * blob.span * min(1.0, (blob.size / self._typical) ** 2)

    def _first_link(self, i: int) -> Link:
        blob = self.blobs[i]
        rims = math.sqrt(float(cdist(blob.rim, self._sacrum_rim, "sqeuclidean").min()))
        beyond = (blob.span - 1) / 2 * self._priors["pitch"]
        return Link(float(self._to_sacrum[i] + rims) / float(self._sizes[i]) - beyond, blob.at_edge)

    def _start_cost(self, i: int, link: Link) -> float:
        below = (self._s1_top - float(self.feet[i] @ self._upwards)) / self._typical - S1_HEIGHT
        priors = self._priors
        cost = self._link_cost(link, priors["sacrum"], priors["sacrum_spread"], priors["sacrum_step"])
        return cost + BELOW_S1 * max(below, 0.0)

    def _link(self, i: int, j: int) -> Link | None:
        """From one piece to one above it; None where these cannot be neighbours."""
        lower, upper = self.blobs[i], self.blobs[j]
        beyond = (lower.span + upper.span - 2) / 2 * self._priors["pitch"]
        size = float(self._sizes[i] + self._sizes[j]) / 2
        pitch = float(self._distances[i, j]) / size - beyond
        if pitch > (MOST_MISSED + 1.5) * self._priors["pitch"] or self._heights[j] <= self._heights[i]:
            return None
        rims = math.sqrt(float(cdist(lower.rim, upper.rim, "sqeuclidean").min())) / size
        return Link(pitch + rims, lower.at_edge or upper.at_edge)

    def _neighbours_cost(self, link: Link) -> float:
        priors = self._priors
        return self._link_cost(link, priors["neighbours"], priors["neighbours_spread"], 2 * priors["pitch"])

    def _link_cost(self, link: Link, usual: float, spread: float, step: float) -> float:
        if link.shortened and link.spacing < usual:
            return 0.0
        unusual = missed_between(link.spacing, usual, spread, self._priors, step=step)
        return min(_robust(off) + MISSED * missed for missed, (off, _) in enumerate(unusual))

    def _turn(self, before: Points, after: Points, tolerance: float = 1.0) -> float:
        cross = float(before[0] * after[1] - before[1] * after[0])
        turn = abs(math.atan2(cross, float(before @ after)))
        if tolerance == 1.0 and turn > STEEPEST_TURN:
            return math.inf
        return _robust(math.degrees(turn) / (self._priors["turn_spread"] * tolerance))


def _robust(deviations: float) -> float:
    """Half the squared deviations near zero, growing ever more slowly far from it."""
    return 2 * math.log1p(deviations**2 / 4)
