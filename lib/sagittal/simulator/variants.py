"""What is unusual in a spine: its number of bodies, transitions, fused levels, fractures, slips, scoliosis, spurs.

Bodies are named by the project's rule, the five next to the sacrum L5 to L1, however many bear no ribs. A body that is
part of the sacrum (a sacralised L5) is no body; one that a rudimentary disc sets apart from it (a lumbarised S1) is L5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from sagittal.simulator.config import VariantsConfig
from sagittal.simulator.sampling import uniform

Points = npt.NDArray[np.float64]
Fracture = Literal["wedge", "biconcave", "crush"]
# The corners of a body, in the order of its spurs.
CORNERS = ("superior_anterior", "superior_posterior", "inferior_anterior", "inferior_posterior")
USUAL_BODIES = 5


@dataclass(frozen=True)
class Disc:
    """What is left of a disc: shares of its usual height and angle, and of the usual depth of the plates beside it."""

    height: float
    angle: float
    plate: float = 1.0


@dataclass(frozen=True)
class Curve:
    """A scoliosis: how far the two rims of the body at the apex (in levels above L5) are turned and tilted apart, in
    body depths, and how many levels half a wave of it spans."""

    apex: float
    turn: float
    tilt: float
    span: float

    def offset(self, level: int) -> Points:
        """Offset (2,) of the far rim to the near rim in body depths: turned most, tilted least at the apex."""
        phase = np.pi * (level - self.apex) / self.span
        return np.array([self.turn * np.cos(phase), self.tilt * np.sin(phase)]) * np.exp(-((phase / np.pi) ** 2))


@dataclass(frozen=True)
class Spur:
    """An osteophyte: the corner that bears it, its length and thickness in body depths, its bend towards the disc."""

    corner: str
    length: float
    thickness: float
    bend: float


@dataclass(frozen=True)
class Variants:
    """`free_bodies` is how many lie below the ribs; `discs` those that are not as usual, by the body above them;
    `bending` by how many degrees each lumbar disc is opened to the front (extension) or closed (flexion, negative).

    `fractures` and `cemented` say how a body breaks and whether it is filled, should it be fractured.
    """

    free_bodies: int = USUAL_BODIES
    transition: Literal["sacralised", "lumbarised"] | None = None
    sacrum_length: float = 1.0
    discs: Mapping[str, Disc] = field(default_factory=dict)
    fused: tuple[str, ...] = ()
    fractures: Mapping[str, Fracture] = field(default_factory=dict)
    cemented: frozenset[str] = frozenset()
    retrolisthesis: bool = False
    curve: Curve | None = None
    spurs: Mapping[str, tuple[Spur, ...]] = field(default_factory=dict)
    bending: float = 0.0

    def disc(self, name: str) -> Disc:
        """The disc below a body."""
        return self.discs.get(name, Disc(1.0, 1.0))

    def names(self) -> tuple[str, ...]:
        """Words for all that concerns the whole spine."""
        told = [
            f"{self.free_bodies} lumbar bodies" if self.free_bodies != USUAL_BODIES else "",
            self.transition or "",
            "block vertebra" if self.fused else "",
            "retrolisthesis" if self.retrolisthesis else "",
            "scoliosis" if self.curve else "",
            "flexion" if self.bending < 0 else "",
            "extension" if self.bending > 0 else "",
        ]
        return tuple(word for word in told if word)


def sample_variants(config: VariantsConfig, names: Sequence[str], rng: np.random.Generator) -> Variants:
    """Draw what is unusual in a spine whose bodies are `names`, from the sacrum upwards."""
    free, transition = _number(config, rng)
    discs: dict[str, Disc] = {}
    if transition == "lumbarised":
        discs[names[0]] = Disc(rng.uniform(0.25, 0.55), rng.uniform(0.1, 0.4))
    fused = _fused(config, names, rng)
    discs |= {name: Disc(rng.uniform(0.05, 0.2), rng.uniform(0.0, 0.15), rng.uniform(0.88, 0.97)) for name in fused}
    longer = {"sacralised": (1.1, 1.22), "lumbarised": (0.8, 0.92)}
    return Variants(
        free_bodies=free,
        transition=transition,
        sacrum_length=uniform(rng, longer[transition]) if transition else 1.0,
        discs=discs,
        fused=fused,
        fractures={name: _fracture(config, rng) for name in names},
        cemented=frozenset(name for name in names if rng.random() < config.cement_share),
        retrolisthesis=rng.random() < config.retrolisthesis_share,
        curve=_curve(config, rng) if rng.random() < config.scoliosis_probability else None,
        spurs=_spurs(config, names, rng),
        # Last: it came last, and no draw of the films that were frozen before may move.
        bending=uniform(rng, config.bending) if rng.random() < config.bending_probability else 0.0,
    )


def _number(config: VariantsConfig, rng: np.random.Generator) -> tuple[int, Literal["sacralised", "lumbarised"] | None]:
    draw, transitional = rng.random(), rng.random() < config.transition_share
    if draw < config.four_bodies_probability:
        return 4, "sacralised" if transitional else None
    if draw < config.four_bodies_probability + config.six_bodies_probability:
        return 6, "lumbarised" if transitional else None
    return USUAL_BODIES, None


def _fused(config: VariantsConfig, names: Sequence[str], rng: np.random.Generator) -> tuple[str, ...]:
    """The upper bodies of one block vertebra, of two bodies or now and then three; L5 is not fused to the sacrum."""
    drawn, first, third = rng.random(), int(rng.integers(1, 6)), rng.random() < 0.15
    if drawn >= config.block_probability:
        return ()
    return tuple(names[first : first + (2 if third else 1)])


def _fracture(config: VariantsConfig, rng: np.random.Generator) -> Fracture:
    draw = rng.random()
    if draw < config.biconcave_share:
        return "biconcave"
    return "crush" if draw < config.biconcave_share + config.crush_share else "wedge"


def _curve(config: VariantsConfig, rng: np.random.Generator) -> Curve:
    sign = rng.choice([-1.0, 1.0])
    return Curve(
        apex=rng.uniform(0.5, 6.0),
        turn=sign * uniform(rng, config.scoliosis_turn),
        tilt=sign * uniform(rng, config.scoliosis_tilt),
        span=rng.uniform(4.0, 8.0),
    )


def _spurs(config: VariantsConfig, names: Sequence[str], rng: np.random.Generator) -> dict[str, tuple[Spur, ...]]:
    """Spurs come together: some spines have many and large ones, most have few."""
    amount = rng.exponential(1.0)
    found = {}
    for name in names:
        chances = rng.random(len(CORNERS)) < config.spur_probability * amount
        found[name] = tuple(
            Spur(corner, uniform(rng, config.spur_length) * min(amount, 1.5), rng.uniform(0.04, 0.1), rng.uniform(0, 1))
            for corner, borne in zip(CORNERS, chances, strict=True)
            if borne
        )
    return found
